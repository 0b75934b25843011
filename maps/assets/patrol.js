/* The patrol leader's board: made for a phone in the field. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const LATE = new Set(["overdue", "critical"]);

  gridwalk.patrol = function (map, page) {
    const defaults = { lang: "zh", post: "", hide: [], pick: "", at: "" };
    const layer = page.layer[page.themes[0].views[0].layer];
    const rows = page.order;
    const app = gridwalk.app(map, page, defaults, valid);
    const mine = (row) => !app.state.now.post || layer.get(row, "post_id") === app.state.now.post;
    const lines = gridwalk.coloured(app, (_layer, row) => mine(row));
    const states = Object.keys(layer.byName.get("state").values);

    function valid(given) {
      const kept = {};
      for (const key of Object.keys(given)) if (key in defaults) kept[key] = given[key];
      if (!["zh", "en"].includes(kept.lang)) delete kept.lang;
      return kept;
    }

    const letter = (one) => gridwalk.badge(app.words.title(one.letter), one.fills[0], one.ink, "");
    const metres = (row) => layer.get(row, "length_m") || 0;
    const shown = (row) => mine(row) && !app.state.now.hide.includes(String(layer.class[row]));

    /** State of today: how many stretches and kilometres in each; a press hides or shows them. */
    function writeStates() {
      const { title, say, number } = app.words;
      const hidden = gridwalk.hiddenOf(app.state.now);
      fill(byId("states"), ...layer.legend.classes.map((one, at) => {
        const those = rows.filter((row) => mine(row) && layer.class[row] === at);
        const length = those.reduce((sum, row) => sum + metres(row), 0) / 1000;
        const press = () => {
          const next = new Set(hidden);
          if (!next.delete(at)) next.add(at);
          app.state.set({ hide: [...next].sort((a, b) => a - b).map(String) });
        };
        return el("button.state-chip", { type: "button", "aria-pressed": String(!hidden.has(at)), "data-state": states[at], onclick: press },
          gridwalk.stroke(one, 88), letter(one), el("b", { text: number(those.length) }),
          el("span.what", { text: title(one.label) }), el("small", { text: say("patrol.km", { km: number(length, 0) }) }));
      }));
    }

    function writePosts() {
      const posts = page.layer.posts;
      const held = [...new Set(rows.map((row) => layer.get(row, "post_id")).filter(Boolean))].sort();
      const names = held.map((id) => [id, posts && posts.find(id) >= 0 ? posts.name(posts.find(id)) : id]);
      byId("post").parentElement.hidden = !held.length;
      fill(byId("post"), el("option", { value: "", text: app.words.say("patrol.everyone"), selected: !app.state.now.post }),
        ...names.map(([id, name]) => el("option", { value: id, text: name, selected: id === app.state.now.post })));
    }

    /** What is late about it, in days. */
    function lateness(row) {
      const { say, number } = app.words;
      const [state, idle, interval] = [layer.get(row, "state"), layer.get(row, "idle_days"), layer.get(row, "interval_days")];
      if (state === "unassigned" || state === "never" || idle === null || interval === null) return app.words.value(layer, row, "state");
      if (LATE.has(state)) return say("patrol.late", { days: number(idle - interval, 0) });
      return say("patrol.left", { days: number(Math.max(interval - idle, 0), 0) });
    }

    function markers(row) {
      const span = layer.spans[row];
      return span ? app.words.say(span[0] === span[1] ? "patrol.marker" : "patrol.markers", { from: span[0], to: span[1] }) : "";
    }

    function writeList() {
      const { quantity, say, number } = app.words;
      const listed = rows.filter(shown);
      const [pickedLayer, picked] = app.picked();
      fill(byId("stretches"), ...listed.map((row) => {
        const one = layer.legend.classes[layer.class[row]];
        const now = pickedLayer === layer && picked === row;
        return el("li", {}, el("button.stretch", { type: "button", "data-key": layer.key(row), "aria-current": now ? "true" : null, onclick: () => app.pick(layer.id, row, true) },
          one ? letter(one) : null,
          el("b", { text: layer.name(row) }), el("span.late", { text: lateness(row) }),
          el("small", { text: [quantity(metres(row), "m"), markers(row)].filter(Boolean).join(" · ") })));
      }));
      byId("stretch-count").textContent = say("patrol.stretches", { count: number(listed.length) });
    }

    function writeFindings() {
      fill(byId("findings"), ...page.themes[0].lists.map((list) => gridwalk.ranking(app, list)));
    }

    function drawLetters() {
      app.labels.source("letters", () => gridwalk.stateLetters(app, layer, rows.filter(shown), (row) => (map.getZoom() >= 9 ? layer.name(row) : "")));
      app.labels.place();
    }

    function writeAll() {
      gridwalk.translate(app);
      gridwalk.head(app);
      gridwalk.colophon(app);
      writeStates();
      writePosts();
      writeList();
      writeFindings();
      drawLetters();
      app.showPick();
    }

    function drawLines() {
      lines.show(layer, rows.filter((row) => layer.shape(row)), gridwalk.hiddenOf(app.state.now));
    }

    app.state.on(["lang"], writeAll);
    app.state.on(["hide", "post"], () => {
      writeStates();
      writeList();
      lines.filter(gridwalk.hiddenOf(app.state.now));
      lines.restyle();
      drawLetters();
    });
    app.state.on(["post"], () => {
      const held = rows.filter((row) => mine(row) && layer.shape(row)).map((row) => layer.bounds(row));
      if (app.state.now.post && held.length) map.fitBounds(held.reduce((all, one) => all.extend(one), L.latLngBounds(held[0])).pad(0.1), { animate: false });
    });
    app.state.on(["pick"], () => {
      app.showPick();
      writeList();
    });

    byId("post").addEventListener("change", (event) => app.state.set({ post: event.target.value }));
    byId("locate").addEventListener("click", () => gridwalk.locate(app));
    byId("share").addEventListener("click", () => gridwalk.share(app));

    app.open();
    drawLines();
    for (const toggle of page.toggles) {
      if (toggle.style === "numbers") app.labels.source("markers", () => gridwalk.markerNumbers(app));
      else if (toggle.style === "posts") app.labels.source("posts", () => gridwalk.postSigns(app));
      else if (toggle.style === "names") app.labels.source("places", () => gridwalk.placeNames(app));
      else if (toggle.on) gridwalk.overlay(app, toggle).addTo(map);
    }
    writeAll();
    return app;
  };

  /** Tell the reader, for a few seconds, what came of a button. */
  function tell(text) {
    const place = byId("told");
    place.textContent = text;
    clearTimeout(tell.later);
    tell.later = setTimeout(() => (place.textContent = ""), 6000);
  }

  /** Where am I? A dot with its error; nothing leaves the phone. */
  gridwalk.locate = function (app) {
    const { say, number } = app.words;
    tell(say("patrol.locating"));
    app.map.once("locationfound", (event) => {
      if (app.here) app.here.remove();
      app.here = L.layerGroup([
        L.circle(event.latlng, { radius: event.accuracy, pane: "points", color: "#0b4a8f", weight: 1, fillOpacity: 0.12 }),
        L.circleMarker(event.latlng, { radius: 8, pane: "points", color: "#ffffff", weight: 3, fillColor: "#0b4a8f", fillOpacity: 1 }),
      ]).addTo(app.map);
      app.map.setView(event.latlng, Math.max(app.map.getZoom(), 12));
      tell(say("patrol.here", { metres: number(event.accuracy, 0) }));
    });
    app.map.once("locationerror", () => tell(say("patrol.nowhere")));
    app.map.locate({ setView: false, timeout: 15000, enableHighAccuracy: true });
  };

  /** Hand the address on, with what is picked: by the phone's own sharing, else to the clipboard. */
  gridwalk.share = async function (app) {
    const { say } = app.words;
    const address = location.href;
    try {
      if (navigator.share && location.protocol !== "file:") await navigator.share({ title: document.title, url: address });
      else {
        await navigator.clipboard.writeText(address);
        tell(say("patrol.copied"));
      }
    } catch (error) {
      tell(error.name === "AbortError" ? "" : say("patrol.copy", { address }));
    }
  };
})((window.gridwalk = window.gridwalk || {}));
