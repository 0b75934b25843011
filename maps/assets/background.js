/* Backgrounds of tiles, where a server offers them; what is drawn from the user's own data stays the default. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const CHINA = [72.004, 0.8293, 137.8347, 55.8271]; // GCJ-02 shifts nothing outside of this box
  const AXIS_M = 6378245;
  const E2 = 0.00669342162296594323;
  const PATIENCE_MS = 8000; // for the first tile, and for those of a sheet of paper

  /** Where GCJ-02 says that a place is; the same formulas as in geo/datum.py, whose test compares them. */
  gridwalk.gcj02 = function (lat, lng) {
    if (lng < CHINA[0] || lat < CHINA[1] || lng > CHINA[2] || lat > CHINA[3]) return [lat, lng];
    const x = lng - 105;
    const y = lat - 35;
    const waves = (t, ...terms) => (terms.reduce((sum, [size, turn]) => sum + size * Math.sin(Math.PI * t * turn), 0) * 2) / 3;
    const rough = waves(x, [20, 6], [20, 2]);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + rough + waves(y, [20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]);
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + rough + waves(x, [20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]);
    const phi = (lat * Math.PI) / 180;
    const w2 = 1 - E2 * Math.sin(phi) ** 2;
    const degrees = 180 / Math.PI;
    return [lat + (north / ((AXIS_M * (1 - E2)) / w2 ** 1.5)) * degrees, lng + (east / ((AXIS_M / Math.sqrt(w2)) * Math.cos(phi))) * degrees];
  };

  const there = (center) => L.latLng(gridwalk.gcj02(center.lat, center.lng));
  const plain = L.TileLayer.prototype;

  /** Tiles in GCJ-02: they lie so that what they show at the middle of the map is what is there. */
  const Shifted = L.TileLayer.extend({
    _getTiledPixelBounds(center) {
      return plain._getTiledPixelBounds.call(this, there(center));
    },
    _setZoomTransform(level, center, zoom) {
      plain._setZoomTransform.call(this, level, there(center), zoom);
    },
    _onMoveEnd() { // the shift is another one a few kilometres on
      if (this._map && !this._map._animatingZoom) this._setZoomTransforms(this._map.getCenter(), this._map.getZoom());
      plain._onMoveEnd.call(this);
    },
  });

  /** Offer what the server has. Nothing here is waited for: the board is there before, and without it. */
  gridwalk.backdrop = async function (app) {
    const listed = await offered(app.page.home + "backgrounds");
    if (!listed.length) return;
    const { say, title, number } = app.words;
    const group = L.layerGroup().addTo(app.map);
    const choice = el("select", { id: "background", onchange: (event) => app.state.set({ back: event.target.value }) });
    const note = el("p", { id: "background-note", role: "status" });
    const credit = el("span", { class: "tiles" });
    const now = () => listed.find((one) => one.id === app.state.now.back && !one.problem) || null;
    let told = "";

    function write() {
      const options = listed.map((one) =>
        el("option", { value: one.id, disabled: Boolean(one.problem), text: one.problem ? say("background.problem", { title: title(one.title), problem: title(one.problem) }) : title(one.title) }));
      fill(choice, el("option", { value: "", text: say("background.drawn") }), ...options);
      choice.value = now() ? now().id : "";
      choice.setAttribute("aria-label", say("background.title"));
      label.textContent = say("background.title");
      note.textContent = told && say(told);
      name();
    }

    /** Who made the tiles, and what was done to them: on the map, as long as they are. */
    function name() {
      const one = now();
      credit.textContent = one ? [one.attribution ? title(one.attribution) : title(one.title), one.datum === "gcj02" ? moved() : null].filter(Boolean).join(" · ") : "";
      byId("credit").prepend(credit, one ? " · " : "");
    }

    function moved() {
      const center = app.map.getCenter();
      return say("background.moved", { metres: number(Math.round(app.map.distance(center, there(center))), 0) });
    }

    function layer(one, address) {
      const foreign = /^https?:/.test(address);
      const Kind = one.datum === "gcj02" ? Shifted : L.TileLayer;
      const made = new Kind(foreign ? address : app.page.home + address, {
        minZoom: one.min_zoom,
        maxNativeZoom: one.max_zoom,
        maxZoom: 22,
        subdomains: one.subdomains,
        bounds: one.bounds ? [[one.bounds[1], one.bounds[0]], [one.bounds[3], one.bounds[2]]] : undefined,
        referrerPolicy: foreign ? "strict-origin" : false, // browser keys are bound to the origin of the page; more is nobody's business
      });
      let came = 0;
      let failed = 0;
      const silent = () => group.hasLayer(made) && made.isLoading() && !came && tell("background.waiting");
      made.on("loading", () => {
        came = failed = 0;
        setTimeout(silent, PATIENCE_MS);
      });
      made.on("tileload", () => {
        came += 1;
        if (told === "background.waiting") tell("");
      });
      made.on("tileerror", () => (failed += 1));
      made.on("load", () => came && tell(""));
      made.on("load", () => failed && !came && tell("background.unreachable"));
      return made;
    }

    /** Said once; the map goes on without. */
    function tell(word) {
      if (word === told) return;
      told = word;
      note.textContent = word && say(word);
    }

    function show() {
      const one = now();
      group.clearLayers();
      tell("");
      document.body.toggleAttribute("data-back", Boolean(one));
      for (const address of one ? one.tiles : []) group.addLayer(layer(one, address));
      write();
    }

    /** A sheet of paper shows more than the screen: its tiles are waited for, but not for ever. */
    function print(event) {
      const waiting = group.getLayers();
      if (!waiting.length) return;
      event.stopImmediatePropagation();
      window.dispatchEvent(new Event("beforeprint"));
      const loaded = waiting.map((one) => new Promise((done) => (one.isLoading() ? one.once("load", done) : done())));
      const late = new Promise((done) => setTimeout(done, PATIENCE_MS));
      Promise.race([Promise.all(loaded), late]).then(() => window.print());
    }

    const label = el("span", {});
    const place = document.getElementById("layers") || document.getElementById("choose");
    place.append(el("label.choice", { id: "background-choice" }, label, choice), note);
    byId("print").addEventListener("click", print, true);
    app.map.on("moveend", () => now() && now().datum === "gcj02" && name());
    app.state.on(["back"], show);
    app.state.on(Object.keys(app.state.now).filter((key) => key !== "back"), write);
    show();
  };

  async function offered(address) {
    try {
      const answer = await fetch(address);
      return answer.ok ? (await answer.json()).backgrounds : [];
    } catch {
      return []; // the server is gone: the page in hand still works
    }
  }
})((window.gridwalk = window.gridwalk || {}));
