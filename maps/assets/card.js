/* The card: what is known of the thing that is picked. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;

  const LINKED = 4; // of a longer list the first are named
  let back = null; // gives the focus back to where a keyboard came from

  /** Go on in the card; when it closes, the focus is where it was. */
  gridwalk.enterCard = function () {
    const heading = byId("card").querySelector("h2");
    if (byId("card").hidden || !heading) return;
    if (!byId("card").contains(document.activeElement)) back = gridwalk.held(document.body);
    heading.focus({ preventScroll: true });
  };

  /** Pick a row of a list; a keyboard (a click without a pointer) goes on in the card. */
  gridwalk.choose = function (app, layer, row, event) {
    app.pick(layer.id, row, true);
    if (event.detail === 0) gridwalk.enterCard();
  };

  /** Tell a screen reader in a sentence what the card is about. */
  function tell(app, layer, row) {
    const place = byId("said");
    if (!place) return;
    const field = layer ? layer.byName.get(layer.measure) : null;
    const measured = field && !field.values ? app.words.say("card.measure", { title: app.words.title(field.title), value: app.words.value(layer, row, field.name) }) : "";
    const state = layer ? status(app, layer, row) : null;
    place.textContent = layer ? [app.words.title(layer.title), layer.name(row), measured, state ? state.textContent : ""].filter(Boolean).join(app.words.say("value.comma")) : "";
  }

  /** What an id stands for, with a way to it where it is on the map. */
  gridwalk.link = function (app, field, id) {
    const other = app.page.find(field.refers, id);
    const text = app.words.named(field, id);
    return other && other[0].there(other[1])
      ? el("button.link", { type: "button", text, title: String(id), onclick: () => app.pick(other[0].id, other[1], true) })
      : el("span", { text });
  };

  /** Show the facts of a row, or nothing. */
  gridwalk.card = function (app, layer, row) {
    const card = byId("card");
    const inside = card.contains(document.activeElement);
    card.hidden = !layer;
    tell(app, layer, row);
    if (!layer) {
      fill(card);
      if (inside && back) back();
      back = null;
      return;
    }
    const { say, title, value } = app.words;
    const name = layer.name(row);
    const id = layer.key(row);
    const facts = (layer.knows(row) ? layer.facts : []).filter((field) => !(layer.spoken && layer.spoken(row, field)) && worth(layer, row, field) && !(layer.legend && field === layer.measure && layer.byName.get(field).values)).map((field) => fact(field));

    function fact(field) {
      const given = layer.byName.get(field);
      const ids = layer.get(row, field);
      const spot = field === "worst_street" ? [layer.get(row, "worst_lat"), layer.get(row, "worst_lon")] : [null];
      const heading = el("dt", { text: title(given.title) });
      if (spot.every(Number.isFinite)) return [heading, el("dd", {}, el("button.link", { type: "button", text: value(layer, row, field), onclick: () => app.spot(spot) }))];
      if (given.refers && ids !== null && [ids].flat().length <= LINKED) return [heading, el("dd", {}, ...[ids].flat().map((id) => gridwalk.link(app, given, id)))];
      return [heading, el("dd", {}, value(layer, row, field))];
    }

    const explained = gridwalk.explained ? gridwalk.explained(app, layer, row) : null;
    const told = el("dl", {}, ...facts.flat());
    fill(card,
      el("div.card-head", {},
        el("h2", { tabindex: "-1" }, el("bdi", { text: name }), id === name ? null : el("small", { text: id })),
        el("button.close", { type: "button", "aria-label": say("card.close"), text: "×", onclick: () => app.state.set({ pick: "" }) })),
      el("p.card-kind", {}, el("span", { text: title(layer.title) }), status(app, layer, row)),
      app.beside ? app.beside(layer, row) : null,
      explained,
      explained ? el("details", {}, el("summary", { text: say("card.facts") }), told) : told,
      app.silence(layer, row) ? el("p.quiet", { text: app.silence(layer, row) }) : null,
      el("p.actions", {},
        app.boundsOf(layer, row) ? el("button.small", { type: "button", text: say("card.zoom"), onclick: () => app.zoomTo(layer, row) }) : null,
        ...(app.stepping ? app.stepping(layer, row) : [])));
    if (inside && !card.contains(document.activeElement)) gridwalk.enterCard();
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
