/* Whose ground this is: that of the holder whom the file is for, or of the post that the reader chose. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const NAMED = 24; // signs; of segments whose names are longer how many there are is told
  const SEARCHED = 6; // stretches of nobody's between one holder and the next
  const IN = 0.12; // of the own length, how far within the neighbour's its name stands
  const BELOW = 22; // pixels from the line to its name
  const WIDEST = 0.6; // of the map
  const NONE = new Set();

  /** Adds to the app: mine(layer, row), chosen() as {id, name} or null, held (ids of posts), single. */
  gridwalk.holding = function (app) {
    const { page } = app;
    const others = new Map(Object.entries(page.holder ? page.holder.others : {}).map(([id, keys]) => [id, new Set(keys)]));
    const post = () => app.state.now.post;
    const own = (layer, row) => !(others.get(layer.id) || NONE).has(layer.key(row));

    app.mine = (layer, row) => own(layer, row) && (!post() || !layer.has("post_id") || layer.get(row, "post_id") === post());
    app.chosen = function () {
      if (app.held.includes(post())) return { id: post(), name: app.facts.post(post()) };
      return page.holder ? { id: page.holder.id, name: app.words.title(page.holder.title) } : null;
    };
    const work = page.layer[page.work.layer];
    const posts = [app.line, work].flatMap((layer) => [...Array(layer.rows).keys()].filter((row) => own(layer, row)).map((row) => layer.get(row, "post_id")));
    app.held = [...new Set(posts.filter(Boolean))].sort();
    app.single = () => Boolean(post()) || Boolean(page.holder && app.held.length < 2);
  };

  const rowsOf = (app, layer) => [...Array(layer.rows).keys()].filter((row) => layer.shape(row) && app.mine(layer, row));

  /** The top of the page: whose ground, which segments, how far, as of when. */
  gridwalk.standing = function (app) {
    const chosen = app.chosen();
    gridwalk.head(app);
    if (!chosen) return;
    const { say, number, listed, day } = app.words;
    const segments = app.page.layer["border-segments"];
    const own = segments ? rowsOf(app, segments) : [];
    const metres = rowsOf(app, app.line).reduce((sum, row) => sum + app.facts.length(app.line, row), 0);
    const names = listed(own.map((row) => segments.name(row)));
    const which = names.length > NAMED ? say("patrol.segments", { count: number(own.length) }) : names;
    const told = [which, metres ? say("patrol.km", { km: number(metres / 1000, 0) }) : "", day(app.page.as_of)].filter(Boolean);
    byId("head").querySelector("h1").textContent = chosen.name;
    byId("head").querySelector(".sub").textContent = told.join(" · ");
    document.title = chosen.name + " · " + document.title;
  };

  /** The stretch of somebody else that one comes to beyond an end of ours: {row, at} or null where nobody is. */
  function beyond(app, border, end, way) {
    const { line, facts } = app;
    let at = end;
    for (let step = 0; step < SEARCHED; step++) {
      const row = [...Array(line.rows).keys()].find((one) => line.shape(one) && line.get(one, "border_id") === border && Math.abs(facts.ends(line, one)[way > 0 ? 0 : 1] - at) < 1);
      if (row === undefined || app.mine(line, row)) return null;
      if (facts.holders(line, row).length) return { row, at };
      at = facts.ends(line, row)[way > 0 ? 1 : 0];
    }
    return null;
  }

  /** How far a name has to move so that neither the edge of the map nor its buttons cover it. */
  gridwalk.inView = function (app, at, width) {
    const { x, y } = app.map.latLngToContainerPoint(at);
    const [ground, zoom] = [app.map.getContainer(), byId("zoom")].map((one) => one.getBoundingClientRect());
    const first = y + BELOW > zoom.top - ground.top - BELOW ? zoom.right - ground.left : 0;
    return Math.min(Math.max(x, first + width / 2 + 6), ground.width - width / 2 - 6) - x;
  };

  /** Names of whoever holds on either side, on their ground, where it meets ours. */
  gridwalk.neighbourNames = function (app) {
    if (!app.chosen()) return [];
    const { line, facts, chainage } = app;
    const own = rowsOf(app, line);
    const whole = own.reduce((sum, row) => sum + facts.length(line, row), 0);
    const found = new Map();
    for (const row of own) {
      const [start, end] = facts.ends(line, row);
      for (const [from, way] of [[start, -1], [end, 1]]) {
        const next = beyond(app, line.get(row, "border_id"), from, way);
        if (next) found.set(next.row, next.at + way * Math.min(whole * IN, facts.length(line, next.row) / 2));
      }
    }
    return [...found].map(([row, metres]) => {
      const text = facts.holders(line, row).map(facts.post).join(app.words.say("value.comma"));
      const at = L.latLng(chainage.place(line.get(row, "border_id"), metres));
      const width = Math.min(text.length * 12 + 12, app.map.getSize().x * WIDEST);
      return { at, class: "neighbour", order: 5, width, height: 22, shift: [gridwalk.inView(app, at, width), BELOW], element: () => el("span", { text, style: { maxWidth: width + "px" } }) };
    });
  };

  /** Of a served page: the way to a file of what is chosen, for phones without a network. */
  gridwalk.fileLink = function (app) {
    const link = byId("file");
    const chosen = app.chosen();
    link.hidden = !app.page.home;
    link.href = "patrol" + (chosen ? "/holders/" + encodeURIComponent(chosen.id) : "") + ".html";
    link.setAttribute("aria-label", app.words.say("patrol.file_label", { whose: chosen ? chosen.name : app.words.say("patrol.everyone") }));
  };

  /** Where the ground of the file ends: divisions are cut there, and nobody should take the cut for a border. */
  gridwalk.edge = function (app) {
    if (!app.page.holder) return;
    const [west, south, east, north] = app.page.holder.around;
    const style = { pane: "outline", interactive: false, fill: false };
    const bounds = [[south, west], [north, east]];
    L.rectangle(bounds, { ...style, color: "#ffffff", weight: 6 }).addTo(app.map);
    L.rectangle(bounds, { ...style, color: "#7b8792", weight: 1.5, dashArray: "1 6", lineCap: "round" }).addTo(app.map);
  };

  /** The choice among posts, where there is one. */
  gridwalk.posts = function (app) {
    const place = byId("post");
    place.hidden = app.page.holder ? app.held.length < 2 : !app.held.length;
    const all = app.page.holder ? app.words.title(app.page.holder.title) : app.words.say("patrol.everyone");
    const options = app.held.map((id) => [id, app.facts.post(id)]);
    fill(place, el("option", { value: "", text: all, selected: !app.state.now.post }),
      ...options.map(([id, name]) => el("option", { value: id, text: name, selected: id === app.state.now.post })));
  };
})((window.gridwalk = window.gridwalk || {}));
