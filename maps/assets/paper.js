/* The list on paper: a table to be signed, made when the page is printed. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;

  const HEADS = ["number", "state", "what", "between", "measure", "seen", "late", "signature"];

  const TOGETHER = 15; // rows of one holder that are not parted by the end of a page

  /** From where to where, without the words that the heading has. */
  const range = (from, to) => (!from ? "" : from === to || !to ? from : from + "–" + to);

  function line(app, row, number) {
    const { facts, work } = app;
    const { layer } = work;
    const due = layer.get(row, "due_at");
    const late = facts.lateness(layer, row);
    const state = facts.stateName(layer, row);
    return el("tr", {},
      el("td.number", { text: String(number) }),
      el("td.whole", {}, app.letter(layer.get(row, "state")), " " + state),
      el("th", { scope: "row" }, gridwalk.kindSign(work.kind(row)), facts.name(layer, row)),
      el("td.whole", { text: range(...facts.span(layer, row)) }),
      el("td.whole", {}, range(...facts.written(...facts.ends(layer, row))), el("small", { text: facts.size(layer, row) })),
      el("td", {}, facts.seen(layer, row, true), el("small", { text: layer.get(row, "last_visit") ? facts.ago(layer, row) : "" })),
      el("td.whole", {}, late === state ? "" : late, due ? el("small", { text: facts.moment(due, true) }) : null),
      el("td.sign-here"));
  }

  /** Rows of one holder, under their name. */
  function holder(app, id, rows) {
    const heading = el("tr", {}, el("th.whose", { colspan: String(HEADS.length), scope: "rowgroup" }, el("b", { text: app.facts.post(id) }), " " + app.work.summary(rows)));
    return el(rows.length > TOGETHER || app.single() ? "tbody" : "tbody.together", {}, app.single() ? null : heading, ...rows.map((row, at) => line(app, row, at + 1)));
  }

  /** Put the table in its place. */
  gridwalk.paper = function (app) {
    const { say, day, title } = app.words;
    const { work, page } = app;
    const chosen = app.chosen();
    const rows = work.pressing();
    fill(byId("paper"),
      el("h2", { text: say("patrol.paper") }),
      el("p", {}, el("b", { text: chosen ? chosen.name : say("patrol.everyone") }),
        " · " + [day(page.as_of), title(page.title), work.summary(rows), work.unshown()].filter(Boolean).join(" · ")),
      el("p.signatures", {}, ...["leader", "walked_on"].map((name) => el("span", { text: say("patrol.paper_" + name) }))),
      el("table", {},
        el("thead", {}, el("tr", {}, ...HEADS.map((name) => el("th", { scope: "col", text: say("patrol.paper_" + name) })))),
        ...work.groups(rows).map(([id, own]) => holder(app, id, own))));
  };
})((window.gridwalk = window.gridwalk || {}));
