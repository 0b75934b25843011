/* What both boards share: the map, the way to a thing, the buttons. */
(function (gridwalk) {
  "use strict";

  const { byId } = gridwalk;

  /** One running page: its data, its words, its state, its map. */
  gridwalk.app = function (map, page, defaults, valid) {
    const app = { map, page };
    app.state = gridwalk.state({ ...defaults, back: "" }, (given) => ({ ...valid(given), ...(given.back ? { back: given.back } : {}) }));
    app.words = gridwalk.speaker(page, () => app.state.now.lang);
    page.speaker = app.words;
    app.whole = L.latLngBounds([page.bounds[1], page.bounds[0]], [page.bounds[3], page.bounds[2]]);
    gridwalk.panes(map);
    gridwalk.reach(app);
    gridwalk.drawGround(app);
    app.labels = gridwalk.labels(app);
    const highlight = gridwalk.highlight(app);
    const reached = gridwalk.reached(app);
    app.spot = gridwalk.spot(app);

    app.closest = 15.5; // zoom at which a small thing is shown
    app.nearest = 18; // and one that may be two metres wide: half a metre to the pixel
    app.seen = (layer) => layer; // as the theme of the moment shows it
    app.hourState = () => null; // of a station, where there is an hour to choose, which hourName() names

    /** A phone's sheet that is pulled up over the map gives way to what is shown there. */
    app.uncover = function () {
      if (document.body.dataset.sheet !== "full") return;
      document.body.dataset.sheet = "half";
      map.invalidateSize({ animate: false });
    };

    /** Pick a thing; from a list or a search the map goes there. */
    app.pick = function (id, row, go) {
      const layer = app.seen(app.page.layer[id]); // which may have rows that are gone since an earlier build
      if (go) app.uncover();
      app.state.set({ pick: id + ":" + layer.key(row) });
      if (go) app.zoomTo(layer, row);
    };

    app.picked = function () {
      const [id, ...rest] = app.state.now.pick.split(":");
      const layer = app.page.layer[id] ? app.seen(app.page.layer[id]) : null;
      const row = layer ? layer.find(rest.join(":")) : -1;
      return row < 0 ? [null, -1] : [layer, row];
    };

    /** Where a thing is; of what has no ground of its own, the smallest ground that it names. */
    app.boundsOf = function (layer, row) {
      if (layer.there(row)) return layer.bounds(row);
      const named = layer.fields.filter((field) => field.refers).flatMap((field) => [layer.get(row, field.name)].flat().map((id) => (id === null ? null : page.find(field.refers, id))));
      const grounds = named.filter((other) => other && other[0].there(other[1])).map((other) => other[0].bounds(other[1]));
      const size = (bounds) => (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth());
      return grounds.sort((a, b) => size(a) - size(b))[0] || null;
    };

    app.zoomTo = function (layer, row) {
      const bounds = app.boundsOf(layer, row);
      const under = window.innerWidth <= 760 ? map.getSize().y * 0.46 : 0; // a phone's card lies over the map
      const air = bounds ? bounds.pad(layer.draw === "line" || layer.small || under ? 0.4 : 1.2) : null;
      if (bounds) map.fitBounds(air, { maxZoom: layer.small ? app.nearest : app.closest, animate: false, paddingTopLeft: [0, under ? 56 : 0], paddingBottomRight: [0, under] });
    };

    /** Ask for what the page does not hold of a thing, once; the card says how far that is. */
    app.asked = new Map();
    function ask(layer, row) {
      const key = layer.id + ":" + row;
      if (!layer.large || layer.told.has(row) || !app.page.home || app.asked.get(key) === "asking") return;
      app.asked.set(key, "asking");
      const seen = (state) => {
        app.asked.set(key, state);
        const [now, at] = app.picked();
        if (now && now.id === layer.id && at === row) show();
      };
      gridwalk.ask(app, layer, row).then(() => seen("told"), (error) => seen(error.outdated ? "outdated" : "untold"));
    }

    /** Why the card of a row tells no more; null where it tells everything. */
    app.silence = function (layer, row) {
      if (layer.knows(row)) return null;
      return app.words.say("large." + (app.page.home ? app.asked.get(layer.id + ":" + row) || "asking" : "elsewhere"));
    };

    app.showPick = function () {
      const [layer, row] = app.picked();
      if (layer) ask(layer, row);
      show();
    };

    function show() {
      const [layer, row] = app.picked();
      highlight(layer, row);
      reached(layer, row);
      app.spot(null);
      (app.card || gridwalk.card)(app, layer, row);
    }

    app.fit = () => map.fitBounds(app.whole, { animate: false, paddingTopLeft: [18, 60], paddingBottomRight: [18, 18] });

    /** Where the map stands when the page opens: as in the address, else the thing picked, else everything. */
    function go() {
      const at = app.state.now.at.split("/").map(Number);
      const [layer, row] = app.picked();
      if (at.length === 3 && at.every(Number.isFinite)) map.setView([at[1], at[2]], at[0], { animate: false });
      else {
        app.fit();
        if (layer) app.zoomTo(layer, row);
      }
    }

    app.open = function () {
      go();
      window.addEventListener("hashchange", go);
      map.on("moveend", () => {
        if (document.body.classList.contains("printing")) return;
        const center = map.getCenter();
        const whole = map.getBounds().contains(app.whole);
        app.state.set({ at: whole ? "" : [+map.getZoom().toFixed(2), center.lat.toFixed(5), center.lng.toFixed(5)].join("/") });
      });
    };

    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 120 }).addTo(map);
    byId("zoom-in").addEventListener("click", () => map.zoomIn());
    byId("zoom-out").addEventListener("click", () => map.zoomOut());
    byId("whole").addEventListener("click", () => app.fit());
    byId("lang").addEventListener("click", () => app.state.set({ lang: app.state.now.lang === "zh" ? "en" : "zh" }));
    byId("map_board").addEventListener("keydown", (event) => event.key === "Escape" && app.state.set({ pick: "" }));
    const notice = gridwalk.notice(app);
    app.trouble = (error, again) => notice.trouble(error, again);
    app.tell = notice.tell;
    gridwalk.sheet(app);
    gridwalk.printing(app);
    return app;
  };

  /** Called by the page when the map is there. */
  gridwalk.start = function (map) {
    const began = performance.now();
    const page = gridwalk.read(byId("board-data").textContent);
    page.form = document.body.dataset.form;
    page.home = page.form === "served" ? "../" : null; // of the workspace on its server
    gridwalk.running = gridwalk[page.board](map, page);
    if (gridwalk.backdrop) gridwalk.backdrop(gridwalk.running);
    document.body.dataset.ready = String(Math.round(performance.now() - began));
  };
})((window.gridwalk = window.gridwalk || {}));
