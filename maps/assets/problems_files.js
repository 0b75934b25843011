/* The list as a spreadsheet and as map data, for whoever drew or filled in the file. */
(function (gridwalk) {
  "use strict";

  const HEADS = ["number", "theme", "kind", "severity", "file", "table", "of", "ids", "column", "lon", "lat", "near", "what", "do", "id"];

  /** What the saved file is called: the workspace, the file that it is about, the day. */
  function fileName(app, ending) {
    const { file } = app.state.now;
    const one = file ? app.problems.all.find((row) => row.file === file) : null;
    const about = one ? [app.problems.text(one, "file").replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 60)] : [];
    return [app.page.workspace, "problems", ...about, app.page.as_of].join("-") + "." + ending;
  }

  function cells(app, one) {
    const { problems, words, page } = app;
    const { layer, row } = one;
    const degree = (name) => (layer.get(row, name) ? Number(layer.get(row, name)) : "");
    const text = (name) => problems.text(one, name);
    return {
      number: one.line,
      theme: words.title(page.themes.find((theme) => theme.id === one.theme).title),
      kind: text("sort"),
      severity: text("severity"),
      file: text("file"),
      table: text("table"),
      of: problems.ids(one) ? problems.whose(one) || text("table") : "",
      ids: layer.get(row, "ids"),
      column: problems.column(one),
      lon: degree("lon"),
      lat: degree("lat"),
      near: problems.plain(one, "near"),
      what: text("problem"),
      do: text("remedy"),
      id: layer.id + ":" + layer.key(row),
    };
  }

  gridwalk.problemsCsv = function (app, rows) {
    const titles = HEADS.map((name) => app.words.say("problems.head_" + name));
    const lines = rows.map((one) => cells(app, one)).map((made) => HEADS.map((name) => made[name]));
    gridwalk.downloadTable(fileName(app, "csv"), titles, lines);
  };

  /** The shape; a marker among stretches is a point. */
  function geometry(one) {
    const shape = one.layer.there(one.row) ? one.layer.shape(one.row) : null;
    const single = shape && gridwalk.kindOf(shape) === "line" && shape.every((path) => path.length === 1);
    return gridwalk.geometryOf(single ? shape.map((path) => path[0]) : shape);
  }

  gridwalk.problemsGeojson = function (app, rows) {
    const features = rows.map((one) => {
      const { id, lon, lat, ...properties } = cells(app, one);
      return { type: "Feature", id, geometry: geometry(one), properties: { ...properties, severity: one.layer.get(one.row, "severity") } };
    });
    const { title, as_of, version, attribution } = app.page;
    const whole = { type: "FeatureCollection", title, as_of, version, attribution, features };
    gridwalk.download(fileName(app, "geojson"), "application/geo+json", JSON.stringify(whole));
  };
})((window.gridwalk = window.gridwalk || {}));
