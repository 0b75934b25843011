/* The patrol leader's board: made for a phone in the field. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const LETTER = 28; // pixels of a letter above its line
  const LEAST = 80; // pixels between what lies over the map
  const AIR = 0.16; // on every side of what is framed
  const WRITTEN = new Set(["numbers", "posts", "names", "defects"]); // toggles that write on the map instead of drawing

  gridwalk.patrol = function (map, page) {
    const first = page.themes[0];
    const defaults = { lang: "zh", theme: first.id, post: "", hide: [], pick: "", km: "", at: "" };
    const app = gridwalk.app(map, page, defaults, valid);
    app.line = page.layer[first.views[0].layer];
    app.chainage = gridwalk.chainage(app.line);
    app.facts = gridwalk.facts(app);
    gridwalk.holding(app);
    app.card = gridwalk.stretchCard;
    app.closest = 12.5; // with some border on either side
    app.themeNow = () => page.themes.find((one) => one.id === app.state.now.theme) || first;
    app.layerNow = () => page.layer[app.themeNow().views[0].layer];

    const states = Object.keys(app.line.byName.get("state").values);
    app.stateClass = (state) => app.line.legend.classes[states.indexOf(state)];
    app.letter = function (state) {
      const one = app.stateClass(state);
      return one ? gridwalk.badge(app.words.title(one.letter), one.fills[0], one.ink, "") : el("span.badge", { text: "?" });
    };
    /** Whether a layer's state is how late a visit is, not the state of something else. */
    app.judged = (layer) => layer.has("state") && Object.keys(layer.byName.get("state").values || { "": 0 }).every((code) => states.includes(code));
    app.hides = (state) => app.themeNow() === first && app.state.now.hide.includes(String(states.indexOf(state)));
    app.here = function (layer, row) {
      const [border, metres] = measured(app.state.now.km);
      const on = metres !== null && layer.get(row, "border_id") === border && app.facts.ends(layer, row)[0] <= metres && metres <= app.facts.ends(layer, row)[1];
      return on ? metres : null;
    };
    app.goTo = function (border, metres) {
      const at = app.chainage.place(border, metres);
      if (!at) return;
      app.uncover();
      app.state.set({ pick: app.line.id + ":" + app.line.key(app.chainage.row(border, metres)), km: border + "/" + (metres / 1000).toFixed(3) });
      map.setView(at, Math.max(map.getZoom(), 11), { animate: false });
      if (window.innerWidth <= 760) map.panBy([0, map.getSize().y * 0.2], { animate: false }); // the card lies over the map
    };

    const work = (app.work = gridwalk.work(app));
    const all = (layer) => [...Array(layer.rows).keys()].filter((row) => layer.shape(row));
    const { mine } = app;
    const lines = gridwalk.coloured(app, mine);
    const here = L.layerGroup().addTo(map);
    const ground = L.layerGroup().addTo(map); // the border as such, where points are what is coloured
    const drawn = new Map();

    function valid(given) {
      const kept = {};
      for (const key of Object.keys(given)) if (key in defaults) kept[key] = given[key];
      if (!["zh", "en"].includes(kept.lang)) delete kept.lang;
      if (!page.themes.some((theme) => theme.id === kept.theme)) delete kept.theme;
      return kept;
    }

    /** "border/kilometres" of the address as [border, metres]. */
    function measured(text) {
      const cut = text.lastIndexOf("/");
      const metres = cut < 0 ? NaN : Number(text.slice(cut + 1)) * 1000;
      return Number.isFinite(metres) ? [text.slice(0, cut), metres] : ["", null];
    }

    /** The key of the theme: how many and how long in each class; a press hides or shows them. */
    function writeStates() {
      const { title, say } = app.words;
      const layer = app.layerNow();
      const rows = all(layer).filter((row) => mine(layer, row));
      const missing = { label: null, fills: ["#b4b0aa"], gap: "#ffffff", dash: "1 1" };
      const classes = layer.legend.classes.map((one, at) => [one, at, title(one.label)]);
      if (rows.some((row) => layer.class[row] < 0)) classes.push([missing, -1, say("legend.missing")]);
      byId("states").setAttribute("aria-label", say(layer === app.line ? "patrol.states" : "legend.filter"));
      fill(byId("states"), ...classes.map(([one, at, label]) => chip(layer, one, at, label, rows.filter((row) => layer.class[row] === at))));
    }

    function chip(layer, one, at, label, those) {
      const { title, say, number } = app.words;
      const hidden = gridwalk.hiddenOf(app.state.now);
      const length = those.reduce((sum, row) => sum + (layer.get(row, "length_m") || 0), 0);
      const press = () => {
        const next = new Set(hidden);
        if (!next.delete(at)) next.add(at);
        app.state.set({ hide: [...next].sort((a, b) => a - b).map(String) });
      };
      return el("button.state-chip", { type: "button", "aria-pressed": String(!hidden.has(at)), "data-state": layer === app.line ? states[at] : String(at), onclick: press },
        gridwalk.stroke(one, 88), one.letter ? gridwalk.badge(title(one.letter), one.fills[0], one.ink, "") : null, el("b", { text: number(those.length) }),
        el("span.what", { text: label }), el("small", { text: length ? say("patrol.km", { km: number(length / 1000, 0) }) : "" }));
    }

    function writeChoices() {
      gridwalk.posts(app);
      gridwalk.fileLink(app);
      byId("theme").hidden = page.themes.length < 2;
      fill(byId("theme"), ...page.themes.map((one) => el("option", { value: one.id, text: app.words.title(one.title), selected: one === app.themeNow() })));
    }

    function writeFindings() {
      fill(byId("findings"), ...app.themeNow().lists.map((list) => gridwalk.ranking(app, list).place));
    }

    /** What is written over the lines: letters of what is not as it should be, what is due beside the line. */
    function drawSigns() {
      const layer = app.layerNow();
      const seen = (row) => mine(layer, row) && !gridwalk.hiddenOf(app.state.now).has(layer.class[row]);
      const inside = (one) => ({ ...one, shift: [gridwalk.inView(app, one.at, one.width), one.shift[1]] });
      const letters = () => gridwalk.stateLetters(app, layer, all(layer).filter(seen), (row) => (map.getZoom() >= 9 ? layer.name(row) : "")).map(inside);
      app.labels.source("letters", layer === app.line ? letters : null);
      const worst = () => all(layer).filter(seen).sort((a, b) => layer.class[b] - layer.class[a]);
      const due = () => work.shown().filter((row) => work.kind(row) !== "stretch" && map.getContainer().dataset.reach !== "far");
      app.labels.source("neighbours", () => gridwalk.neighbourNames(app));
      if (layer.draw === "point") app.labels.source("points", () => gridwalk.pointSigns(app, layer, worst()));
      else app.labels.source("points", layer === app.line ? () => gridwalk.pointSigns(app, work.layer, due()) : null);
      app.labels.place();
    }

    function drawLines() {
      const layer = app.layerNow();
      ground.clearLayers();
      lines.clear();
      if (layer.draw === "point") for (const row of all(app.line)) ground.addLayer(L.polyline(app.line.shape(row), { pane: "over", color: "#8f979e", weight: 3, interactive: false }));
      else lines.show(layer, all(layer), gridwalk.hiddenOf(app.state.now));
    }

    /** The place that the address names by its kilometre. */
    function drawHere() {
      const [border, metres] = measured(app.state.now.km);
      const at = metres === null ? null : app.chainage.place(border, metres);
      here.clearLayers();
      if (!at) return;
      for (const [color, weight] of [["#ffffff", 7], ["#a63603", 4]]) here.addLayer(L.circleMarker(at, { pane: "pick", interactive: false, fill: false, radius: 13, color, weight }));
    }

    function drawToggles() {
      for (const toggle of page.toggles) {
        const on = toggle.on && (!toggle.themes.length || toggle.themes.includes(app.themeNow().id));
        if (toggle.style === "numbers") app.labels.source("markers", on ? () => gridwalk.markerNumbers(app) : null);
        if (toggle.style === "defects") app.labels.source("defects", on ? () => gridwalk.defectSigns(app, page.layer[toggle.layer]) : null);
        if (toggle.style === "posts") app.labels.source("posts", on ? () => gridwalk.postSigns(app) : null);
        if (toggle.style === "names") app.labels.source("places", on ? () => gridwalk.placeNames(app) : null);
        if (on && !WRITTEN.has(toggle.style) && !drawn.has(toggle.id)) drawn.set(toggle.id, gridwalk.overlay(app, toggle));
        if (drawn.has(toggle.id)) on ? drawn.get(toggle.id).addTo(map) : drawn.get(toggle.id).remove();
      }
    }

    function writeAll() {
      gridwalk.translate(app);
      gridwalk.standing(app);
      gridwalk.colophon(app);
      writeStates();
      writeChoices();
      work.write();
      writeFindings();
      drawSigns();
      app.showPick();
    }

    /** All that is held by the post that is chosen, or by whom the file is for, and where the neighbours begin; else null. */
    app.framed = function () {
      const { post } = app.state.now;
      if (!post) return page.holder ? app.whole.pad(AIR) : null;
      const bounds = [app.line, work.layer].flatMap((layer) => all(layer).filter((row) => layer.get(row, "post_id") === post).map((row) => layer.bounds(row)));
      return bounds.length ? bounds.reduce((whole, one) => whole.extend(one), L.latLngBounds(bounds[0])).pad(AIR) : null;
    };

    /** Between what lies over the map: a field above, the buttons below where they stand in a row; a sheet may leave no room for either. */
    function fitted(bounds, above) {
      const [field, zoom, ground] = [above, "zoom", "ground"].map((id) => byId(id).getBoundingClientRect());
      const [over, under] = [field.height ? field.bottom - ground.top + LETTER : 0, zoom.height && zoom.height < 60 ? ground.bottom - zoom.top : 24];
      const roomy = map.getSize().y > over + under + LEAST;
      map.fitBounds(bounds, { animate: false, paddingTopLeft: [12, roomy ? over : 0], paddingBottomRight: [12, roomy ? under : 0] });
    }

    function frame() {
      const bounds = app.framed();
      if (bounds) fitted(bounds, "theme");
    }
    app.fit = () => (page.holder ? fitted(app.whole.pad(AIR), "theme") : fitted(app.whole, "search"));

    app.state.on(["lang"], writeAll);
    app.state.on(["theme"], () => {
      app.state.set({ hide: [] });
      writeChoices();
      writeFindings();
      drawLines();
      drawToggles();
    });
    app.state.on(["theme", "hide", "post"], () => {
      writeStates();
      work.write();
      lines.filter(gridwalk.hiddenOf(app.state.now));
      lines.restyle();
      drawSigns();
    });
    app.state.on(["post"], () => {
      gridwalk.translate(app);
      gridwalk.standing(app);
      writeChoices();
      frame();
    });
    app.state.on(["pick", "km"], () => {
      const [layer, row] = app.picked();
      if (layer && app.state.now.km && (!layer.has("start_m") || app.here(layer, row) === null)) app.state.set({ km: "" });
      app.showPick();
      gridwalk.bare(app);
      drawHere();
      work.write();
    });

    gridwalk.search(app, () => page.searched.filter((id) => id !== "markers"), gridwalk.finder(app));
    byId("post").addEventListener("change", (event) => app.state.set({ post: event.target.value }));
    byId("theme").addEventListener("change", (event) => app.state.set({ theme: event.target.value }));
    byId("locate").addEventListener("click", () => gridwalk.locate(app));
    byId("share").addEventListener("click", () => gridwalk.share(app));
    byId("gpx").addEventListener("click", () => {
      const count = gridwalk.saveGpx(app);
      gridwalk.tell(count ? app.words.say("patrol.saved", { count: app.words.number(count) }) : app.words.say("patrol.none_saved"));
    });
    gridwalk.turning(app, () => (app.framed() ? frame() : app.fit()));
    window.addEventListener("beforeprint", () => gridwalk.paper(app));

    app.open();
    if (!app.state.now.at && !app.state.now.pick) frame();
    drawLines();
    drawToggles();
    gridwalk.edge(app);
    writeAll();
    drawHere();
    return app;
  };
})((window.gridwalk = window.gridwalk || {}));
