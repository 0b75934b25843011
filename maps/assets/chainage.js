/* Measures along the border, from the shapes in the page: where is km 1,234, and at which km am I? */
(function (gridwalk) {
  "use strict";

  const EARTH_M = 6371008.8;
  const RADIANS = Math.PI / 180;

  /** Steps east and north from one [lat, lon] to another, metres; of a border's length the layer itself tells. */
  function steps(from, to) {
    const wide = Math.cos(((from[0] + to[0]) / 2) * RADIANS);
    return [(to[1] - from[1]) * RADIANS * wide * EARTH_M, (to[0] - from[0]) * RADIANS * EARTH_M];
  }

  /**
   * Look-up along the stretches of a layer with border_id, start_m and end_m, whose lines run with the measure.
   * A sphere is near enough: every stretch is stretched to the length that the layer gives it.
   */
  gridwalk.chainage = function (layer) {
    const known = new Map();
    const rows = [];
    for (let row = 0; row < layer.rows; row++) if (layer.shape(row)) rows.push(row);

    /** Edges of a row, each with its two ends and the measures at them. */
    function edges(row) {
      if (known.has(row)) return known.get(row);
      const made = [];
      let along = 0;
      for (const path of layer.shape(row)) {
        for (let i = 1; i < path.length; i++) {
          const [east, north] = steps(path[i - 1], path[i]);
          const length = Math.hypot(east, north);
          made.push({ from: path[i - 1], to: path[i], start: along, length });
          along += length;
        }
      }
      const [first, last] = [layer.get(row, "start_m"), layer.get(row, "end_m")];
      const scale = along > 0 ? (last - first) / along : 0;
      for (const edge of made) {
        edge.start = first + edge.start * scale;
        edge.length *= scale;
      }
      known.set(row, made);
      return made;
    }

    const inside = (row, border, metres) => layer.get(row, "border_id") === border && layer.get(row, "start_m") <= metres && metres <= layer.get(row, "end_m");

    return {
      /** Ids of the borders. */
      borders: [...new Set(rows.map((row) => layer.get(row, "border_id")))],

      /** Row at a measure; where two meet the one that begins. -1 beyond the ends. */
      row(border, metres) {
        const there = rows.filter((row) => inside(row, border, metres));
        return there.length ? there.reduce((a, b) => (layer.get(b, "start_m") > layer.get(a, "start_m") ? b : a)) : -1;
      },

      /** Place at a measure as [lat, lon], or null beyond the ends. */
      place(border, metres) {
        const row = this.row(border, metres);
        if (row < 0) return null;
        const all = edges(row);
        const edge = all.find((one) => metres <= one.start + one.length) || all[all.length - 1];
        const share = edge.length ? Math.min(Math.max((metres - edge.start) / edge.length, 0), 1) : 0;
        return [0, 1].map((axis) => edge.from[axis] + (edge.to[axis] - edge.from[axis]) * share);
      },

      /** The nearest place on any border: {row, border, metres, away}, or null where there is no border. */
      nearest(at) {
        let best = null;
        for (const row of rows) {
          for (const edge of edges(row)) {
            const [east, north] = steps(edge.from, edge.to);
            const [x, y] = steps(edge.from, [at.lat, at.lng]);
            const square = east * east + north * north;
            const share = square ? Math.min(Math.max((x * east + y * north) / square, 0), 1) : 0;
            const away = Math.hypot(x - share * east, y - share * north);
            if (!best || away < best.away) best = { row, border: layer.get(row, "border_id"), metres: edge.start + edge.length * share, away };
          }
        }
        return best;
      },
    };
  };
})((window.gridwalk = window.gridwalk || {}));
