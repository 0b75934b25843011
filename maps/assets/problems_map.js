/* Problems on the map: areas and lines as they are, a dot where each is, its number where there is room. */
(function (gridwalk) {
  "use strict";

  const INK = "#12181f";
  const DOT = { pane: "points", radius: 4.5, weight: 1.2, color: INK, fillOpacity: 1 };
  const NEAR = 15; // from this zoom on the shape itself is large enough to be seen

  gridwalk.problemMap = function (app) {
    const { map, problems } = app;
    const group = L.layerGroup().addTo(map);
    let shown = [];
    let dots = [];

    function shape(one) {
      const form = one.layer.shape(one.row);
      const fill = problems.colour(one).fills[0];
      const kind = form ? gridwalk.kindOf(form) : "point";
      if (kind === "area") return [L.polygon(form, { pane: "points", color: INK, weight: 1.4, fillColor: fill, fillOpacity: 0.6, smoothFactor: one.layer.small ? 0 : 0.6 })];
      const ways = kind === "line" ? form.filter((path) => path.length > 1) : [];
      if (!ways.length) return [];
      const width = one.layer.id === "scheme-conflicts" ? 2 : 5; // a border runs alone, those of schemes cross each other
      return [L.polyline(ways, { pane: "points", color: INK, weight: width + 2 }), L.polyline(ways, { pane: "points", color: fill, weight: width })];
    }

    function dot(one) {
      return L.circleMarker(problems.at(one), { ...DOT, fillColor: problems.colour(one).fills[0] });
    }

    function show(rows) {
      group.clearLayers();
      shown = rows.filter((one) => problems.at(one));
      dots = [];
      const gravest = [...shown].sort((a, b) => b.class - a.class || b.line - a.line); // on top
      const pick = (one) => () => app.pick(one.layer.id, one.row);
      for (const one of gravest) for (const path of shape(one)) group.addLayer(path.on("click", pick(one)));
      for (const one of gravest) {
        const spot = dot(one).on("click", pick(one));
        group.addLayer(spot);
        dots.push([spot, one]);
      }
      resize();
    }

    /** From near the shapes speak for themselves. */
    function resize() {
      const near = map.getZoom() >= NEAR;
      for (const [spot, one] of dots) spot.setRadius(near && one.layer.draw !== "point" ? 2.5 : DOT.radius);
    }

    /** Numbers, as candidates for what is written on the map. */
    function numbers() {
      const seen = map.getBounds();
      const picked = problems.of(...app.picked());
      return shown.filter((one) => seen.contains(problems.at(one))).map((one) => {
        const text = String(one.line);
        const key = problems.colour(one);
        return {
          at: problems.at(one),
          class: "state",
          order: one === picked ? 0 : 3 + one.class / 10,
          width: 10 + text.length * 8,
          height: 20,
          element: () => {
            const made = gridwalk.badge(text, key.fills[0], key.ink, "");
            made.addEventListener("click", () => app.pick(one.layer.id, one.row));
            return made;
          },
        };
      });
    }

    map.on("zoomend", resize);
    return { show, numbers };
  };
})((window.gridwalk = window.gridwalk || {}));
