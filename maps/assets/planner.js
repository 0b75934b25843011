/* The planner's board: what is wired to what. */
(function (gridwalk) {
  "use strict";

  const { byId } = gridwalk;
  const WRITTEN = new Set(["names", "letters", "numbers", "posts"]); // toggles that write on the map instead of drawing
  const KEYED = new Set(["beyond"]); // toggles that belong to the legend, also on paper

  gridwalk.planner = function (map, page) {
    const first = page.themes[0];
    const defaults = { lang: "zh", theme: first ? first.id : "", view: "0", hide: [], off: [], pick: "", hour: "", at: "" };
    const app = gridwalk.app(map, page, defaults, valid);
    const colours = gridwalk.coloured(app);
    const overlays = new Map();
    const week = gridwalk.week(app);

    function valid(given) {
      const kept = { ...given };
      if (!["zh", "en"].includes(kept.lang)) delete kept.lang;
      const theme = page.themes.find((one) => one.id === (kept.theme || defaults.theme));
      if (!theme) delete kept.theme;
      if (!(theme || first) || !(theme || first).views[Number(kept.view)]) delete kept.view;
      if (!page.week || gridwalk.hourOf(page.week, kept.hour) < 0) delete kept.hour;
      for (const key of Object.keys(kept)) if (!(key in defaults)) delete kept[key];
      return kept;
    }

    app.themeNow = () => page.themes.find((theme) => theme.id === app.state.now.theme) || first;
    app.viewNow = () => app.themeNow().views[Number(app.state.now.view)] || app.themeNow().views[0];
    app.seen = (layer) => (app.themeNow() && app.themeNow().hourly && layer.id === week.grids.id ? week.grids : layer);
    app.layerOf = (view) => app.seen(page.layer[view.layer]);
    app.hourState = (row) => (week && first ? week.stateOf(page.layer.stations, row) : null);
    app.hourName = () => week.named();
    app.rowsOf = (view) => page.layer[view.layer].at(view.level).filter((row) => page.layer[view.layer].shape_of[row] >= 0);
    app.theme = (id) => app.state.set({ theme: id, view: "0", hide: [] });
    app.fits = (toggle) => !toggle.themes.length || toggle.themes.includes(app.state.now.theme);
    app.isOn = (toggle) => app.fits(toggle) && toggle.on !== app.state.now.off.includes(toggle.id);
    app.flip = function (id) {
      const flipped = app.state.now.off;
      app.state.set({ off: flipped.includes(id) ? flipped.filter((one) => one !== id) : [...flipped, id] });
    };

    const table = gridwalk.table(app, () => ({ layer: app.layerOf(app.viewNow()), rows: app.rowsOf(app.viewNow()) }));

    function drawColours() {
      const view = app.viewNow();
      const layer = app.layerOf(view);
      colours.show(layer, app.rowsOf(view), gridwalk.hiddenOf(app.state.now));
      app.labels.source("letters", layer.draw === "line" ? () => gridwalk.stateLetters(app, layer, kept(layer, view)) : null);
      app.labels.source("names", layer.draw === "area" ? () => ownNames(layer, view) : null);
      app.labels.place();
    }

    const kept = (layer, view) => app.rowsOf(view).filter((row) => !app.state.now.hide.includes(String(layer.class[row])));

    /** Names of the coloured areas, written only where an area is wide enough for its name. */
    function ownNames(layer, view) {
      if (layer.heading === layer.key_field) return []; // an id is no name
      const seen = app.map.getBounds();
      return kept(layer, view).filter((row) => layer.shape(row) && seen.intersects(layer.bounds(row))).map((row) => {
        const bounds = layer.bounds(row);
        return { at: layer.middle(row), within: bounds, text: layer.name(row), class: "own", order: 40, size: 11 };
      });
    }

    function drawToggles() {
      for (const toggle of page.toggles) {
        const on = app.isOn(toggle);
        if (on && !WRITTEN.has(toggle.style) && !overlays.has(toggle.id)) overlays.set(toggle.id, gridwalk.overlay(app, toggle));
        if (overlays.has(toggle.id)) on ? overlays.get(toggle.id).addTo(map) : overlays.get(toggle.id).remove();
        if (toggle.style === "names") app.labels.source("places", on ? () => gridwalk.placeNames(app) : null);
        if (toggle.style === "letters") app.labels.source("findings", on ? () => gridwalk.findingLetters(app, page.layer[toggle.layer]) : null);
        if (toggle.style === "posts") app.labels.source("posts", on ? () => gridwalk.postSigns(app) : null);
        if (toggle.style === "numbers") app.labels.source("markers", on ? () => gridwalk.markerNumbers(app) : null);
      }
      app.labels.place();
    }

    /** Stations as they are in the hour of the moment. */
    function drawStations() {
      for (const overlay of overlays.values()) if (overlay.restyle) overlay.restyle();
    }

    function writeLegend() {
      const view = app.viewNow();
      gridwalk.legend(app, byId("legend"), app.layerOf(view), app.rowsOf(view));
      const beside = page.toggles.filter((toggle) => KEYED.has(toggle.id) && app.isOn(toggle));
      byId("legend").append(...beside.map((toggle) => gridwalk.el("p.key", {}, gridwalk.el("i.sign.sign-" + toggle.id), app.words.title(toggle.title))));
    }

    function writeLists() {
      gridwalk.fill(byId("lists"), ...app.themeNow().lists.map((list) => gridwalk.ranking(app, list)));
    }

    function writeAll() {
      gridwalk.translate(app);
      gridwalk.head(app);
      gridwalk.figures(app);
      gridwalk.allFigures(app);
      gridwalk.faults(app);
      gridwalk.colophon(app);
      gridwalk.themes(app);
      gridwalk.toggles(app);
      if (first) {
        gridwalk.views(app);
        if (week) week.render();
        if (week) week.paint();
        writeLegend();
        writeLists();
      }
      app.showPick();
      table.render();
    }

    app.state.on(["lang"], () => {
      writeAll();
      if (first) drawColours();
    });
    app.state.on(["theme", "view"], () => {
      gridwalk.themes(app);
      gridwalk.toggles(app);
      gridwalk.views(app);
      writeLists();
      if (week) week.render();
      drawColours();
      drawToggles();
      drawStations();
      table.reset();
    });
    app.state.on(["hour"], () => {
      week.paint();
      week.write();
      drawStations();
      if (!app.themeNow().hourly) return;
      writeLegend();
      colours.filter(gridwalk.hiddenOf(app.state.now));
      table.render();
    });
    app.state.on(["theme", "view", "hide"], () => {
      writeLegend();
      table.render();
    });
    app.state.on(["hide"], () => {
      colours.filter(gridwalk.hiddenOf(app.state.now));
      app.labels.place();
    });
    app.state.on(["off"], () => {
      gridwalk.toggles(app);
      drawToggles();
      if (first) writeLegend();
    });
    app.state.on(["pick", "hour", "theme"], app.showPick);

    const searched = () => [...new Set([...(first ? [app.viewNow().layer] : []), ...page.searched])];
    gridwalk.search(app, searched);
    byId("views").addEventListener("change", (event) => app.state.set({ view: event.target.value, hide: [] }));
    map.on("zoomend", drawStations);
    byId("show-table").addEventListener("click", table.toggle);

    app.open();
    writeAll();
    if (first) drawColours();
    drawToggles();
    return app;
  };
})((window.gridwalk = window.gridwalk || {}));
