/* The parts of the panel: heading, figures, themes, layers, and the small print. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;

  /** Words that stand in the page itself: elements with data-word, data-label, data-hint. */
  gridwalk.translate = function (app) {
    const { say } = app.words;
    document.documentElement.lang = app.words.lang() === "zh" ? "zh-CN" : "en";
    document.title = app.words.title(app.page.title) + " · " + app.words.title(app.page.board_title);
    byId("lang").lang = app.words.lang() === "zh" ? "en" : "zh-CN"; // it is called by the other one
    for (const part of document.querySelectorAll("[data-word]")) part.textContent = say(part.dataset.word);
    for (const part of document.querySelectorAll("[data-label]")) part.setAttribute("aria-label", say(part.dataset.label));
    for (const part of document.querySelectorAll("[data-hint]")) part.placeholder = say(part.dataset.hint);
  };

  gridwalk.head = function (app) {
    const { say, title, day } = app.words;
    const { page } = app;
    fill(byId("head"),
      el("h1", { text: title(page.title) }),
      el("p.sub", { text: [title(page.board_title), day(page.as_of), say("verdict." + page.verdict)].join(" · ") }),
      page.notice ? el("p.notice", { role: "note", text: title(page.notice) }) : null);
  };

  /** Numerator and denominator in the unit that they count. */
  function whole(app, one) {
    if (one.denominator === null) return "";
    const { say, measure } = app.words;
    const [denominator, unit] = measure(one.denominator, one.of, one.denominator);
    const [numerator] = measure(one.numerator, one.of, one.denominator);
    return say("figure.of", { numerator, denominator, unit }).trim();
  }

  /** A figure: what it is, how large, what it was, of how many, and what a ruler would have said. */
  function figure(app, one, beside) {
    const { say, title, measure, quantity } = app.words;
    const [number, unit] = measure(one.value, one.unit);
    return el(one.good === "low" && one.value > 0 ? "div.figure.alarm" : "div.figure", { role: "group", "aria-label": title(one.title), "data-figure": one.id },
      el("span.what", { text: title(one.title) }),
      el("strong", {}, number, unit ? el("small", { text: " " + unit }) : null, beside ? el("i", { text: " " + say("figure.network") }) : null),
      app.moved ? app.moved(one) : null,
      one.denominator === null ? null : el("span.whole", { text: whole(app, one) }),
      beside ? el("span.beside", { "data-figure": beside.id }, quantity(beside.value, beside.unit), el("i", { text: " " + say("figure.straight") })) : null);
  }

  /** How figures were made, each way once; what was open stays open. */
  function methods(app, shown) {
    const { say, title } = app.words;
    const ways = new Map();
    for (const one of shown.filter((one) => one.method)) ways.set(title(one.method), [...(ways.get(title(one.method)) || []), title(one.title)]);
    if (!ways.size) return null;
    const open = Boolean(byId("methods") && byId("methods").open);
    return el("details", { id: "methods", open }, el("summary", { text: say("figure.methods") }), el("dl", {}, ...[...ways].flatMap(([way, names]) => [el("dt", { text: names.join(say("value.comma")) }), el("dd", { text: way })])));
  }

  gridwalk.figures = function (app) {
    const { figures, headline } = app.page;
    const known = new Map(figures.map((one) => [one.id, one]));
    byId("figures").hidden = !headline.length;
    fill(byId("figures"), ...headline.map(({ figure: id, beside }) => figure(app, known.get(id), beside ? known.get(beside) : null)), methods(app, headline.map((one) => known.get(one.figure))));
  };

  /** Every figure of the report. */
  gridwalk.allFigures = function (app) {
    const { say, title, quantity } = app.words;
    const lines = app.page.figures.map((one) =>
      el("tr", { "data-figure": one.id }, el("th", { scope: "row" }, title(one.title), one.method ? el("small", { text: title(one.method) }) : null),
        el("td.number", {}, quantity(one.value, one.unit), el("small", { text: whole(app, one) }))));
    fill(byId("all-figures"), el("summary", { text: say("panel.figures", { count: lines.length }) }), el("table", {}, el("tbody", {}, ...lines)));
  };

  /** One button a theme, those of one kind together; what cannot be shown says what it needs. */
  gridwalk.themes = function (app) {
    const { title } = app.words;
    const { themes, missing } = app.page;
    const now = app.state.now.theme;
    const button = (theme) => el("button", { type: "button", "aria-pressed": String(theme.id === now), "data-theme": theme.id, text: title(theme.title), onclick: () => app.theme(theme.id) });
    const kinds = [...new Set(themes.map((theme) => title(theme.group)))];
    const kind = (name, number) => {
      const own = themes.filter((theme) => title(theme.group) === name).map(button);
      return el("div.kind", kinds.length > 1 ? { role: "group", "aria-labelledby": "kind-" + number } : {}, kinds.length > 1 ? el("span", { id: "kind-" + number, text: name }) : null, el("div", {}, ...own));
    };
    fill(byId("themes"), ...kinds.map(kind));
    byId("themes").hidden = !themes.length;
    const reasons = new Map();
    for (const one of missing) reasons.set(title(one.reason), [...(reasons.get(title(one.reason)) || []), title(one.title)]);
    fill(byId("missing"), ...[...reasons].map(([reason, names]) => el("li", { text: app.words.say("panel.missing", { theme: names.join(app.words.say("value.comma")), reason }) })));
  };

  /** Units of one theme: grids, communities, townships. */
  gridwalk.views = function (app) {
    const { views } = app.themeNow();
    const choice = byId("views");
    choice.parentElement.hidden = views.length < 2;
    fill(choice, ...views.map((view, number) => {
      const name = app.words.say("view.count", { name: app.words.title(view.title), count: app.words.number(app.rowsOf(view).length) });
      return el("option", { value: String(number), text: name, selected: String(number) === app.state.now.view });
    }));
  };

  /** Switches for what lies over the coloured layer. */
  gridwalk.toggles = function (app) {
    const { title } = app.words;
    const shown = app.page.toggles.filter((toggle) => app.fits(toggle));
    fill(byId("toggles"), ...shown.map((toggle) => {
      const box = el("input", { type: "checkbox", id: "toggle-" + toggle.id, checked: app.isOn(toggle), onchange: () => app.flip(toggle.id) });
      return el("label", { for: "toggle-" + toggle.id }, box, el("i.sign.sign-" + toggle.id, { "aria-hidden": "true" }), title(toggle.title));
    }));
  };

  /** Faults in the data that the maps rest on. */
  gridwalk.faults = function (app) {
    const { say, title } = app.words;
    const { faults, faults_total: total } = app.page;
    const place = byId("faults");
    place.hidden = !total;
    const items = faults.map((one) =>
      el("li", {}, el("b", { text: [one.table, one.row, one.column].filter((part) => part !== null && part !== "").join(" · ") }),
        el("span", { text: say("panel.fault", { problem: title(one.problem), remedy: title(one.remedy) }) })));
    fill(place, el("summary", { text: say("panel.faults", { count: total }) }), el("ul", {}, ...items));
  };

  /** Where everything comes from, by whom it was made, and whether it may be published. */
  gridwalk.colophon = function (app) {
    const { say, title } = app.words;
    const { page } = app;
    const sources = page.sources.map((one) => el("li", { text: say("panel.source", { table: title(one.title), source: one.source || "—", licence: one.licence || "—" }) }));
    const review = page.map_review_number
      ? say("panel.review", { number: page.map_review_number })
      : say("panel.unreviewed");
    fill(byId("sources"), el("summary", { text: say("panel.sources") }), el("ul", {}, ...sources), el("p", { text: say("panel.made", { by: page.made_by }) }));
    fill(byId("colophon"),
      el("p.review", { text: review }),
      page.attribution ? el("p", { text: title(page.attribution) }) : null,
      page.themes.some((theme) => theme.id === "walk") ? el("p", { text: say("panel.method", { ...page.parameters, at: title(page.parameters.at) }) }) : null,
      el("p", { text: say("panel.version", { version: page.version.slice(0, 12), crs: say("panel.crs") }) }));
    byId("credit").textContent = page.attribution ? title(page.attribution) : "";
  };

  /** The sheet of a phone: pulled up to read, pushed down to see the map. */
  gridwalk.sheet = function (app) {
    const heights = ["half", "full", "low"];
    const handle = byId("handle");
    handle.addEventListener("click", () => {
      const now = document.body.dataset.sheet || "half";
      document.body.dataset.sheet = heights[(heights.indexOf(now) + 1) % heights.length];
      setTimeout(() => app.map.invalidateSize({ animate: false }), 0);
    });
  };
})((window.gridwalk = window.gridwalk || {}));
