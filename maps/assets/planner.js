/* The planner's board: what is wired to what. */
(function (gridwalk) {
  "use strict";

  const { byId } = gridwalk;
  const WRITTEN = new Set(["names", "letters", "numbers", "posts"]); // toggles that write on the map instead of drawing
  const ROOMY = 4; // zooms after areas are four pixels wide, there is room for a name
  const KEYED = new Set(["beyond"]); // toggles that belong to the legend, also on paper

  gridwalk.planner = function (map, page) {
    const first = page.themes[0];
    const defaults = { lang: "zh", theme: first ? first.id : "", view: "0", hide: [], off: [], only: [], pick: "", hour: "", compare: "", at: "" };
    const app = gridwalk.app(map, page, defaults, valid);
    const colours = gridwalk.coloured(app);
    const overlays = new Map();
    const week = gridwalk.week(app);
    const changes = first && page.changes ? gridwalk.changes(app) : null;
    let lists = [];
    let standing = null; // the view that is drawn

    function valid(given) {
      const kept = { ...given };
      if (!["zh", "en"].includes(kept.lang)) delete kept.lang;
      const theme = page.themes.find((one) => one.id === (kept.theme || defaults.theme));
      if (!theme) delete kept.theme;
      if (!(theme || first) || !(theme || first).views[Number(kept.view)]) delete kept.view;
      if (!page.week || gridwalk.hourOf(page.week, kept.hour) < 0) delete kept.hour;
      if (!page.changes || !["", "1", "swipe"].includes(kept.compare)) delete kept.compare;
      for (const key of Object.keys(kept)) if (!(key in defaults)) delete kept[key];
      return kept;
    }

    app.themeNow = () => page.themes.find((theme) => theme.id === app.state.now.theme) || first;
    app.viewChosen = () => app.themeNow().views[Number(app.state.now.view)] || app.themeNow().views[0];
    app.viewNow = () => gridwalk.standing(app, app.themeNow(), app.viewChosen());
    app.seen = (layer) => (changes && changes.seen(layer)) || undressed(layer);
    const undressed = (layer) => (app.themeNow() && app.themeNow().hourly && layer.id === week.grids.id ? week.grids : layer.as(app.state.now.theme));
    app.layerOf = (view) => app.seen(page.layer[view.layer]);
    app.hourState = (row) => (week && first ? week.stateOf(page.layer.stations, row) : null);
    app.hourName = () => week.named();
    app.rowsOf = function (view, layer = app.layerOf(view)) {
      const rows = layer.at(view.level).filter((row) => layer.there(row) && (!view.tree || layer.get(row, "tree") === view.tree));
      return changes ? changes.here(layer, rows) : rows;
    };
    app.moved = (figure) => (changes ? changes.moved(figure) : null);
    app.beside = (layer, row) => (changes ? changes.beside(layer, row) : null);
    app.theme = (id) => app.state.set({ theme: id, view: "0", hide: [] });
    app.shown = function (layer) {
      const list = app.themeNow() ? app.themeNow().lists.find((one) => one.layer === layer.id && one.filters.length) : null;
      return list ? gridwalk.listed(app, list) : layer.at(null);
    };
    app.stepping = function (layer, row) {
      const list = lists.find((one) => one.stepped && one.layer === layer && one.order().includes(row));
      return list ? [gridwalk.el("span.steps", {}, ...gridwalk.stepper(app, list))] : [];
    };
    app.fits = (toggle) => !toggle.themes.length || toggle.themes.includes(app.state.now.theme);
    app.isOn = (toggle) => app.fits(toggle) && toggle.on !== app.state.now.off.includes(toggle.id);
    app.flip = function (id) {
      const flipped = app.state.now.off;
      app.state.set({ off: flipped.includes(id) ? flipped.filter((one) => one !== id) : [...flipped, id] });
    };

    const bare = first ? null : page.layer[page.searched[0]]; // what is shown where nothing can be coloured
    const table = gridwalk.table(app, () => (first ? { layer: app.layerOf(app.viewNow()), rows: app.rowsOf(app.viewNow()) } : { layer: bare, rows: bare.at(null) }));
    byId("show-table").hidden = !first && !bare;

    function drawColours() {
      map.getContainer().dataset.theme = app.state.now.theme;
      const view = app.viewNow();
      const layer = app.layerOf(view);
      colours.show(layer, app.rowsOf(view), gridwalk.hiddenOf(app.state.now));
      app.labels.source("letters", layer.draw === "line" ? () => gridwalk.stateLetters(app, layer, kept(layer, view)) : null);
      if (changes) changes.draw(view);
      app.labels.source("names", layer.draw === "area" ? () => ownNames(layer, view) : null);
      app.labels.place();
      standing = view;
      tellScale();
    }

    /** What the map does not show: areas too small to see, or more than a file holds. */
    function tellScale() {
      const chosen = app.viewChosen();
      const theme = app.themeNow();
      const { say, title } = app.words;
      if (chosen !== standing) app.tell(() => say("large.nearer", { view: title(chosen.title) }));
      else app.tell(theme.left_out ? () => say("large.left_out", { views: theme.left_out.map(title).join(say("value.comma")) }) : null);
    }

    /** Come near or go far: the view that can be seen takes the place of the other, with its legend. */
    function follow() {
      const view = app.viewNow();
      if (!standing || view === standing) return;
      const same = gridwalk.alike(app.layerOf(view).legend, app.layerOf(standing).legend);
      if (!same && app.state.now.hide.length) app.state.set({ hide: [] });
      drawColours();
      writeLegend();
      table.render();
    }

    /** Names of the grids on either side of what a reader has come near to. */
    function gridNames() {
      if (app.map.getContainer().dataset.reach !== "near") return [];
      return page.toggles.filter((toggle) => toggle.layer === "grids" && app.isOn(toggle)).flatMap((toggle) => {
        const layer = page.layer.grids;
        const seen = app.map.getBounds();
        const rows = layer.at(null).filter((row) => layer.there(row) && gridwalk.keeps(toggle, layer, row) && seen.intersects(layer.bounds(row)));
        return rows.filter(named(layer)).map((row) => ({ at: layer.middle(row), within: layer.bounds(row), text: layer.name(row), class: "own", order: 30, size: 11 }));
      });
    }

    const named = (layer) => (row) => layer.name(row) !== layer.key(row); // an id is no name
    const kept = (layer, view) => app.rowsOf(view).filter((row) => !app.state.now.hide.includes(String(layer.class[row])));

    /** Rows of a large layer that are in view and not hidden, once there is room for their names. */
    function visible(layer, view, seen) {
      if (map.getZoom() < view.near + ROOMY) return [];
      return layer.within(seen).filter((row) => layer.there(row) && (view.level === null || layer.get(row, "level") === view.level) && !app.state.now.hide.includes(String(layer.class[row])));
    }

    /** Names of the coloured areas, written only where an area is wide enough for its name. */
    function ownNames(layer, view) {
      const seen = app.map.getBounds();
      const near = layer.large ? visible(layer, view, seen) : kept(layer, view).filter((row) => layer.shape(row) && seen.intersects(layer.bounds(row)));
      return near.filter(named(layer)).map((row) => {
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
      app.labels.source("grids", gridNames);
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
      lists = [...(changes ? changes.lists() : []), ...app.themeNow().lists].map((list) => gridwalk.ranking(app, list));
      gridwalk.fill(byId("lists"), ...lists.map((list) => list.place));
    }

    /** What a list is narrowed down to is all that the map shows of its layer. */
    function narrow() {
      const listed = new Set(app.themeNow().lists.filter((one) => one.filters.length).map((one) => one.layer));
      for (const toggle of page.toggles) {
        if (!listed.has(toggle.layer) || !overlays.has(toggle.id)) continue;
        overlays.get(toggle.id).remove();
        overlays.delete(toggle.id);
      }
      drawToggles();
    }

    /** Escape shuts what lies over the map. */
    function shut(event) {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (table.isOpen()) table.close();
      else app.state.set({ pick: "" });
    }

    /** N and P go on and back, whatever is being typed in; the key counts, not the letter that an editor makes of it. */
    function keys(event) {
      const list = lists.find((one) => one.stepped && one.order().length);
      const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
      if (!list || typing || event.ctrlKey || event.altKey || event.metaKey || !["KeyN", "KeyP"].includes(event.code)) return;
      event.preventDefault();
      list.step(event.code === "KeyN" ? 1 : -1);
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
        if (changes) changes.render();
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
    app.state.on(["theme", "view", "compare"], () => {
      if (changes) changes.render();
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
    app.state.on(["theme", "view", "hide", "compare"], () => {
      writeLegend();
      table.render();
    });
    app.state.on(["hide"], () => {
      colours.filter(gridwalk.hiddenOf(app.state.now));
      if (changes) changes.filter();
      app.labels.place();
    });
    app.state.on(["off"], () => {
      gridwalk.toggles(app);
      drawToggles();
      if (first) writeLegend();
    });
    app.state.on(["only"], () => {
      writeLists();
      narrow();
    });
    app.state.on(["pick"], () => lists.forEach((list) => list.follow()));
    app.state.on(["pick", "hour", "theme", "only", "off", "compare"], app.showPick);

    const searched = () => [...new Set([...(first ? [app.viewChosen().layer] : []), ...page.searched])];
    gridwalk.search(app, searched);
    byId("views").addEventListener("change", (event) => app.state.set({ view: event.target.value, hide: [] }));
    map.on("zoomend", drawStations);
    if (first) map.on("zoomend", follow);
    app.settled = () => colours.settled();
    document.addEventListener("keydown", keys);
    document.addEventListener("keydown", shut);
    byId("show-table").addEventListener("click", table.toggle);

    app.open();
    writeAll();
    if (first) drawColours();
    drawToggles();
    return app;
  };
})((window.gridwalk = window.gridwalk || {}));
