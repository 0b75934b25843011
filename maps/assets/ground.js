/* The ground of the map, drawn from the user's own data: no tiles, no network. */
(function (gridwalk) {
  "use strict";

  const PANES = { ground: 350, beyond: 360, fill: 400, ways: 410, outline: 420, under: 427, casing: 428, gaps: 429, over: 430, points: 450, pick: 460 };
  const LEVELS = ["region", "league", "county", "township", "community"];
  const NAMED = new Set(["place", "hamlet", "division", "own"]);
  const NEARER = 4; // what one holder has is near from the start

  gridwalk.kindOf = function (shape) {
    if (typeof shape[0][0] === "number") return "point";
    return typeof shape[0][0][0] === "number" ? "line" : "area";
  };

  gridwalk.panes = function (map) {
    for (const [name, order] of Object.entries(PANES)) map.createPane(name).style.zIndex = order;
    map.getPane("pick").style.pointerEvents = "none";
  };

  /** How near the reader has come: styles of lines follow it (far, mid, near). */
  gridwalk.reach = function (app) {
    const { map } = app;
    const set = () => {
      const closer = map.getZoom() - map.getBoundsZoom(app.whole) + (app.page.holder ? NEARER : 0);
      map.getContainer().dataset.reach = closer < 0.9 ? "far" : closer < 2.6 ? "mid" : "near";
    };
    map.on("zoomend resize", set);
    set();
  };

  /** Places that frame everything: the largest divisions, filled, under all else. */
  gridwalk.drawGround = function (app) {
    const divisions = app.page.layer.divisions;
    if (!divisions || !divisions.rows) return;
    for (const row of divisions.at(levels(divisions)[0])) {
      if (!divisions.shape(row)) continue;
      L.polygon(divisions.shape(row), { pane: "ground", interactive: false, className: "land" }).addTo(app.map);
    }
  };

  const levels = (divisions) => LEVELS.filter((level) => divisions.at(level).some((row) => divisions.shape(row)));

  /** Outlines of divisions; what a theme colours shows through. The more there are of a level, the finer they are. */
  gridwalk.divisionOutlines = function (app) {
    const divisions = app.page.layer.divisions;
    const group = L.layerGroup();
    levels(divisions).forEach((level, depth) => {
      const rows = divisions.at(level).filter((row) => divisions.shape(row));
      const many = depth === 0 ? "top" : rows.length <= 20 ? "few" : rows.length <= 150 ? "some" : "many";
      const style = { pane: "outline", fill: false, interactive: false, className: "outline " + many };
      group.addLayer(L.polygon(rows.flatMap((row) => divisions.shape(row)), style)); // one element zooms sooner than hundreds
    });
    return group;
  };

  /** Roads or water of the background; all lines of one look are one element, which zooms sooner than hundreds. */
  gridwalk.background = function (app, kind) {
    const layer = app.page.layer.background;
    const group = L.layerGroup();
    const style = { pane: "ways", interactive: false };
    const lines = { stream: [], rail: [], r4: [], r3: [], r2: [], r1: [] };
    for (let row = 0; row < layer.rows; row++) {
      const shape = layer.shape(row);
      if (!shape || gridwalk.kindOf(shape) === "point") continue;
      const own = layer.get(row, "kind");
      const rank = Math.min(Math.max(Math.round(layer.get(row, "rank") || 3), 1), 4);
      const look = { water: "stream", rail: "rail", road: "r" + rank }[own];
      if (!look || (own === "water") !== (kind === "water")) continue;
      const area = gridwalk.kindOf(shape) === "area";
      if (area && own === "water") group.addLayer(L.polygon(shape, { ...style, className: "lake" }));
      else lines[look].push(...(area ? shape.flat() : shape));
    }
    const looks = kind === "water" ? ["stream"] : ["rail", ...["casing", "way"].flatMap((part) => ["r4", "r3", "r2", "r1"].map((rank) => part + " " + rank))];
    for (const look of looks) {
      const parts = lines[look.split(" ").pop()];
      if (parts.length) group.addLayer(L.polyline(parts, { ...style, className: look }));
    }
    return group;
  };

  /** Names that can be written: places of the background, then divisions. */
  gridwalk.placeNames = function (app) {
    const found = [];
    const { background, divisions } = app.page.layer;
    for (let row = 0; background && row < background.rows; row++) {
      const name = background.get(row, "name");
      if (background.get(row, "kind") !== "place" || !name || !background.shape(row)) continue;
      const rank = background.get(row, "rank") || 5;
      found.push({ at: L.latLng(gridwalk.corners(background.shape(row))[0]), text: name, class: rank <= 2 ? "place" : "hamlet", order: 10 + rank, size: rank <= 2 ? 13.5 : 11.5 });
    }
    for (let row = 0; divisions && row < divisions.rows; row++) {
      if (!divisions.shape(row)) continue;
      const level = LEVELS.indexOf(divisions.get(row, "level"));
      const bounds = divisions.bounds(row);
      found.push({ at: divisions.middle(row), within: bounds, text: divisions.name(row), class: "division", order: 20 + level, size: level < 3 ? 13 : 11.5 });
    }
    return found;
  };

  /**
   * Writes names where there is room: in order of importance, each only where it meets none before it.
   * `sources` give candidates: {at, text, class, order, size, within?, element?, width?, height?}.
   */
  gridwalk.labels = function (app) {
    const map = app.map;
    const panes = { names: map.createPane("labels"), signs: map.createPane("signs") }; // signs are of now, names of any time
    for (const pane of Object.values(panes)) pane.style.zIndex = 640;
    const sources = new Map();
    const ROOM = 18000; // square pixels of map for one name
    const LONGEST = 24; // letters; of a longer name the beginning
    const cut = (text) => ([...text].length > LONGEST ? [...text].slice(0, LONGEST - 1).join("") + "…" : text);

    const wide = (text, size) => [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? size : size * 0.58), 0);

    function room(label) {
      if (!NAMED.has(label.class)) return [label.width + 3, label.height + 3];
      return [wide(cut(label.text), label.size) + 12, label.size + 10];
    }

    function place() {
      const view = map.getBounds().pad(0.05);
      const taken = [];
      const made = [];
      const buttons = covered();
      const all = [...sources.values()].flatMap((source) => source()).filter((label) => view.contains(label.at));
      all.sort((a, b) => a.order - b.order);
      const size = map.getSize();
      let names = (size.x * size.y) / ROOM;
      for (const label of all) {
        if (NAMED.has(label.class) && names <= 0) continue;
        const [width, height] = room(label);
        if (label.within && !fits(label.within, width, height)) continue;
        const middle = map.latLngToLayerPoint(label.at);
        const shift = label.shift || (NAMED.has(label.class) ? inward(middle, width, height) : [0, 0]);
        const box = [middle.x + shift[0] - width / 2, middle.y + shift[1] - height / 2, width, height];
        if (taken.some((other) => meet(box, other)) || (NAMED.has(label.class) && buttons.some((other) => meet(box, other)))) continue;
        if (NAMED.has(label.class)) names -= 1;
        taken.push(box);
        made.push([label, written(label, middle, shift)]);
      }
      for (const [name, pane] of Object.entries(panes)) pane.replaceChildren(...made.filter(([label]) => NAMED.has(label.class) === (name === "names")).map(([, text]) => text));
    }

    /** How far a name moves so that the edge of the map does not cut it. */
    function inward(middle, width, height) {
      const size = map.getSize();
      const at = map.layerPointToContainerPoint(middle);
      const into = (value, room, whole) => Math.max(Math.min(value, whole - room / 2), room / 2) - value;
      return [into(at.x, width, size.x), into(at.y, height, size.y)];
    }

    /** What lies over the map for good, as boxes on it. */
    function covered() {
      const ground = map.getContainer().getBoundingClientRect();
      const over = document.querySelectorAll("#zoom, #tools, #north, .leaflet-control-scale");
      return [...over].map((one) => one.getBoundingClientRect()).filter((box) => box.width).map((box) => {
        const corner = map.containerPointToLayerPoint([box.left - ground.left, box.top - ground.top]);
        return [corner.x, corner.y, box.width, box.height];
      });
    }

    function fits(bounds, width, height) {
      const one = map.latLngToLayerPoint(bounds.getNorthWest());
      const two = map.latLngToLayerPoint(bounds.getSouthEast());
      return two.x - one.x > width && two.y - one.y > height;
    }

    function meet(a, b) {
      return a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
    }

    function written(label, middle, shift) {
      const text = label.element ? label.element() : gridwalk.el("span", { text: cut(label.text), style: { fontSize: label.size + "px" } });
      text.classList.add("label", label.class);
      text.style.left = Math.round(middle.x + shift[0]) + "px";
      text.style.top = Math.round(middle.y + shift[1]) + "px";
      return text;
    }

    const hide = (hidden) => Object.values(panes).forEach((pane) => (pane.style.visibility = hidden ? "hidden" : ""));
    map.on("zoomstart", () => hide(true));
    map.on("moveend", () => {
      hide(false);
      soon();
    });

    let waiting = false;
    function soon() {
      if (waiting) return;
      waiting = true;
      queueMicrotask(() => {
        waiting = false;
        place();
      });
    }

    return {
      /** Write the names anew once everything that happens at the moment has happened. */
      place: soon,
      /** Add or replace a source of candidates; null takes it away. */
      source(name, give) {
        if (give) sources.set(name, give);
        else sources.delete(name);
      },
    };
  };
})((window.gridwalk = window.gridwalk || {}));
