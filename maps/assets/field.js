/* In the field: where somebody stands and whose stretch is near, and how to hand on what is to be walked. */
(function (gridwalk) {
  "use strict";

  const { byId } = gridwalk;
  const CLOSE_M = 20000; // whoever stands further away is not told whose stretch is near
  const ROUGH_M = 2000; // nor whoever's place is known no better than this
  const CLOSEST = 14; // zoom
  const REFUSED = 1; // by the reader, by the browser, or because the page came by an address that is not safe
  const LINES = 12; // of a list in a message

  /** Tell the reader, for as long as it takes to read, what came of a button. */
  gridwalk.tell = function (text) {
    const place = byId("told");
    place.textContent = text;
    clearTimeout(gridwalk.tell.later);
    gridwalk.tell.later = setTimeout(() => (place.textContent = ""), Math.max(6000, text.length * 90));
  };

  /** Where am I, and whose stretch is this? A dot with its error; nothing leaves the phone. */
  gridwalk.locate = function (app) {
    const { say } = app.words;
    gridwalk.tell(say("patrol.locating"));
    app.map.off("locationfound locationerror");
    app.map.once("locationfound", (event) => found(app, event));
    app.map.once("locationerror", (event) => gridwalk.tell(say(event.code === REFUSED ? "patrol.refused" : "patrol.nowhere")));
    app.map.locate({ setView: false, timeout: 15000, enableHighAccuracy: true });
  };

  function found(app, { latlng, accuracy }) {
    const { say, number, quantity } = app.words;
    app.uncover();
    if (app.me) app.me.remove();
    app.me = L.layerGroup([
      L.circle(latlng, { radius: accuracy, pane: "points", color: "#0b4a8f", weight: 1, fillOpacity: 0.12, interactive: false }),
      L.circleMarker(latlng, { radius: 8, pane: "points", color: "#ffffff", weight: 3, fillColor: "#0b4a8f", fillOpacity: 1, interactive: false }),
    ]).addTo(app.map);
    const near = app.chainage.nearest(latlng);
    const told = { error: quantity(accuracy, "m"), km: near ? number(near.metres / 1000) : "", away: near ? quantity(near.away, "m") : "" };
    const key = !near ? "here" : accuracy > ROUGH_M ? "here_rough" : near.away > CLOSE_M ? "here_far" : "here_on";
    if (key === "here_on") app.state.set({ pick: app.line.id + ":" + app.line.key(near.row), km: near.border + "/" + (near.metres / 1000).toFixed(3) });
    else app.state.set({ pick: "", km: "" });
    show(app, latlng.toBounds(2 * accuracy).extend(near ? app.chainage.place(near.border, near.metres) : latlng));
    gridwalk.tell(say("patrol." + key, told));
  }

  /** What of the map the field above it and the card of a phone leave free. */
  function free() {
    const [field, card, ground] = ["finder", "card", "ground"].map((id) => byId(id).getBoundingClientRect());
    const under = window.innerWidth <= 760 && card.height ? ground.bottom - card.top : 40;
    return { paddingTopLeft: [12, field.bottom - ground.top + 12], paddingBottomRight: [12, under] };
  }

  /** Go to where somebody stands and to the border there. */
  function show(app, bounds) {
    app.map.fitBounds(bounds.pad(0.15), { animate: false, maxZoom: CLOSEST, ...free() });
  }

  /** Move what was picked on the map from under its card. */
  gridwalk.bare = function (app) {
    const [layer, row] = app.picked();
    const at = layer && layer.shape(row) ? gridwalk.middle(layer, row) : null;
    if (at && app.map.getBounds().contains(at)) app.map.panInside(at, { animate: false, ...free() });
  };

  /** When a phone is turned, what was picked stays in sight, and what was seen whole is seen whole again. */
  gridwalk.turning = function (app, again) {
    window.matchMedia("(orientation: portrait)").addEventListener("change", () => {
      const whole = !app.state.now.at;
      setTimeout(() => {
        const [layer, row] = app.picked();
        app.map.invalidateSize({ animate: false });
        if (layer && layer.shape(row)) app.map.panInside(gridwalk.middle(layer, row), { animate: false, ...free() });
        else if (whole) again();
      }, 0);
    });
  };

  /** What is picked, in words and with its place: whoever gets it may have another file than this one, or none. */
  function shared(app) {
    const [layer, row] = app.picked();
    if (!layer) return list(app);
    const at = layer.shape(row) ? gridwalk.middle(layer, row) : null;
    const told = app.judged(layer) ? app.facts.told(layer, row) : "";
    return [app.facts.name(layer, row), told, at ? at.lat.toFixed(5) + ", " + at.lng.toFixed(5) : ""].filter(Boolean).join("\n");
  }

  /** The list as a message: whose, as of when, what is most urgent. */
  function list(app) {
    const { work, facts, page } = app;
    const { say, day, number } = app.words;
    const rows = work.pressing();
    const lines = rows.slice(0, LINES).map((row, at) => at + 1 + ". " + facts.name(work.layer, row) + " · " + facts.told(work.layer, row));
    const rest = rows.length - lines.length;
    return [document.title, day(page.as_of) + " · " + byId("stretch-count").textContent, ...lines, rest ? say("patrol.more", { count: number(rest) }) : ""].filter(Boolean).join("\n");
  }

  /** Put a text where it can be pasted; by the old way where a page may not use the new one (from a file, or sent unsafely). */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = text;
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  /** Hand on what is picked or the list, with the address of a page that others can open: by the phone's own sharing, else to the clipboard. */
  gridwalk.share = async function (app) {
    const { say } = app.words;
    const text = shared(app);
    app.state.settle();
    const address = location.protocol === "file:" ? "" : location.href;
    try {
      if (navigator.share) return await navigator.share({ title: document.title, text, ...(address ? { url: address } : {}) });
    } catch (error) {
      if (error.name === "AbortError") return undefined;
    }
    const whole = [text, address].filter(Boolean).join("\n");
    return gridwalk.tell((await copy(whole)) ? say("patrol.copied") : say("patrol.copy", { address: whole }));
  };
})((window.gridwalk = window.gridwalk || {}));
