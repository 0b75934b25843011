/* The card of a stretch: whose it is, when it was last walked, what is late about it. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;

  /** Whoever holds it, each with a way to all that is theirs. */
  function holders(app, layer, row) {
    const ids = app.facts.holders(layer, row);
    if (!ids.length) return app.facts.post("");
    return el("span.holders", {}, ...ids.map((id) => el("button.link", { type: "button", text: app.facts.post(id), onclick: () => app.state.set({ post: id }) })));
  }

  /** People who are assigned to its segments, as a number: who they are stays at the station. */
  function guards(app, layer, row) {
    if (layer.has("guards")) return layer.get(row, "guards");
    const segments = app.page.layer["border-segments"];
    const found = (layer.get(row, "segment_ids") || []).map((id) => (segments ? segments.find(id) : -1)).filter((at) => at >= 0);
    return found.length ? found.reduce((sum, at) => sum + (segments.get(at, "guards") || 0), 0) : null;
  }

  function facts(app, layer, row) {
    const { say, quantity, number, value } = app.words;
    const { facts: about } = app;
    const people = guards(app, layer, row);
    const segments = (layer.get(row, "segment_ids") || []).join("+") === layer.name(row).replaceAll(" ", "") ? "" : value(layer, row, "segment_ids");
    const due = layer.get(row, "due_at");
    const interval = layer.get(row, "interval_days");
    return [
      ["holder", holders(app, layer, row)],
      ["between", about.markers(layer, row)],
      ["seen", el("span", {}, about.seen(layer, row, true), layer.get(row, "last_visit") ? el("small", { text: " " + about.ago(layer, row) }) : null)],
      ["due", due ? about.moment(due, true) : ""],
      ["interval", interval === null ? "" : quantity(interval, "days")],
      ["guards", people === null ? "" : say("patrol.people", { count: number(people) })],
      ["measure", about.kilometres(layer, row)],
      ["length", about.size(layer, row)],
      ["segments", segments === say("value.missing") ? "" : segments],
    ].filter(([, shown]) => shown !== "");
  }

  /** Card of whatever lies on the border and has a state; other things have the card that they have everywhere. */
  gridwalk.stretchCard = function (app, layer, row) {
    if (!layer || !app.judged(layer)) return plain(app, layer, row);
    const { say } = app.words;
    const card = byId("card");
    const here = app.here(layer, row);
    card.hidden = false;
    return fill(card,
      el("div.card-head", {},
        el("h2", {}, gridwalk.kindSign(layer.has("kind") ? layer.get(row, "kind") : ""), app.facts.name(layer, row), here === null ? null : el("small", { text: say("patrol.at_km", { km: app.words.number(here / 1000, 3) }) })),
        el("button.close", { type: "button", "aria-label": say("card.close"), text: "×", onclick: () => app.state.set({ pick: "", km: "" }) })),
      el("p.verdict", {}, layer.get(row, "state") === null ? null : app.letter(layer.get(row, "state")), el("b", { text: app.facts.stateName(layer, row) }), lateness(app, layer, row)),
      el("dl", {}, ...facts(app, layer, row).flatMap(([name, shown]) => [el("dt", { text: say("patrol.card_" + name) }), el("dd", {}, shown)])),
      layer.shape(row) ? el("button.small", { type: "button", text: say("card.zoom"), onclick: () => app.zoomTo(layer, row) }) : null);
  };

  function lateness(app, layer, row) {
    const text = app.facts.lateness(layer, row);
    return text === app.facts.stateName(layer, row) ? null : el("b.late", { text });
  }

  /** The usual card; of a marker with the stretch that it stands on, of a post with the way to its list. */
  function plain(app, layer, row) {
    gridwalk.card(app, layer, row);
    if (!layer) return;
    const { say } = app.words;
    const metres = layer.id === "markers" ? layer.get(row, "measure_m") : null;
    if (metres !== null) {
      const at = app.chainage.row(layer.get(row, "border_id"), metres);
      if (at >= 0) byId("card").append(el("button.small.act", { type: "button", text: say("patrol.stretch_here"), onclick: () => app.pick(app.line.id, at) }));
    }
    if (layer.id === "posts" && app.held.includes(layer.key(row))) {
      byId("card").append(el("button.small.act", { type: "button", text: say("patrol.only"), onclick: () => app.state.set({ post: layer.key(row) }) }));
    }
  }
})((window.gridwalk = window.gridwalk || {}));
