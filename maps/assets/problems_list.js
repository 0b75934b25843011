/* The list of problems: by file, each with its number, what is wrong and where; and the ways to narrow it down. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const PAGE = 60;

  function item(app, one) {
    const { problems } = app;
    const near = problems.plain(one, "near");
    return el("li", { "data-line": one.line },
      el("button.problem", { type: "button", onclick: (event) => gridwalk.choose(app, one.layer, one.row, event) },
        gridwalk.problemNumber(app, one),
        el("span.about", {},
          el("b", { text: problems.name(one) }), el("small", { text: problems.text(one, "sort") }),
          el("span", { text: problems.text(one, "problem") }),
          near ? el("small.near", { text: near }) : null)));
  }

  /** The heading of a file: what it is, how much of what is wrong with it, and the way to it alone. */
  function heading(app, rows) {
    const { say } = app.words;
    const { problems } = app;
    const one = rows[0];
    const only = app.state.now.file ? null : el("button.link", { type: "button", "data-file": one.file, text: say("problems.only"), onclick: () => app.state.set({ file: one.file, kind: "" }) });
    return el("h3.file", {}, el("span", {}, el("b", { text: problems.text(one, "file") }), " ", problems.tables(rows)), el("small", { text: problems.counted(rows) }), only);
  }

  /** Options of a choice, with how many there are of each. */
  function options(app, place, first, rows, chosen, code, name) {
    const { say, number } = app.words;
    const counts = new Map();
    for (const one of rows) counts.set(code(one), (counts.get(code(one)) || 0) + 1);
    const names = new Map(rows.map((one) => [code(one), name(one)]));
    const made = [...counts].map(([value, count]) => el("option", { value, selected: value === chosen, text: say("view.count", { name: names.get(value), count: number(count) }) }));
    fill(place, el("option", { value: "", text: say("view.count", { name: first, count: number(rows.length) }) }), ...made);
  }

  gridwalk.problemList = function (app) {
    const { problems } = app;
    let shown = PAGE;

    function filters() {
      const { say, title, number } = app.words;
      const { theme, file, kind } = app.state.now;
      const topics = [["all", say("problems.all"), problems.all.length], ...app.page.themes.map((one) => [one.id, title(one.title), problems.all.filter((row) => row.theme === one.id).length])];
      fill(byId("themes"), ...topics.map(([id, name, count]) =>
        el("button", { type: "button", "aria-pressed": String(id === theme), "data-theme": id, onclick: () => app.state.set({ theme: id, kind: "" }) }, name, el("small", { text: number(count) }))));
      byId("themes").hidden = !problems.all.length;
      const now = { theme, file: "", kind: "" };
      options(app, byId("file"), say("problems.every_file"), problems.asked(now), file, (one) => one.file, (one) => problems.text(one, "file"));
      options(app, byId("kind"), say("problems.every_kind"), problems.asked({ ...now, file }), kind, (one) => one.kind, (one) => problems.text(one, "sort"));
    }

    /** How grave: the key to the colours, and a filter. */
    function legend() {
      const rows = problems.asked(app.state.now);
      if (!problems.all.length) return fill(byId("legend"));
      const { layer } = problems.all[0];
      const key = { draw: "area", legend: layer.legend, class: rows.map((one) => one.class) };
      return gridwalk.legend(app, byId("legend"), key, rows.map((_, at) => at));
    }

    function list() {
      const { say, number } = app.words;
      const rows = problems.listed(app.state.now);
      const cut = app.page.figures.find((one) => one.id === "problems.listed");
      const count = say(rows.length === problems.all.length ? "problems.count" : "problems.count_of", { count: number(rows.length), total: number(problems.all.length) });
      byId("list-title").textContent = say("problems.list") + say("legend.and") + count;
      for (const id of ["print", "csv", "geojson"]) byId(id).disabled = !rows.length;
      const groups = problems.byFile(rows.slice(0, shown)).map((some) => {
        const whole = rows.filter((one) => one.file === some[0].file);
        return el("section", { "data-of": some[0].file }, heading(app, whole), el("ol", {}, ...some.map((one) => item(app, one))));
      });
      fill(byId("listed"),
        cut ? el("p.notice", { text: say("problems.cut", { count: number(cut.value) }) }) : null,
        ...groups,
        rows.length ? null : el("p.clean", { text: say(problems.all.length ? "problems.none_listed" : "problems.none") }),
        rows.length > shown ? el("button.small", { type: "button", id: "more-problems", text: say("problems.more", { count: number(rows.length - shown) }), onclick: () => { shown += PAGE * 5; list(); } }) : null);
      mark();
    }

    /** Say where the reader is, and bring it into the list. */
    function mark() {
      const { say, number } = app.words;
      const rows = problems.listed(app.state.now);
      const at = rows.indexOf(problems.of(...app.picked()));
      const button = (by, name, key, sign) =>
        el("button.small", { type: "button", "data-step": by, "aria-label": say("list." + name), "aria-keyshortcuts": key, title: say("list." + name) + " (" + key + ")", disabled: !rows.length, text: sign, onclick: () => step(by) });
      const steps = () => [button(-1, "before", "P", "‹"), el("span", { text: say("list.at", { at: at < 0 ? "–" : number(at + 1), count: number(rows.length) }) }), button(1, "next", "N", "›")];
      fill(byId("steps"), ...steps());
      for (const one of byId("listed").querySelectorAll("li")) one.dataset.line === String(at < 0 ? -1 : rows[at].line) ? one.setAttribute("aria-current", "true") : one.removeAttribute("aria-current");
      return at < 0 ? [] : [el("span.steps", {}, ...steps())];
    }

    function follow() {
      const rows = problems.listed(app.state.now);
      const at = rows.indexOf(problems.of(...app.picked()));
      if (at >= shown) {
        shown = at + PAGE;
        list();
      }
      const steps = mark();
      const here = byId("listed").querySelector("[aria-current]");
      if (here && !byId("listed").contains(document.activeElement)) here.scrollIntoView({ block: "nearest" });
      return steps;
    }

    function step(by) {
      const rows = problems.listed(app.state.now);
      const at = rows.indexOf(problems.of(...app.picked()));
      const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length];
      if (next) app.pick(next.layer.id, next.row, true);
    }

    return { filters, legend, list, mark, follow, step, reset: () => { shown = PAGE; } };
  };
})((window.gridwalk = window.gridwalk || {}));
