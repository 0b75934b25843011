/* The board of data problems: what is wired to what. */
(function (gridwalk) {
  "use strict";

  const { byId, el, fill } = gridwalk;
  const WRITTEN = new Set(["names", "numbers"]); // toggles that write on the map instead of drawing

  gridwalk.problems = function (map, page) {
    const defaults = { lang: "zh", theme: "all", file: "", kind: "", hide: [], off: [], pick: "", at: "" };
    const app = gridwalk.app(map, page, defaults, valid);
    const problems = (app.problems = gridwalk.problemRows(app));
    const drawn = gridwalk.problemMap(app);
    const list = gridwalk.problemList(app);
    const overlays = new Map();

    function valid(given) {
      const kept = { ...given };
      if (!["zh", "en"].includes(kept.lang)) delete kept.lang;
      if (kept.theme && !page.themes.some((one) => one.id === kept.theme)) delete kept.theme;
      for (const key of Object.keys(kept)) if (!(key in defaults)) delete kept[key];
      return kept;
    }

    map.getContainer().dataset.theme = "problems";
    app.theme = (id) => app.state.set({ theme: id, kind: "" });
    app.fits = () => true;
    app.isOn = (toggle) => toggle.on !== app.state.now.off.includes(toggle.id);
    app.flip = function (id) {
      const flipped = app.state.now.off;
      app.state.set({ off: flipped.includes(id) ? flipped.filter((one) => one !== id) : [...flipped, id] });
    };
    app.stepping = (layer, row) => (problems.of(layer, row) ? list.mark() : []);
    app.sheets = () => gridwalk.problemPaper(app, problems.listed(app.state.now));

    function drawProblems() {
      drawn.show(problems.listed(app.state.now));
      app.labels.source("problems", drawn.numbers);
      app.labels.place();
    }

    function drawToggles() {
      for (const toggle of page.toggles) {
        const on = app.isOn(toggle);
        if (on && !WRITTEN.has(toggle.style) && !overlays.has(toggle.id)) overlays.set(toggle.id, gridwalk.overlay(app, toggle));
        if (overlays.has(toggle.id)) on ? overlays.get(toggle.id).addTo(map) : overlays.get(toggle.id).remove();
        if (toggle.style === "names") app.labels.source("places", on ? () => gridwalk.placeNames(app) : null);
        if (toggle.style === "numbers") app.labels.source("markers", on ? () => gridwalk.markerNumbers(app) : null);
      }
      app.labels.source("grids", gridNames);
      app.labels.place();
    }

    /** Names of the grids on either side of what a reader has come near to. */
    function gridNames() {
      const toggle = page.toggles.find((one) => one.id === "grid_edges");
      if (!toggle || !app.isOn(toggle) || map.getContainer().dataset.reach !== "near") return [];
      const layer = page.layer.grids;
      const seen = map.getBounds();
      const rows = layer.at(null).filter((row) => layer.there(row) && gridwalk.keeps(toggle, layer, row) && seen.intersects(layer.bounds(row)));
      return rows.map((row) => ({ at: layer.middle(row), within: layer.bounds(row), text: layer.name(row), class: "own", order: 30, size: 11 }));
    }

    /** What was looked at and found clean, or could not be looked at. */
    function writeClean() {
      const { say, title } = app.words;
      byId("clean").hidden = !page.missing.length;
      fill(byId("missing"), ...page.missing.map((one) => el("li", { text: say("panel.missing", { theme: title(one.title), reason: title(one.reason) }) })));
    }

    function writeList() {
      list.filters();
      list.legend();
      list.list();
    }

    function writeAll() {
      gridwalk.translate(app);
      gridwalk.head(app);
      gridwalk.figures(app);
      gridwalk.colophon(app);
      gridwalk.toggles(app);
      writeClean();
      writeList();
      app.showPick();
    }

    /** N and P go on and back, whatever is being typed in; the key counts, not the letter that an editor makes of it. */
    function keys(event) {
      const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
      if (typing || event.ctrlKey || event.altKey || event.metaKey || !["KeyN", "KeyP"].includes(event.code)) return;
      event.preventDefault();
      list.step(event.code === "KeyN" ? 1 : -1);
    }

    app.state.on(["lang"], writeAll);
    app.state.on(["theme", "file", "kind"], list.reset);
    app.state.on(["theme", "file", "kind", "hide"], () => {
      writeList();
      drawProblems();
      app.showPick();
    });
    app.state.on(["theme", "file", "kind"], () => frame(problems.listed(app.state.now)));
    app.state.on(["off"], () => {
      gridwalk.toggles(app);
      drawToggles();
    });
    app.state.on(["pick"], () => {
      list.follow();
      app.showPick();
      app.labels.place();
    });

    /** Go to where the listed problems are, when what is listed has changed. */
    function frame(rows) {
      const places = rows.map(problems.at).filter(Boolean);
      if (app.state.now.pick || !places.length) return;
      const whole = rows.length === problems.all.length;
      if (whole) app.fit();
      else map.fitBounds(L.latLngBounds(places).pad(0.2), { maxZoom: 13, animate: false });
    }

    gridwalk.search(app, () => page.searched, (query) => byNumber(query));

    /** The problem with a number. */
    function byNumber(query) {
      const one = /^\d{1,4}$/.test(query) ? problems.all.find((row) => row.line === Number(query)) : null;
      return one ? [{ name: app.words.say("problems.number", { number: one.line }), note: problems.name(one), kind: problems.text(one, "sort"), go: () => app.pick(one.layer.id, one.row, true) }] : [];
    }

    byId("file").addEventListener("change", (event) => app.state.set({ file: event.target.value, kind: "" }));
    byId("kind").addEventListener("change", (event) => app.state.set({ kind: event.target.value }));
    byId("csv").addEventListener("click", () => gridwalk.problemsCsv(app, problems.listed(app.state.now)));
    byId("geojson").addEventListener("click", () => gridwalk.problemsGeojson(app, problems.listed(app.state.now)));
    document.addEventListener("keydown", keys);

    app.open();
    writeAll();
    drawProblems();
    drawToggles();
    return app;
  };
})((window.gridwalk = window.gridwalk || {}));
