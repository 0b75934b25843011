/* Ranked lists that are wired to the map, and the table of everything that the map shows. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const SHORT = 8;
  const PAGE = 300;

  const OWN_UNITS = new Set(["minutes", "days", "FTE"]); // said once, in the heading
  const BARE = new Set([...OWN_UNITS, "people", "households", "grids", "stations", "workers", "markers"]);

  /** A cell: the number alone where the heading says what it counts. */
  function cell(app, layer, row, name) {
    const value = layer.get(row, name);
    if (typeof value === "number" && BARE.has(layer.byName.get(name).unit)) return app.words.number(value);
    return app.words.value(layer, row, name);
  }

  /** Compare two values: numbers by size, texts as people sort them, missing last either way. */
  function order(a, b, down) {
    const none = (value) => value === null || value === undefined || value === "";
    if (none(a) || none(b)) return none(a) - none(b);
    const sign = down ? -1 : 1;
    if (typeof a === "number" && typeof b === "number") return a === b ? 0 : a < b ? -sign : sign;
    return sign * String(a).localeCompare(String(b), undefined, { numeric: true });
  }

  const numeric = (layer, name) => ["number", "integer"].includes(layer.byName.get(name).kind);

  /** A cell of numbers, of words that may not be broken, or of names and ids that may be. */
  const kindOf = (layer, name) => (numeric(layer, name) ? "td.number" : layer.byName.get(name).values ? "td.coded" : "td");

  /** Value to sort by: the place of a code in its list, else the value. */
  function sortable(layer, row, name) {
    const value = layer.get(row, name);
    const { values } = layer.byName.get(name);
    return values && value in values ? Object.keys(values).indexOf(value) : value;
  }

  function heading(app, layer, name, sort, change) {
    const down = sort.name === name && sort.down;
    const direction = sort.name === name ? (down ? "descending" : "ascending") : "none";
    const { title, unit } = layer.byName.get(name);
    const word = OWN_UNITS.has(unit) ? app.words.say("unit." + unit) : "";
    const own = word && !app.words.title(title).toLowerCase().includes(word.toLowerCase()) ? el("small", { text: " " + word }) : null;
    return el(numeric(layer, name) ? "th.number" : "th", { scope: "col", "aria-sort": direction },
      el("button.sort", { type: "button", "data-sort": name, onclick: () => change({ name, down: sort.name === name ? !down : numeric(layer, name) }) },
        app.words.title(title), own, el("i", { "aria-hidden": "true", text: direction === "none" ? "" : down ? "▾" : "▴" })));
  }

  /** The colour that a row has on the map. */
  function patch(layer, row) {
    if (!layer.legend || layer.class[row] < 0) return null;
    return el("i.patch", { "aria-hidden": "true", style: { backgroundColor: gridwalk.fillOf(layer.legend, layer.class[row], null) } });
  }

  function body(app, layer, names, rows) {
    return rows.map((row) => {
      const text = (name) => (name === layer.key_field ? layer.key(row) : cell(app, layer, row, name)); // an id where ids are asked for
      const cells = names.slice(1).map((name) => el(kindOf(layer, name), { text: text(name) }));
      const first = names[0] === layer.heading ? layer.name(row) : app.words.value(layer, row, names[0]);
      return el("tr", { "data-key": layer.key(row) },
        el("th", { scope: "row" }, el("span.lead", {}, patch(layer, row), el("button.link", { type: "button", text: first, onclick: (event) => gridwalk.choose(app, layer, row, event) }))), ...cells);
    });
  }

  function sorted(layer, rows, sort) {
    if (!sort.name) return rows;
    return [...rows].sort((a, b) => order(sortable(layer, a, sort.name), sortable(layer, b, sort.name), sort.down) || a - b);
  }

  /** Save rows as a spreadsheet; ids stay text. */
  gridwalk.saveRows = function (app, layer, names, rows) {
    const titles = names.map((name) => app.words.title(layer.byName.get(name).title));
    const lines = rows.map((row) => names.map((name) => plain(app, layer, row, name)));
    gridwalk.downloadTable(gridwalk.fileOf(app, layer, "csv"), titles, lines);
  };

  function plain(app, layer, row, name) {
    const value = layer.get(row, name);
    if (typeof value === "number") return Number.isFinite(value) ? value : app.words.say("value.unreached");
    return Array.isArray(value) ? value : value === null ? "" : app.words.coded(layer.byName.get(name), value);
  }

  /** What a reader has narrowed a list down to: code by field. */
  function narrowed(app, given) {
    const chosen = (app.state.now.only || []).map((one) => one.split(".")).filter(([id, name]) => id === given.id && given.filters.includes(name));
    return new Map(chosen.map(([, name, code]) => [name, code]));
  }

  /** Rows of a list that its filters let through. */
  gridwalk.listed = function (app, given) {
    const layer = app.page.layer[given.layer];
    const wanted = [...narrowed(app, given)];
    return wanted.length ? given.rows.filter((row) => wanted.every(([name, code]) => layer.get(row, name) === code)) : given.rows;
  };

  /** One choice a field: all, or one of the codes that the list has, with how many there are. */
  function filters(app, given) {
    const { say, title, coded, number } = app.words;
    const layer = app.page.layer[given.layer];
    const chosen = narrowed(app, given);
    return given.filters.map((name) => {
      const field = layer.byName.get(name);
      const counts = new Map();
      for (const row of given.rows) counts.set(layer.get(row, name), (counts.get(layer.get(row, name)) || 0) + 1);
      const codes = [...Object.keys(field.values), ...counts.keys()].filter((code, at, all) => code !== null && counts.has(code) && all.indexOf(code) === at);
      const choose = (event) => {
        const others = (app.state.now.only || []).filter((one) => !one.startsWith(given.id + "." + name + "."));
        app.state.set({ only: event.target.value ? [...others, [given.id, name, event.target.value].join(".")] : others });
      };
      return el("label", {}, el("span", { text: title(field.title) }),
        el("select", { onchange: choose, "data-filter": name },
          el("option", { value: "", text: say("list.any") }),
          ...codes.map((code) => el("option", { value: code, selected: chosen.get(name) === code, text: say("view.count", { name: coded(field, code), count: number(counts.get(code)) }) }))));
    });
  }

  /** Buttons to go through a list one by one; where the reader is stands between them. */
  gridwalk.stepper = function (app, ranked) {
    const { say, number } = app.words;
    const rows = ranked.order();
    const at = rows.indexOf(app.picked()[0] === ranked.layer ? app.picked()[1] : -1);
    const where = say("list.at", { at: at < 0 ? "–" : number(at + 1), count: number(rows.length) });
    const button = (step, name, key, sign) =>
      el("button.small", { type: "button", "data-step": step, "aria-label": say("list." + name), "aria-keyshortcuts": key, title: say("list." + name) + " (" + key + ")", disabled: !rows.length, text: sign, onclick: () => ranked.step(step) });
    return [button(-1, "before", "P", "‹"), el("span", { text: where }), button(1, "next", "N", "›")];
  };

  /** One ranked list: short at first, whole on demand, sortable, to be saved; perhaps narrowed down and gone through. */
  gridwalk.ranking = function (app, given) {
    const layer = given.dressed || app.page.layer[given.layer];
    const top = el("h2", { text: app.words.title(given.title) });
    const steps = el("p.steps", { role: "group", "aria-label": app.words.title(given.title) });
    const choices = given.filters.length ? el("div.filters", {}, ...filters(app, given)) : null;
    const below = el("div", {});
    const place = el("section.ranking", { "data-list": given.id }, el("div.ranking-head", {}, top, given.stepped ? steps : null), choices, below);
    let sort = { name: "", down: false };
    let whole = false;
    let first = 0; // of those that are shown

    const order = () => sorted(layer, gridwalk.listed(app, given), sort);

    function render() {
      const { say, number } = app.words;
      const rows = order();
      const shown = whole ? rows.slice(0, Math.max(PAGE, first + SHORT)) : rows.slice(first, first + SHORT);
      const change = (next) => {
        sort = next;
        first = 0;
        render();
      };
      const names = layer.fields.map((field) => field.name);
      const turn = () => {
        whole = !whole;
        render();
      };
      const more = el("button.small", { type: "button", "data-more": "", "aria-expanded": String(whole), text: say(whole ? "list.less" : "list.more", { count: number(rows.length) }), onclick: turn });
      const save = el("button.small", { type: "button", "data-save": "csv", text: say("list.save"), onclick: () => gridwalk.saveRows(app, layer, names, rows) });
      fill(below,
        rows.length ? el(numeric(layer, given.columns[0]) ? "table.ranked" : "table.named", { "aria-label": app.words.title(given.title) }, el("thead", {}, el("tr", {}, ...given.columns.map((name) => heading(app, layer, name, sort, change)))),
          el("tbody", {}, ...body(app, layer, given.columns, shown))) : el("p.quiet", { text: say("list.empty") }),
        given.total > given.rows.length ? el("p.quiet", { text: say("large.first", { shown: number(given.rows.length), total: number(given.total) }) }) : null,
        rows.length ? el("p.actions", { role: "group", "aria-label": app.words.title(given.title) }, rows.length > SHORT ? more : null, save, gridwalk.shapesOf(app, layer, names, rows)) : null);
      mark();
    }

    /** Say where the reader is, without taking the list from under their hands. */
    function mark() {
      if (given.stepped && given.rows.length) fill(steps, ...gridwalk.stepper(app, ranked));
      const [picked, row] = app.picked();
      const key = picked === layer ? layer.key(row) : null;
      for (const line of below.querySelectorAll("tbody tr")) line.dataset.key === key ? line.setAttribute("aria-current", "true") : line.removeAttribute("aria-current");
    }

    /** The row that is picked, brought among those that are shown. */
    function follow() {
      const [picked, row] = app.picked();
      const at = picked === layer ? order().indexOf(row) : -1;
      if (at < 0 || (!whole && at >= first && at < first + SHORT)) return mark();
      first = Math.floor(at / SHORT) * SHORT;
      return render();
    }

    function step(by) {
      const rows = order();
      const [picked, row] = app.picked();
      const at = picked === layer ? rows.indexOf(row) : -1;
      const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length;
      if (rows.length) app.pick(layer.id, rows[next], true);
    }

    const ranked = { id: given.id, layer, stepped: given.stepped, place, order, step, follow };
    render();
    return ranked;
  };

  /** The whole of what the map shows, as a table: for the keyboard, for a screen reader, for whoever likes tables. */
  gridwalk.table = function (app, current) {
    const place = byId("table");
    let sort = { name: "", down: false };
    let shown = PAGE;

    function render() {
      if (place.hidden) return;
      const { say, title, number } = app.words;
      const { layer, rows } = current();
      const hidden = gridwalk.hiddenOf(app.state.now);
      const kept = sorted(layer, layer.legend ? rows.filter((row) => !hidden.has(layer.class[row])) : rows, sort);
      const names = [layer.heading, ...(layer.heading === layer.key_field ? [] : [layer.key_field]), ...layer.facts.filter((name) => !layer.large || name in layer.columns)];
      const change = (next) => {
        sort = next;
        render();
      };
      fill(place, el("div.table-head", {},
        el("h2", { text: say("table.title", { layer: title(layer.title), count: number(kept.length) }) }),
        layer.large && app.page.home
          ? el("a.small", { href: app.page.home + "files/layers/" + layer.id + ".csv", download: true, text: say("large.all_csv") })
          : el("button.small", { type: "button", "data-save": "csv", text: say("list.save"), onclick: () => gridwalk.saveRows(app, layer, names, kept) }),
        gridwalk.shapesOf(app, layer, names, kept),
        el("button.small", { type: "button", text: say("table.close"), onclick: close, id: "table-close" })),
      el("div.scroll", { tabindex: "0", role: "region", "aria-label": title(layer.title) },
        el("table", { "aria-label": title(layer.title) }, el("thead", {}, el("tr", {}, ...names.map((name) => heading(app, layer, name, sort, change)))),
          el("tbody", {}, ...body(app, layer, names, kept.slice(0, shown)))),
        kept.length > shown ? el("button.small", { type: "button", text: say("table.more", { count: number(kept.length - shown) }), onclick: () => { shown += PAGE; render(); } }) : null));
    }

    function open() {
      place.hidden = false;
      render();
      byId("table-close").focus();
    }

    function close() {
      place.hidden = true;
      fill(place);
      byId("show-table").focus();
    }

    return { render, isOpen: () => !place.hidden, toggle: () => (place.hidden ? open() : close()), close, reset: () => { sort = { name: "", down: false }; shown = PAGE; } };
  };
})((window.gridwalk = window.gridwalk || {}));
