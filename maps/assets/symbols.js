/* Points and letters: stations, posts, markers, findings, and outlines that can be switched on. */
(function (gridwalk) {
  "use strict";

  const el = gridwalk.el;
  const STATION = { radius: 3.4, weight: 1.2, color: "#ffffff", fillColor: "#0b4a8f", fillOpacity: 1 };
  const HUB = { radius: 7, weight: 2, color: "#ffffff", fillColor: "#12181f", fillOpacity: 1 };
  const CLOSED = { fillColor: "#ffffff", weight: 1.6 };
  const UNKNOWN = { fillColor: "#6fa8dc" }; // between open and closed, also for who sees no colour
  const URGENCY = ["critical", "overdue", "never", "unassigned", "due", "ok"];
  const OUTLINES = {
    grids: { color: "#4b5761", weight: 0.8, fill: true, fillColor: "#dcebf7", fillOpacity: 0.6 },
    "grid-walk": { color: "#1b2530", weight: 0.5, opacity: 0.45, interactive: false },
    "station-catchments": { color: "#1d4f8c", weight: 1, opacity: 0.6, dashArray: "4 3" },
    "unserved-areas": { color: "#7c2a06", weight: 1.6, dashArray: "1 3", lineCap: "round" },
    "grid-findings": { color: "#12181f", weight: 1.4, fill: true, fillColor: "#12181f", fillOpacity: 0.35, smoothFactor: 0 },
    "grid-repair": { color: "#0b4f94", weight: 2.4, dashArray: "7 4", interactive: false },
  };

  /** What a toggle draws in another way than its layer is drawn elsewhere: who lives beyond the bands, under them. */
  const DOTS = { rules: { radius: 4, fillColor: "#a63603" }, moved: { radius: 2.6, fillColor: "#0b4f94" } };
  const EDGES = { color: "#1b2530", weight: 0.7, opacity: 0.55, fill: true, fillOpacity: 0 }; // can be clicked, and colours show through
  const SPECIAL = { ...DOTS, grid_edges: EDGES, small_edges: EDGES, large_edges: { ...EDGES, weight: 2, dashArray: "8 4", fill: false, interactive: false }, other_edges: { ...EDGES, color: "#0b4f94", weight: 1.4, dashArray: "5 3", opacity: 0.8 }, beyond: { pane: "beyond", color: "#b8430a", weight: 0.7, fill: true, fillColor: "#f7a94a", fillOpacity: 0.8 } };

  /** Whether a row is among those that a toggle draws. */
  gridwalk.keeps = function (toggle, layer, row) {
    const is = (codes) => codes[1].includes(layer.get(row, codes[0]));
    return (!toggle.keep || is(toggle.keep)) && (!toggle.drop || !is(toggle.drop));
  };

  /** Draw what one toggle of the page stands for. */
  gridwalk.overlay = function (app, toggle) {
    if (toggle.style === "background") return gridwalk.background(app, toggle.id);
    if (toggle.style === "divisions") return gridwalk.divisionOutlines(app);
    const layer = app.page.layer[toggle.layer];
    const draw = { stations, hubs, outline, dots }[toggle.style];
    const group = L.layerGroup();
    const size = app.map.getSize().x < 500 ? 0.7 : 1; // of points: a phone has less room
    const drawn = [];
    for (const row of app.shown ? app.shown(layer) : layer.at(null)) {
      if (!gridwalk.keeps(toggle, layer, row)) continue;
      const shape = layer.shape(row);
      const path = shape ? draw(layer, row, shape, SPECIAL[toggle.id]) : null;
      if (path) group.addLayer(path.on("click", () => app.pick(layer.id, row)));
      if (path) drawn.push([path, row]);
    }
    if (toggle.layer === "stations") {
      const base = toggle.style === "hubs" ? HUB : STATION;
      group.restyle = () => drawn.forEach(([path, row]) => path.setStyle(stationStyle(app, layer, row, base, size)));
      group.restyle();
    }
    return group;
  };

  /** A station as it is in the hour that is chosen; where none can be, as it is at the asked moment. Larger from near. */
  function stationStyle(app, layer, row, base, size) {
    const shut = layer.get(row, "open") === "no" || layer.get(row, "counted") === false;
    const state = app.hourState(row) || (shut ? "closed" : "open");
    const near = app.map.getContainer().dataset.reach === "near" ? 1.4 : 1;
    const plain = { color: base.color, weight: base.weight, fillColor: base.fillColor, radius: base.radius * size * near };
    if (state === "open") return plain;
    return state === "unknown" ? { ...plain, ...UNKNOWN } : { ...plain, color: base.fillColor, ...CLOSED };
  }

  const place = (shape) => gridwalk.corners(shape)[0];

  gridwalk.isHub = (layer, row) => layer.hubs.includes(row);

  function stations(layer, row, shape) {
    return gridwalk.isHub(layer, row) ? null : L.circleMarker(place(shape), { ...STATION, pane: "points" });
  }

  function hubs(layer, row, shape) {
    return gridwalk.isHub(layer, row) ? L.circleMarker(place(shape), { ...HUB, pane: "points" }) : null;
  }

  function dots(layer, row, _shape, special) {
    return L.circleMarker(layer.middle(row), { weight: 1, color: "#ffffff", fillOpacity: 1, pane: "points", ...special });
  }

  function outline(layer, row, shape, special) {
    const style = { pane: "over", fill: false, ...(special || OUTLINES[layer.id]) };
    if (gridwalk.kindOf(shape) !== "area") return L.polyline(shape, style);
    return L.polygon(layer.id === "station-catchments" ? shape.map((rings) => [rings[0]]) : shape, style); // of many, no courtyards
  }

  /** How far one can walk to the station that is picked: its outline with all its holes. */
  gridwalk.reached = function (app) {
    const group = L.layerGroup().addTo(app.map);
    const catchments = app.page.layer["station-catchments"];
    return function (layer, row) {
      group.clearLayers();
      const at = catchments && layer && layer.id === "stations" ? catchments.find(layer.key(row)) : -1;
      const shape = at < 0 ? null : catchments.shape(at);
      const style = { pane: "over", interactive: false, color: "#0b4a8f", weight: 2.2, fillColor: "#0b4a8f", fillOpacity: 0.12 };
      if (shape) group.addLayer(L.polygon(shape, style));
    };
  };

  /** A ring round a place that a card names; null takes it away. */
  gridwalk.spot = function (app) {
    const group = L.layerGroup().addTo(app.map);
    return function (at) {
      group.clearLayers();
      if (!at) return;
      const style = { pane: "pick", interactive: false, fill: false, radius: 14 };
      for (const [color, weight] of [["#ffffff", 6], ["#a63603", 3]]) group.addLayer(L.circleMarker(at, { ...style, color, weight }));
      app.map.setView(at, Math.max(app.map.getZoom(), 16), { animate: false });
    };
  };

  /** A letter on its colour: the state of a stretch, the kind of a finding. */
  gridwalk.badge = function (letter, colour, ink, text) {
    return el("span.badge", { style: { backgroundColor: colour, color: ink } }, letter, text ? el("b", { text }) : null);
  };

  /** Middle of a line, for its letter; of an area its middle. */
  gridwalk.middle = function (layer, row) {
    const shape = layer.shape(row);
    if (gridwalk.kindOf(shape) !== "line") return layer.middle(row);
    const path = shape.reduce((longest, one) => (one.length > longest.length ? one : longest));
    return L.latLng(path[Math.floor(path.length / 2)]);
  };

  /** Letters for the stretches that are not as they should be, the worst first. */
  gridwalk.stateLetters = function (app, layer, rows, named) {
    return rows.filter((row) => layer.class[row] > 0 && layer.shape(row) && layer.legend.classes[layer.class[row]].letter).map((row) => {
      const one = layer.legend.classes[layer.class[row]];
      const letter = app.words.title(one.letter);
      const text = named ? named(row) : "";
      return {
        at: gridwalk.middle(layer, row),
        class: "state",
        order: 4 + URGENCY.indexOf(layer.get(row, "state")) / 10,
        shift: [0, -14 - gridwalk.lineWidth(app.map.getZoom())],
        width: 20 + text.length * 7.5,
        height: 20,
        element: () => {
          const made = gridwalk.badge(letter, one.fills[0], one.ink, text);
          made.addEventListener("click", () => app.pick(layer.id, row));
          return made;
        },
      };
    });
  };

  /** Letters of the findings: which kind, on the colour of how bad. */
  gridwalk.findingLetters = function (app, layer) {
    const found = [];
    const { has, say } = app.words;
    for (const row of app.shown(layer)) {
      const severity = layer.get(row, "severity");
      if (!layer.shape(row) || severity === "info") continue;
      const one = layer.legend.classes[layer.class[row]] || { fills: ["#b4b0aa"], ink: "#1b2530" };
      const kind = "kind." + layer.get(row, "kind");
      const letter = has(kind) ? say(kind) : say("kind.other");
      found.push({
        at: gridwalk.middle(layer, row),
        class: "state",
        order: severity === "fail" ? 3 : 3.5,
        width: 20,
        height: 20,
        element: () => {
          const made = gridwalk.badge(letter, one.fills[one.fills.length - 1], one.ink, "");
          made.addEventListener("click", () => app.pick(layer.id, row));
          return made;
        },
      });
    }
    return found;
  };

  /** Posts: a small house, with its name when one is near; of posts that stand close together one at first. */
  gridwalk.postSigns = function (app) {
    const layer = app.page.layer.posts;
    const named = app.map.getContainer().dataset.reach === "near";
    const found = [];
    for (let row = 0; row < layer.rows; row++) {
      if (!layer.shape(row)) continue;
      const name = named ? layer.name(row) : "";
      found.push({
        at: L.latLng(place(layer.shape(row))),
        class: "post",
        order: layer.get(row, "kind") === "police_station" ? 6 : 6.5,
        width: 20 + name.length * 12,
        height: 20,
        shift: [name.length * 6, 0], // the house stands where the post is, its name beside it
        element: () => el("span", { onclick: () => app.pick(layer.id, row) }, house(), name),
      });
    }
    return found;
  };

  function house() {
    return gridwalk.drawing(16, 16, [
      ["path", { d: "M8 1 L15 7 V15 H1 V7 Z", fill: "#12181f", stroke: "#fff", "stroke-width": 1.5 }],
      ["path", { d: "M8 6 v7 M5 9 h6", stroke: "#fff", "stroke-width": 1.6 }],
    ]);
  }

  /** Numbers of the markers along the border; a number is written where there is room for it. */
  gridwalk.markerNumbers = function (app) {
    const layer = app.page.layer.markers;
    const found = [];
    if (app.map.getContainer().dataset.reach === "far") return found;
    for (let row = 0; layer && row < layer.rows; row++) {
      if (!layer.shape(row)) continue;
      const number = layer.name(row);
      found.push({
        at: L.latLng(place(layer.shape(row))),
        class: "marker",
        order: 8 + (row % 10 === 0 ? 0 : row % 5 === 0 ? 0.2 : 0.5),
        width: Math.max(number.length * 7, 9),
        height: 24,
        shift: [0, 8],
        element: () => el("span", {}, el("i", {}), number),
      });
    }
    return found;
  };
})((window.gridwalk = window.gridwalk || {}));
