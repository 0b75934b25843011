/* The coloured layer: areas and lines in the class that the page's data gives them. */
(function (gridwalk) {
  "use strict";

  const MISSING = "#b4b0aa";
  const INK = "#1b2530";
  const EDGE = { color: "#1b2530", weight: 0.6, opacity: 0.35 };
  const MANY = 1500; // areas; more are drawn on canvases, which zoom sooner than as many elements
  const GONE = { fillOpacity: 0, opacity: 0.12 };
  const DASHED = { weight: 1.4, opacity: 0.9 };

  /** What a class of an area looks like at a step of tone; without a step the full colour. */
  gridwalk.fillOf = function (legend, at, tone) {
    if (at < 0) return MISSING;
    const fills = legend.classes[at].fills;
    return fills[tone === null || tone === undefined ? fills.length - 1 : Math.min(tone, fills.length - 1)];
  };

  gridwalk.dashOf = (one, width) => (one.dash ? one.dash.split(" ").map((part) => part * width).join(" ") : null);

  /** Width of a stretch of border: thin on the map of a region, thick in the hand of whoever walks there. */
  const SLIM = new Set(["scheme-conflicts"]); // lines among areas, not the border

  gridwalk.lineWidth = (zoom) => (zoom < 6 ? 4 : zoom < 8 ? 5 : zoom < 10 ? 7 : 9);

  /**
   * Draws one layer at one level and keeps it in step with filter and zoom.
   * `own(row)` says whether a line is drawn thick (mine) or thin (the neighbours'); `pane(name)` in which pane.
   */
  gridwalk.coloured = function (app, own, pane = (name) => name) {
    const group = L.layerGroup().addTo(app.map);
    const many = gridwalk.areas(app, pane("fill"));
    let drawn = [];
    let last = null; // what is shown

    function show(layer, rows, hidden) {
      clearShapes();
      last = [layer, rows, hidden];
      if (layer.large || (layer.draw === "area" && rows.length > MANY && !printing)) {
        many.show(layer, rows, hidden);
        return;
      }
      many.clear();
      const sign = layer.draw === "line" ? 1 : -1; // of lines the worst on top; of areas the best: bands hold the shorter ones
      for (const row of [...rows].sort((a, b) => sign * (layer.class[a] - layer.class[b]))) {
        const shape = layer.shape(row);
        if (!shape) continue;
        drawn.push(layer.draw === "area" ? area(layer, row, shape) : line(layer, row, shape));
      }
      for (const one of drawn) if (hidden.has(one.at())) one.hide();
    }

    function area(layer, row, shape) {
      const tone = layer.tone ? layer.tone[row] : null;
      const at = () => layer.class[row];
      const fillColor = () => gridwalk.fillOf(layer.legend, at(), tone);
      const dash = () => (at() >= 0 && layer.legend.classes[at()].dash ? { ...DASHED, dashArray: layer.legend.classes[at()].dash } : { dashArray: null });
      const style = () => ({ ...EDGE, fillColor: fillColor(), ...(at() < 0 ? { dashArray: "2 3", fillOpacity: 0.55 } : { dashArray: null, fillOpacity: 1 }) });
      const path = L.polygon(shape, { ...style(), pane: pane("fill"), smoothFactor: 0.6 }).addTo(group);
      path.on("click", () => app.pick(layer.id, row));
      return { at, hide: () => path.setStyle(GONE), show: () => path.setStyle(style()), zoom: null };
    }

    function line(layer, row, shape) {
      const at = layer.class[row];
      const one = layer.legend.classes[at];
      const lines = shape.filter((path) => path.length > 1);
      const common = { pane: pane("over"), lineCap: "round", smoothFactor: 0 }; // round ends leave no crack between stretches
      const casing = L.polyline(lines, { ...common, pane: pane("casing"), color: INK, interactive: false }).addTo(group);
      const core = L.polyline(lines, { ...common, pane: pane("gaps"), color: one ? one.gap : "#ffffff", interactive: false }).addTo(group);
      const body = L.polyline(lines, { ...common, color: one ? one.fills[0] : MISSING, interactive: false, lineCap: one && one.dash ? "butt" : "round" }).addTo(group);
      const touch = L.polyline(lines, { ...common, weight: 26, opacity: 0 }).addTo(group);
      touch.on("click", () => app.pick(layer.id, row));
      const all = [casing, core, body];
      function zoom() {
        const thick = !own || own(layer, row);
        const width = gridwalk.lineWidth(app.map.getZoom()) * (thick && !SLIM.has(layer.id) ? 1 : 0.5);
        casing.setStyle({ weight: width + (SLIM.has(layer.id) ? 1.5 : 3) });
        core.setStyle({ weight: width });
        body.setStyle({ weight: width, dashArray: one ? gridwalk.dashOf(one, width) : null });
      }
      zoom();
      return { at: () => at, zoom, hide: () => all.forEach((l) => l.setStyle({ opacity: 0.08 })), show: () => all.forEach((l) => l.setStyle({ opacity: 1 })) };
    }

    /** Show what is not hidden, each in the class that it now has. */
    function filter(hidden) {
      if (last) last[2] = hidden;
      many.filter(hidden);
      for (const one of drawn) (hidden.has(one.at()) ? one.hide : one.show)();
    }

    function restyle() {
      for (const one of drawn) if (one.zoom) one.zoom();
    }

    function clear() {
      many.clear();
      clearShapes();
      last = null;
    }

    function clearShapes() {
      group.clearLayers();
      drawn = [];
    }

    let printing = false; // on paper areas are lines, not points of a screen
    for (const when of ["beforeprint", "afterprint"]) {
      window.addEventListener(when, () => {
        printing = when === "beforeprint";
        if (last && last[0].draw === "area" && !last[0].large && last[1].length > MANY) show(...last);
      });
    }

    app.map.on("zoomend", restyle);
    return { show, filter, restyle, clear, settled: many.settled };
  };

  /** The view that stands for another while the areas of that one would be too small to see. */
  gridwalk.standing = function (app, theme, view) {
    const far = view && view.parent !== undefined && view.parent !== null && app.map.getZoom() < view.near;
    return far ? theme.views[view.parent] : view;
  };

  /** Whether two legends have the same classes, so that what is hidden in one is hidden in the other. */
  gridwalk.alike = (one, other) => JSON.stringify(one.classes.map((part) => part.label)) === JSON.stringify(other.classes.map((part) => part.label));

  /** A line of words over the map: what it does not show, and why. */
  gridwalk.notice = function (app) {
    const { el, fill } = gridwalk;
    const place = el("div", { id: "notice", role: "status", hidden: true });
    app.map.getContainer().parentElement.append(place);
    let said = null; // gives the text in the language of the moment
    let again = null;
    let trouble = "";

    function render() {
      const text = again ? app.words.say(trouble) : said ? said() : "";
      place.hidden = !text;
      place.classList.toggle("trouble", Boolean(again));
      fill(place, text ? el("span", { text }) : null, again ? el("button.small", { type: "button", text: app.words.say("large.again"), onclick: retry }) : null);
    }

    function retry() {
      const once = again;
      again = null;
      render();
      once();
    }

    app.state.on(["lang"], render);
    return {
      tell(text) {
        said = text;
        render();
      },
      trouble(error, retrying) {
        place.title = String(error.message); // for whoever looks after the server
        trouble = error.outdated ? "large.outdated" : "large.unreachable";
        again = error.outdated ? () => location.reload() : retrying;
        render();
      },
    };
  };

  const SEEN = 26; // pixels; what is smaller gets a ring
  const HALO = "#ffe94a"; // on blue, orange and dark red alike

  /** The thick outline round what is picked; what is small or thin also glows, so that nobody has to search. */
  gridwalk.highlight = function (app) {
    const group = L.layerGroup().addTo(app.map);
    let shown = [null, -1];

    function draw() {
      group.clearLayers();
      const [layer, row] = shown;
      const shape = layer ? layer.shape(row) : null;
      if (!shape) return;
      const points = gridwalk.corners(shape);
      const thin = points.length > 120 ? 0.6 : 1;
      const style = { pane: "pick", interactive: false, fill: false, lineJoin: "round", smoothFactor: 0 };
      const rings = [["#ffffff", 7 * thin], [INK, 3.2 * thin]];
      if (points.length === 1) rings.forEach(([color, weight]) => group.addLayer(L.circleMarker(points[0], { ...style, color, weight, radius: 12 })));
      else if (gridwalk.kindOf(shape) !== "area") {
        const width = gridwalk.lineWidth(app.map.getZoom()); // round the line, under it, so that its colour stays
        for (const [color, more] of [[INK, 16], ["#ffffff", 11]]) group.addLayer(L.polyline(shape, { ...style, pane: "under", color, weight: width + more }));
      } else {
        if (layer.small) small(layer, row, shape, style);
        rings.forEach(([color, weight]) => group.addLayer(L.polygon(shape, { ...style, color, weight: layer.small ? weight * 0.7 : weight })));
      }
    }

    function small(layer, row, shape, style) {
      group.addLayer(L.polygon(shape, { ...style, color: HALO, weight: 18, opacity: 0.85 }));
      const bounds = layer.bounds(row);
      const size = app.map.latLngToLayerPoint(bounds.getSouthEast()).subtract(app.map.latLngToLayerPoint(bounds.getNorthWest()));
      if (Math.max(size.x, size.y) < SEEN) group.addLayer(L.circleMarker(layer.middle(row), { ...style, color: "#a63603", weight: 3, radius: SEEN }));
    }

    app.map.on("zoomend", () => shown[0] && shown[0].small && draw());
    return function (layer, row) {
      shown = [layer, row];
      draw();
    };
  };
})((window.gridwalk = window.gridwalk || {}));
