/* The ground of the map, drawn from the user's own data: no tiles, no network. */
(function (gridwalk) {
  "use strict";

  const PANES = { ground: 350, fill: 400, ways: 410, outline: 420, over: 430, points: 450, pick: 460 };
  const LEVELS = ["region", "league", "county", "township", "community"];
  const OUTLINE = {
    region: { weight: 2.4, color: "#3b4650" },
    league: { weight: 1.8, color: "#4b5761" },
    county: { weight: 1.6, color: "#4b5761" },
    township: { weight: 1.1, color: "#6d7882", dashArray: "6 3" },
    community: { weight: 0.8, color: "#7d8790", dashArray: "2 3" },
  };
  const ROAD = [[5, 3.4], [4, 2.6], [3, 1.8], [2, 1]];
  const WATER = "#6ea8cf";

  gridwalk.kindOf = function (shape) {
    if (typeof shape[0][0] === "number") return "point";
    return typeof shape[0][0][0] === "number" ? "line" : "area";
  };

  gridwalk.panes = function (map) {
    for (const [name, order] of Object.entries(PANES)) map.createPane(name).style.zIndex = order;
    map.getPane("pick").style.pointerEvents = "none";
  };

  /** Places that frame everything: the largest divisions, filled, under all else. */
  gridwalk.drawGround = function (app) {
    const divisions = app.page.layer.divisions;
    if (!divisions || !divisions.rows) return;
    const top = LEVELS.find((level) => divisions.at(level).some((row) => divisions.shape(row)));
    for (const row of divisions.at(top)) {
      if (!divisions.shape(row)) continue;
      const style = { pane: "ground", interactive: false, color: "#39444e", weight: 2, fillColor: "#fbfbf9", fillOpacity: 1 };
      L.polygon(divisions.shape(row), style).addTo(app.map);
    }
  };

  /** Outlines of divisions; what a theme colours shows through. */
  gridwalk.divisionOutlines = function (app) {
    const divisions = app.page.layer.divisions;
    const group = L.layerGroup();
    for (let row = 0; row < divisions.rows; row++) {
      if (!divisions.shape(row)) continue;
      const style = OUTLINE[divisions.get(row, "level")] || OUTLINE.community;
      group.addLayer(L.polygon(divisions.shape(row), { ...style, pane: "outline", fill: false, interactive: false }));
    }
    return group;
  };

  /** Roads or water of the background. */
  gridwalk.background = function (app, kind) {
    const layer = app.page.layer.background;
    const group = L.layerGroup();
    const paths = [];
    for (let row = 0; row < layer.rows; row++) {
      const shape = layer.shape(row);
      if (!shape || layer.get(row, "kind") !== kind || gridwalk.kindOf(shape) === "point") continue;
      if (kind === "water") group.addLayer(water(shape));
      else paths.push([shape, ROAD[Math.min(Math.max((layer.get(row, "rank") || 3) - 1, 0), ROAD.length - 1)]]);
    }
    const way = { pane: "ways", interactive: false };
    for (const [shape, [wide]] of paths) group.addLayer(L.polyline(shape, { ...way, color: "#8f979e", weight: wide, opacity: 0.75 }));
    for (const [shape, [, narrow]] of paths) group.addLayer(L.polyline(shape, { ...way, color: "#ffffff", weight: narrow }));
    return group;
  };

  function water(shape) {
    const style = { pane: "ways", interactive: false, color: WATER, weight: 2.4 };
    if (gridwalk.kindOf(shape) === "line") return L.polyline(shape, style);
    return L.polygon(shape, { ...style, weight: 0.8, fillColor: "#bcd8ea", fillOpacity: 0.9 });
  }

  /** Names that can be written: places of the background, then divisions. */
  gridwalk.placeNames = function (app) {
    const found = [];
    const { background, divisions } = app.page.layer;
    for (let row = 0; background && row < background.rows; row++) {
      const name = background.get(row, "name");
      if (background.get(row, "kind") !== "place" || !name || !background.shape(row)) continue;
      const rank = background.get(row, "rank") || 5;
      found.push({ at: L.latLng(gridwalk.corners(background.shape(row))[0]), text: name, class: "place", order: 10 + rank, size: rank <= 2 ? 14 : 12.5 });
    }
    for (let row = 0; divisions && row < divisions.rows; row++) {
      if (!divisions.shape(row)) continue;
      const level = LEVELS.indexOf(divisions.get(row, "level"));
      const bounds = divisions.bounds(row);
      found.push({ at: bounds.getCenter(), within: bounds, text: divisions.name(row), class: "division", order: 20 + level, size: level < 3 ? 13 : 11.5 });
    }
    return found;
  };

  /**
   * Writes names where there is room: in order of importance, each only where it meets none before it.
   * `sources` give candidates: {at, text, class, order, size, within?, element?, width?, height?}.
   */
  gridwalk.labels = function (app) {
    const map = app.map;
    const pane = map.createPane("labels");
    pane.style.zIndex = 640;
    const sources = new Map();
    const LIMIT = 220;

    const wide = (text, size) => [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? size : size * 0.58), 0);

    function room(label) {
      const width = (label.width || wide(label.text, label.size)) + 4;
      return [width, label.height || label.size + 5];
    }

    function place() {
      const view = map.getBounds().pad(0.05);
      const taken = [];
      const made = [];
      const all = [...sources.values()].flatMap((source) => source()).filter((label) => view.contains(label.at));
      all.sort((a, b) => a.order - b.order);
      for (const label of all) {
        if (made.length >= LIMIT) break;
        const [width, height] = room(label);
        if (label.within && !fits(label.within, width, height)) continue;
        const middle = map.latLngToLayerPoint(label.at);
        const shift = label.shift || [0, 0];
        const box = [middle.x + shift[0] - width / 2, middle.y + shift[1] - height / 2, width, height];
        if (taken.some((other) => meet(box, other))) continue;
        taken.push(box);
        made.push(written(label, middle, shift));
      }
      pane.replaceChildren(...made);
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
      const text = label.element ? label.element() : gridwalk.el("span", { text: label.text, style: { fontSize: label.size + "px" } });
      text.classList.add("label", label.class);
      text.style.left = Math.round(middle.x + shift[0]) + "px";
      text.style.top = Math.round(middle.y + shift[1]) + "px";
      return text;
    }

    map.on("zoomstart", () => (pane.style.visibility = "hidden"));
    map.on("moveend zoomend", () => {
      pane.style.visibility = "";
      place();
    });

    return {
      place,
      /** Add or replace a source of candidates; null takes it away. */
      source(name, give) {
        if (give) sources.set(name, give);
        else sources.delete(name);
      },
    };
  };
})((window.gridwalk = window.gridwalk || {}));
