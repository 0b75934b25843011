/* What changed since an earlier build: told in the panel, coloured on the map, or laid beside the map of now. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const CODES = ["better", "worse", "changed", "new", "gone", "same"]; // as the classes of the page stand
  const GONE = CODES.indexOf("gone");
  const NEW = CODES.indexOf("new");
  const SAME = CODES.indexOf("same");
  const ALWAYS = new Set(["better", "worse", "same"]); // in a legend even where there are none
  const MODES = ["", "1", "swipe"];
  const LISTED = ["worse", "better", "gone", "new", "changed"];
  const SHOWN = 5; // figures before the reader asks for more
  const DASHED = { pane: "over", interactive: false, fill: false, color: "#1b2530", weight: 2, dashArray: "5 4" };
  const STEP = 0.02; // of the divider, by an arrow key
  const PAGE = 0.1;
  const RIGHT = ["beyond", "fill", "casing", "gaps", "over", "points", "signs"]; // panes of the map of now
  const LEFT = { "was-fill": 401, "was-casing": 428, "was-gaps": 429, "was-over": 430 };

  /** Rows of a layer with what they were; after them what is gone. */
  class Then {
    constructor(layer, told) {
      this.layer = layer;
      this.told = told;
      this.at = new Map(told.rows.map((row, number) => [row, number]));
      this.rows = layer.rows + told.gone.rows;
    }

    code(row) {
      if (row >= this.layer.rows) return GONE;
      return this.at.has(row) ? this.told.change[this.at.get(row)] : SAME;
    }

    /** The measure as it was; null where there was none. */
    before(row) {
      const gone = row >= this.layer.rows;
      const value = gone ? this.told.gone.before[row - this.layer.rows] : this.at.has(row) ? this.told.before[this.at.get(row)] : this.layer.get(row, this.layer.measure);
      return value === "inf" ? Infinity : value;
    }

    /** The class that it was in, in the legend of now. */
    was(row) {
      const gone = row >= this.layer.rows;
      const at = gone ? this.told.gone.was[row - this.layer.rows] : this.at.has(row) ? this.told.was[this.at.get(row)] : this.layer.class[row];
      return at < this.layer.legend.classes.length ? at : -1;
    }

    shapes(before) {
      const shapes = this.layer.large ? new Array(this.layer.rows).fill(-1) : Array.from(this.layer.shape_of);
      if (before) this.told.rows.forEach((row, number) => this.told.shape_of[number] >= 0 && (shapes[row] = this.told.shape_of[number]));
      return shapes.concat(this.told.gone.shape_of);
    }

    /** A row's value, also of what is gone. */
    get(row, name) {
      if (name === "change") return CODES[this.code(row)];
      if (name === "was") return this.before(row);
      if (row < this.layer.rows) return this.layer.get(row, name);
      const column = name === this.layer.measure ? null : this.told.gone.columns[name];
      return column ? column[row - this.layer.rows] : null;
    }
  }

  /** The layer with rows for what is gone, and with whatever `other` says otherwise. */
  function dressed(app, then, other, before) {
    const { layer } = then;
    const both = (key, values) => Object.fromEntries(["zh", "en"].map((lang) => [lang, app.page.words[lang]["changes." + key].replace("{what}", values ? values[lang] : "")]));
    const measure = layer.byName.get(layer.measure);
    const codes = Object.fromEntries(CODES.map((code) => [code, both(code)]));
    const more = [{ name: "change", kind: "string", unit: "", title: both("change"), values: codes }, { ...measure, name: "was", title: both("was", measure.title) }];
    const made = Object.assign(Object.create(layer), {
      rows: then.rows,
      byKey: null,
      spoken: (row, name) => ["change", "was"].includes(name) || (row >= layer.rows && then.get(row, name) === null), // else than as a fact
      fields: [...layer.fields, ...more],
      facts: [...more.map((field) => field.name), ...layer.facts],
      byName: new Map([...layer.byName, ...more.map((field) => [field.name, field])]),
      columns: { ...layer.columns, change: {}, was: {} },
      shape_of: then.shapes(before),
      get: (row, name) => then.get(row, name),
      middle: (row) => (row < layer.rows && !before ? layer.middle(row) : made.bounds(row).getCenter()),
      ...other,
    });
    return made;
  }

  const every = (then, value) => Array.from({ length: then.rows }, (_, row) => value(row));

  /** The layer three times: by what changed, as it is now, as it was. */
  function dresses(app, layer, told) {
    const then = new Then(layer, told);
    const codes = every(then, (row) => then.code(row));
    const there = CODES.map((_, code) => code).filter((code) => ALWAYS.has(CODES[code]) || codes.includes(code));
    const classes = there.map((code) => app.page.changes.classes[code]);
    const place = new Map(there.map((code, at) => [code, at]));
    const since = () => app.words.say("changes.legend", { date: app.words.day(app.page.changes.against.as_of) });
    return {
      then,
      1: dressed(app, then, { legend: { title: { get zh() { return since(); }, get en() { return since(); } }, classes, limit_after: null, limit: null }, class: codes.map((code) => place.get(code)) }),
      swipe: dressed(app, then, { class: every(then, (row) => (row < layer.rows ? layer.class[row] : then.was(row))) }),
      before: dressed(app, then, { class: every(then, (row) => then.was(row)), earlier: true }, true),
    };
  }

  /** What a page tells of an earlier build; null where it tells nothing. */
  gridwalk.changes = function (app) {
    const { changes } = app.page;
    if (!changes) return null;
    const made = new Map();
    const place = byId("figures").parentElement.insertBefore(el("section", { id: "changes" }), byId("figures").nextSibling);
    const divider = swipe(app);
    const outlines = L.layerGroup().addTo(app.map);

    const nameOf = (id) => (app.page.layer[id].colourings && app.page.layer[id].colourings[app.state.now.theme] ? id + " " + app.state.now.theme : id);
    const toldOf = (id) => changes.layers[nameOf(id)] || null;

    /** Why the theme of the moment cannot be compared, in words; null where it can. */
    function obstacle() {
      const { say } = app.words;
      const told = toldOf(app.viewNow().layer);
      if (app.themeNow().hourly) return say("changes.reason_hourly");
      if (!told) return null;
      if (told.absent) return say("changes.reason_absent");
      return told.differ ? say("changes.reason_differ", { list: told.differ.map(parameter).join(say("value.comma")) }) : null;
    }

    const comparable = () => Boolean(app.themeNow()) && !obstacle() && Boolean(toldOf(app.viewNow().layer));
    /** What can be shown of the view of the moment: a layer that comes as tiles has no shapes to lay side by side. */
    const offered = () => (!comparable() ? [""] : MODES.filter((one) => one !== "swipe" || !app.page.layer[app.viewNow().layer].large));
    const mode = () => (offered().includes(app.state.now.compare) ? app.state.now.compare : "");

    /** The layer with what it was, or null. */
    function wardrobe(layer) {
      const told = toldOf(layer.id);
      if (!told || !told.rows || app.themeNow().hourly) return null;
      const name = nameOf(layer.id);
      if (!made.has(name)) made.set(name, dresses(app, layer.as(app.state.now.theme), told));
      return made.get(name);
    }

    /** A layer as the mode of the moment shows it; null where that is as ever. */
    function seen(layer) {
      const own = mode() && layer.id === app.viewNow().layer ? wardrobe(app.page.layer[layer.id]) : null;
      return own ? own[mode()] : null;
    }

    /** Rows that the map of now has: beside the earlier one, without what is gone. */
    const here = (layer, rows) => (mode() === "swipe" && !layer.earlier ? rows.filter((row) => row < app.page.layer[layer.id].rows) : rows);

    const parameter = (name) => (app.words.has("changes.p_" + name) ? app.words.say("changes.p_" + name) : app.words.has("changes.why_" + name) ? app.words.say("changes.why_" + name) : name);

    function mark(code) {
      return el("span.mark." + code, {}, el("i", { "aria-hidden": "true", text: app.words.say("changes.sign_" + code) }), app.words.say("changes." + code));
    }

    /** Two values of a figure, the unit once. */
    function values(one, before) {
      const { say, measure } = app.words;
      const [now, unit] = measure(one.value, one.unit);
      const [then] = measure(before, one.unit, one.value === null ? undefined : one.value);
      return say("changes.from_to", { before: then, after: unit ? say("unit.with", { number: now, unit }) : now });
    }

    /** One figure that differs: which way, what it was, what it is. */
    function figure(one) {
      const { say, title } = app.words;
      const told = changes.figures[one.id];
      return el("li", { "data-figure": one.id, "data-change": told.change }, mark(told.change), el("b", { text: told.why ? told.why.map(parameter).join(say("value.comma")) : values(one, told.before) }), el("span", { text: title(one.title) }));
    }

    /** What the tile of a figure says of the past; null where it is as it was. */
    function moved(one) {
      const told = changes.figures[one.id];
      if (!told) return null;
      const [before] = app.words.measure(told.before, one.unit, one.value);
      return el("span.moved", {}, mark(told.change), told.change === "incomparable" ? null : el("span", { text: app.words.say("changes.tile", { before }) }));
    }

    function figures(wide) {
      const { say, number } = app.words;
      const first = app.page.headline.flatMap(({ figure: id, beside }) => [id, beside]);
      const rank = (one) => ["worse", "better"].includes(changes.figures[one.id].change) * -100 + (first.includes(one.id) ? -50 + first.indexOf(one.id) : 0) + (changes.figures[one.id].change === "incomparable" ? 200 : 0);
      const there = app.page.figures.filter((one) => one.id in changes.figures).sort((a, b) => rank(a) - rank(b));
      if (!there.length) return [el("p.quiet", { text: say("changes.no_figures") })];
      const count = (code) => there.filter((one) => changes.figures[one.id].change === code).length;
      const counts = ["better", "worse", "changed", "new", "incomparable"].filter(count).map((code) => say("changes.count", { what: say("changes." + code), count: number(count(code)) }));
      const same = app.page.figures.length - there.length;
      const all = [...counts, say("changes.count", { what: say("changes.same"), count: number(same) })].join(say("legend.and"));
      return [el("details", { open: wide }, el("summary", { text: say("changes.figures", { counts: all }) }), el("ul.moves", {}, ...there.map(figure)))];
    }

    function differing() {
      const { say } = app.words;
      if (!changes.differ.length) return null;
      const list = changes.differ.map((one) => say(one.before === null || one.after === null ? "changes.differs_long" : "changes.differs", { ...one, name: parameter(one.name) })).join(say("value.comma"));
      return el("p.notice", { role: "note", text: say("changes.differ", { list }) });
    }

    function modes() {
      const { say } = app.words;
      const button = (one) => el("button", { type: "button", "data-mode": one, "aria-pressed": String(mode() === one), disabled: !offered().includes(one), text: say("changes.mode_" + (one || "now")), onclick: () => app.state.set({ compare: one, hide: [] }) });
      const reason = obstacle();
      const said = reason ? say("changes.not_here", { reason }) : !toldOf(app.viewNow().layer) ? say("changes.same_map") : mode() === "swipe" ? say("changes.now_only") : null;
      return [el("div.modes", { role: "group", "aria-label": say("changes.mode") }, ...MODES.map(button)), said ? el("p.quiet.why", { text: said }) : null];
    }

    const nothing = ![changes.differ, changes.figures, changes.layers].some((one) => Object.keys(one).length);

    function render() {
      const { say, day } = app.words;
      if (nothing) return fill(place, el("h2", { text: say("changes.nothing", { date: day(changes.against.as_of) }) }));
      const { version, as_of: date, published } = changes.against;
      const wide = Boolean(place.querySelector("details[open]"));
      const held = place.contains(document.activeElement) ? document.activeElement.dataset.mode : undefined;
      const about = published ? say("changes.about", { version: version.slice(0, 8), made: day(published) }) : say("changes.version", { version: version.slice(0, 8) });
      fill(place, el("h2", { text: say("changes.title", { date: day(date) }) }), el("p.quiet", { text: about }), differing(), ...(app.themeNow() ? modes() : []), ...figures(wide));
      if (held !== undefined) place.querySelector(`[data-mode="${held}"]`).focus();
      return place;
    }

    /** What got worse and what got better, by how many people it touches. */
    function lists() {
      if (mode() !== "1") return [];
      const layer = app.layerOf(app.viewNow());
      const { then } = made.get(nameOf(layer.id));
      const shown = new Set(app.rowsOf(app.viewNow()));
      const order = [...then.told.rows, ...Array.from({ length: then.told.gone.rows }, (_, row) => layer.rows - then.told.gone.rows + row)];
      const weight = ["people", "households", "length_m"].find((name) => layer.byName.has(name));
      return LISTED.map((code) => {
        const rows = order.filter((row) => shown.has(row) && CODES[then.code(row)] === code);
        const values = { new: [layer.measure], gone: ["was"] }[code] || ["was", layer.measure];
        const title = Object.fromEntries(["zh", "en"].map((lang) => [lang, app.page.words[lang]["changes.list_" + code]]));
        return { id: "changes_" + code, layer: layer.id, dressed: layer, title, columns: [layer.heading, ...values, ...(weight ? [weight] : [])], rows, filters: [], stepped: ["worse", "better"].includes(code) };
      }).filter((list) => list.rows.length);
    }

    /** The part of a card that tells what the thing was; null where it is as it was. */
    function beside(layer, row) {
      const own = wardrobe(app.page.layer[layer.id]);
      const code = own ? own.then.code(row) : SAME;
      const moved = own && own.then.at.has(row) && own.then.told.shape_of[own.then.at.get(row)] >= 0;
      if (code === SAME && !moved) return null;
      const { say, value, title } = app.words;
      const now = own[1];
      const [was, is] = [code === NEW ? null : value(now, row, "was"), code === GONE ? null : value(now, row, now.measure)];
      const text = was && is ? say("changes.from_to", { before: was, after: is }) : was || is;
      return el("p.beside.change", {}, mark(CODES[code]), el("span", { text: title(now.byName.get(now.measure).title) }), el("b", { text }), moved ? el("small", { text: say("changes.moved") }) : null);
    }

    /** Signs on the areas that changed, where there is room: nobody has to tell them by colour. */
    function signs(layer, rows) {
      if (mode() !== "1" || layer.draw !== "area") return null;
      const some = rows.filter((row) => CODES[made.get(nameOf(layer.id)).then.code(row)] !== "same" && layer.shape(row));
      return () => some.filter((row) => app.map.getBounds().contains(layer.middle(row))).map((row) => {
        const one = layer.legend.classes[layer.class[row]];
        return { at: layer.middle(row), within: layer.bounds(row), class: "state", order: 5, width: 18, height: 18, element: () => {
          const sign = gridwalk.badge(app.words.title(one.letter), one.fills[one.fills.length - 1], one.ink, "");
          sign.addEventListener("click", () => app.pick(layer.id, row));
          return sign;
        } };
      });
    }

    /** Dashed outlines of what is gone, over whatever has taken its place. */
    function outline(layer, rows) {
      outlines.clearLayers();
      if (mode() !== "1" || layer.draw !== "area") return;
      const { then } = made.get(nameOf(layer.id));
      const hidden = gridwalk.hiddenOf(app.state.now);
      for (const row of rows.filter((row) => then.code(row) === GONE && layer.shape(row) && !hidden.has(layer.class[row]))) outlines.addLayer(L.polygon(layer.shape(row), DASHED));
    }

    /** Colour what is beside the map of now, and name what changed. */
    function draw(view) {
      const layer = app.layerOf(view);
      outline(layer, app.rowsOf(view));
      app.labels.source("changes", signs(layer, app.rowsOf(view)));
      if (mode() !== "swipe") return divider.hide();
      const own = made.get(nameOf(layer.id));
      const earlier = app.rowsOf(view, own.before).filter((row) => own.then.code(row) !== NEW);
      return divider.show(own.before, earlier, gridwalk.hiddenOf(app.state.now));
    }

    function filter() {
      const layer = app.layerOf(app.viewNow());
      outline(layer, app.rowsOf(app.viewNow()));
      divider.filter(gridwalk.hiddenOf(app.state.now));
    }

    return { render, lists, seen, here, beside, moved, draw, filter };
  };

  /** A divider over the map: left of it the earlier colours, right of it those of now. */
  function swipe(app) {
    const { map } = app;
    const stops = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -PAGE, PageUp: PAGE, Home: -1, End: 1 };
    let share = 0.5;
    let colours = null;
    const handle = el("div", { id: "swipe", role: "slider", tabindex: "0", "aria-orientation": "horizontal", "aria-valuemin": "0", "aria-valuemax": "100", hidden: true }, el("span.was"), el("i", { "aria-hidden": "true", text: "◂ ▸" }), el("span.is"));
    map.getContainer().parentElement.append(handle);

    /** Cut the panes at the divider; they move with the map. */
    function cut() {
      if (handle.hidden) return;
      const size = map.getSize();
      const [from, to] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(size)];
      const at = from.x + size.x * share;
      const box = (left, right) => `polygon(${left}px ${from.y}px, ${right}px ${from.y}px, ${right}px ${to.y}px, ${left}px ${to.y}px)`;
      for (const name of RIGHT) map.getPane(name).style.clipPath = box(at, to.x);
      for (const name of Object.keys(LEFT)) map.getPane(name).style.clipPath = box(from.x, at);
      handle.style.left = 100 * share + "%";
      handle.setAttribute("aria-valuenow", String(Math.round(100 * share)));
      handle.setAttribute("aria-valuetext", app.words.say("changes.part", { percent: Math.round(100 * share) }));
    }

    function move(to) {
      share = Math.min(1, Math.max(0, to));
      cut();
    }

    handle.addEventListener("keydown", (event) => {
      if (!(event.key in stops)) return;
      event.preventDefault();
      move(share + stops[event.key]);
    });
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      handle.focus();
      event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const box = map.getContainer().getBoundingClientRect();
      move((event.clientX - box.left) / box.width);
    });
    map.on("move zoom resize viewreset zoomend moveend", cut);

    function show(layer, rows, hidden) {
      for (const [name, order] of Object.entries(LEFT)) if (!map.getPane(name)) map.createPane(name).style.zIndex = order;
      colours = colours || gridwalk.coloured(app, null, (name) => "was-" + name);
      colours.show(layer, rows, hidden);
      handle.hidden = false;
      handle.setAttribute("aria-label", app.words.say("changes.swipe"));
      handle.querySelector(".was").textContent = app.words.say("changes.left", { date: app.words.day(app.page.changes.against.as_of) });
      handle.querySelector(".is").textContent = app.words.say("changes.right", { date: app.words.day(app.page.as_of) });
      cut();
    }

    function hide() {
      if (handle.hidden) return;
      handle.hidden = true;
      if (colours) colours.clear();
      for (const name of [...RIGHT, ...Object.keys(LEFT)]) if (map.getPane(name)) map.getPane(name).style.clipPath = "";
    }

    return { show, hide, filter: (hidden) => !handle.hidden && colours.filter(hidden) };
  }
})((window.gridwalk = window.gridwalk || {}));
