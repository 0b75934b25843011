/* A finding in plain words: what is wrong, whom it concerns, what to do, and what the proposed repair does about it. */
(function (gridwalk) {
  "use strict";

  const { el } = gridwalk;
  const NAMED = 3; // of several grids
  const PIECES = new Set(["gap", "overlap", "spill"]); // kinds that are ground, not something about a grid
  const TOLD = 6; // changes of a proposal

  /** The first of several words that there is. */
  const first = (app, keys) => keys.find((key) => app.words.has(key)) || null;

  /** What ids stand for; where several have one name, with their ids. */
  function called(app, field, ids) {
    const said = ids.map((id) => (id === null ? app.words.say("value.missing") : app.words.named(field, id)));
    return said.map((name, at) => (name !== ids[at] && said.indexOf(name) !== said.lastIndexOf(name) ? `${name} ${ids[at]}` : name));
  }

  function names(app, layer, row, field) {
    const { say, number } = app.words;
    const ids = [layer.get(row, field)].flat().filter((id) => id !== null && id !== "");
    const told = called(app, layer.byName.get(field), ids).slice(0, NAMED).join(say("value.comma"));
    return ids.length > NAMED ? say("value.more", { list: told, count: number(ids.length) }) : told;
  }

  function concerned(app, layer, row) {
    const { say, number } = app.words;
    const [households, people] = ["households", "people"].map((name) => layer.get(row, name));
    if (households === null && people === null) return PIECES.has(layer.get(row, "kind")) ? say("planner.whom_unknown") : null;
    if (!households && !people) return say("planner.whom_nobody");
    return say(people === null ? "planner.whom_households" : "planner.whom", { households: number(households), people: number(people) });
  }

  /** Rows of the ledger that stem from a finding. */
  gridwalk.entries = function (page, id) {
    const ledger = page.layer["repair-ledger"];
    return ledger ? ledger.at(null).filter((row) => ledger.get(row, "finding_id") === id) : [];
  };

  /** What the proposal gives to whom; what one gives another is told once. */
  function repair(app, id) {
    const ledger = app.page.layer["repair-ledger"];
    if (!ledger) return null;
    const { say, value, number, quantity } = app.words;
    const rows = gridwalk.entries(app.page, id);
    const gains = rows.filter((row) => ledger.get(row, "change") === "gains");
    const losses = rows.filter((row) => ledger.get(row, "change") === "loses" && !gains.some((gain) => ledger.get(gain, "other_id") === ledger.get(row, "grid_id")));
    const stays = rows.filter((row) => ledger.get(row, "change") === null);
    const lines = [...gains, ...losses, ...stays].map((row) => {
      const told = ["change", "other_id", "households"].map((name) => ledger.get(row, name));
      const households = told[2] ? say("planner.repair_households", { households: number(told[2]) }) : "";
      const [grid, other] = called(app, ledger.byName.get("grid_id"), [ledger.get(row, "grid_id"), told[1]]);
      const text = say("planner.repair_" + (told[0] || "stays") + (told[1] ? "_other" : ""), { grid, area: quantity(ledger.get(row, "area_m2"), "m²"), other, households });
      const rule = ledger.get(row, "rule");
      return el("li", {}, text, rule ? el("small", { text: " " + value(ledger, row, "rule") }) : null);
    });
    if (!lines.length) return el("p", { text: say("planner.repair_none") });
    const toggle = app.page.toggles.find((one) => one.id === "repair");
    const show = toggle && app.fits(toggle) && !app.isOn(toggle) ? el("button.small", { type: "button", text: say("planner.repair_show"), onclick: () => app.flip("repair") }) : null;
    return el("div", {}, el("ul", {}, ...lines.slice(0, TOLD)), lines.length > TOLD ? el("p", { text: say("planner.repair_more", { count: number(lines.length - TOLD) }) }) : null, show);
  }

  /** The part of the card above the facts, or null for what needs no explaining. */
  gridwalk.explained = function (app, layer, row) {
    if (layer.id !== "grid-findings") return null;
    const { say, value } = app.words;
    const [kind, cause] = ["kind", "cause"].map((name) => layer.get(row, name));
    const said = {
      grids: names(app, layer, row, "grid_ids"),
      parent: names(app, layer, row, "parent_id") || say("planner.place"),
      area: value(layer, row, "area_m2"),
      width: value(layer, row, "width_m"),
      detail: value(layer, row, "detail"),
    };
    const what = [first(app, ["planner.what_" + kind]), cause === "real" && !PIECES.has(kind) ? null : first(app, ["planner.why_" + cause])].filter(Boolean).map((key) => el("p", { text: say(key, said) }));
    const advice = first(app, ["planner.do_" + kind + "_" + cause, "planner.do_" + cause, "planner.do_" + kind]);
    const whom = concerned(app, layer, row);
    const parts = [["what", what], ["whom", whom], ["do", advice ? say(advice, said) : null], ["repair", PIECES.has(kind) ? repair(app, layer.key(row)) : null]];
    const written = (part) => (typeof part === "string" ? [el("p", { text: part })] : [part].flat());
    return el("div.explained", {}, ...parts.filter(([, part]) => part).flatMap(([name, part]) => [el("h3", { text: say("planner.head_" + name) }), ...written(part)]));
  };
})((window.gridwalk = window.gridwalk || {}));
