/* GeoJSON of what is shown, from the shapes that the page holds (RFC 7946); nothing is asked of a server. */
(function (gridwalk) {
  "use strict";

  const { el } = gridwalk;
  const DIGITS = 6; // of a degree: a tenth of a metre

  const spot = ([lat, lon]) => [Number(lon.toFixed(DIGITS)), Number(lat.toFixed(DIGITS))];

  /** Twice the area of a ring, positive where it turns left. */
  function turn(ring) {
    let sum = 0;
    for (let at = 1; at < ring.length; at++) sum += (ring[at][0] - ring[at - 1][0]) * (ring[at][1] + ring[at - 1][1]);
    return -sum;
  }

  /** A ring that ends where it begins: what lies around it turns left, what lies in it right. */
  function ring(points, outer) {
    const made = points.map(spot);
    const [first, last] = [made[0], made[made.length - 1]];
    if (first[0] !== last[0] || first[1] !== last[1]) made.push([...first]);
    return turn(made) > 0 === outer ? made : made.reverse();
  }

  const several = (kind, parts) => (parts.length === 1 ? { type: kind, coordinates: parts[0] } : { type: "Multi" + kind, coordinates: parts });

  /** Geometry of a shape as the page draws it; null where there is none. */
  function geometry(shape) {
    if (!shape || !shape.length) return null;
    const kind = gridwalk.kindOf(shape);
    if (kind === "point") return several("Point", shape.map(spot));
    if (kind === "line") return several("LineString", shape.filter((path) => path.length > 1).map((path) => path.map(spot)));
    return several("Polygon", shape.map((rings) => rings.map((points, at) => ring(points, at === 0))));
  }

  gridwalk.geometryOf = geometry;

  function plain(value) {
    return value === undefined || (typeof value === "number" && !Number.isFinite(value)) ? null : value;
  }

  /** Rows as features: their ids, the named fields as they are called in the data, their shapes. */
  gridwalk.features = function (app, layer, names, rows) {
    const { page } = app;
    const properties = (row) => Object.fromEntries(names.map((name) => [name, plain(layer.get(row, name))]));
    return {
      type: "FeatureCollection",
      title: page.title,
      layer: layer.id,
      as_of: page.as_of,
      version: page.version,
      attribution: page.attribution,
      features: rows.map((row) => ({ type: "Feature", id: layer.key(row), geometry: geometry(layer.shape(row)), properties: properties(row) })),
    };
  };

  /** The way to the shapes of rows: made from the page, or, of a layer too large for it, the server's file; null where there is none. */
  gridwalk.shapesOf = function (app, layer, names, rows) {
    const { page, words } = app;
    if (layer.large) return page.home ? el("a.small", { href: page.home + "files/layers/" + layer.id + ".geojson", download: true, text: words.say("list.server") }) : null;
    if (!rows.some((row) => layer.shape_of[row] >= 0)) return null;
    const save = () => gridwalk.download(gridwalk.fileOf(app, layer, "geojson"), "application/geo+json", JSON.stringify(gridwalk.features(app, layer, names, rows)));
    return el("button.small", { type: "button", "data-save": "geojson", text: words.say("list.geojson"), onclick: save });
  };

  /** What a file is called: where, what, when. */
  gridwalk.fileOf = (app, layer, ending) => [app.page.workspace, layer.id, app.page.as_of].join("-") + "." + ending;
})((window.gridwalk = window.gridwalk || {}));
