/* The card: what is known of the thing that is picked. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;

  /** Show the facts of a row, or nothing. */
  gridwalk.card = function (app, layer, row) {
    const card = byId("card");
    card.hidden = !layer;
    if (!layer) return fill(card);
    const { say, title, value } = app.words;
    const name = layer.name(row);
    const id = layer.key(row);
    const facts = layer.facts.filter((field) => worth(layer, row, field) && !(layer.legend && field === layer.measure && layer.byName.get(field).values)).map((field) => fact(field));

    function fact(field) {
      const refers = layer.byName.get(field).refers;
      const other = refers ? app.page.layer[refers] : null;
      const text = value(layer, row, field);
      const at = other ? other.find(String(layer.get(row, field))) : -1;
      const spot = field === "worst_street" ? [layer.get(row, "worst_lat"), layer.get(row, "worst_lon")] : [null];
      if (spot.every(Number.isFinite)) return [el("dt", { text: title(layer.byName.get(field).title) }), el("dd", {}, el("button.link", { type: "button", text, onclick: () => app.spot(spot) }))];
      const shown = at >= 0 && other.shape(at) ? el("button.link", { type: "button", text, onclick: () => app.pick(refers, at, true) }) : text;
      return [el("dt", { text: title(layer.byName.get(field).title) }), el("dd", {}, shown)];
    }

    return fill(
      card,
      el("div.card-head", {},
        el("h2", {}, name, id === name ? null : el("small", { text: id })),
        el("button.close", { type: "button", "aria-label": say("card.close"), text: "×", onclick: () => app.state.set({ pick: "" }) })),
      el("p.card-kind", {}, el("span", { text: title(layer.title) }), status(app, layer, row)),
      el("dl", {}, ...facts.flat()),
      layer.shape(row) ? el("button.small", { type: "button", text: say("card.zoom"), onclick: () => app.zoomTo(layer, row) }) : null
    );
  };

  /** A missing number is a fact ("—"), a missing text or an empty list is not; nor is a value that the reader cannot read. */
  function worth(layer, row, field) {
    const value = layer.get(row, field);
    if (Array.isArray(value)) return value.length > 0;
    return (value !== null && value !== "") || ["number", "integer"].includes(layer.byName.get(field).kind);
  }

  function status(app, layer, row) {
    const state = layer.id === "stations" ? app.hourState(row) : null;
    if (state) return el("span.status", {}, el("i.dot." + state), app.words.say("week.state", { hour: app.hourName(), state: app.words.say("week." + state) }));
    if (!layer.legend) return null;
    const at = layer.class[row];
    const one = layer.legend.classes[at];
    const label = one ? app.words.title(one.label) : app.words.say(layer.missing || "legend.missing");
    return el("span.status", {}, el("i", { style: { backgroundColor: gridwalk.fillOf(layer.legend, at, null) } }), label);
  }
})((window.gridwalk = window.gridwalk || {}));
