/* A small drawn map of where the problems of one file are, with their numbers: for paper. */
(function (gridwalk) {
  "use strict";

  const WIDE = 740; // pixels, a quarter of a millimetre each
  const TALL = [200, 420];
  const AIR = 26;
  const LEAST = 0.004; // degrees across, so that one place has something round it
  const MANY = 60; // outlines of one level
  const LEVELS = ["region", "league", "county", "township", "community"];
  const INK = "#12181f";
  const CROWD = 6; // so many under one number get a map of their own
  const DEEP = 3; // maps of one file

  /** Turns lat/lon into pixels; a degree of longitude is as long as it is in the middle. */
  function frame(places) {
    const lats = places.map((at) => at.lat);
    const lons = places.map((at) => at.lng);
    const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)];
    const slim = Math.cos((((south + north) / 2) * Math.PI) / 180);
    const [wide, high] = [Math.max((east - west) * slim, LEAST), Math.max(north - south, LEAST)];
    const tall = Math.min(Math.max(((WIDE - 2 * AIR) * high) / wide + 2 * AIR, TALL[0]), TALL[1]);
    const scale = Math.min((WIDE - 2 * AIR) / wide, (tall - 2 * AIR) / high);
    const [lat, lon] = [(south + north) / 2, (west + east) / 2];
    const to = (y, x) => [WIDE / 2 + (x - lon) * slim * scale, tall / 2 - (y - lat) * scale];
    const half = [WIDE / 2 / scale / slim, tall / 2 / scale];
    return { to, tall, metre: scale / 111320, bounds: L.latLngBounds([lat - half[1], lon - half[0]], [lat + half[1], lon + half[0]]) };
  }

  const round = (value) => Math.round(value * 10) / 10;

  function ring(points, to) {
    let text = "";
    let last = null;
    for (const [lat, lon] of points) {
      const [x, y] = to(lat, lon).map(round);
      if (last && Math.abs(x - last[0]) < 0.6 && Math.abs(y - last[1]) < 0.6) continue; // nobody sees it
      text += (last ? "L" : "M") + x + " " + y;
      last = [x, y];
    }
    return text;
  }

  /** Outlines of the divisions that are in the frame, level by level as long as there are not too many. */
  function outlines(app, { to, bounds }) {
    const { divisions } = app.page.layer;
    if (!divisions) return [];
    const made = [];
    for (const level of LEVELS) {
      const rows = divisions.at(level).filter((row) => divisions.there(row) && ["admin", null].includes(divisions.get(row, "tree")) && bounds.intersects(divisions.bounds(row)));
      if (rows.length > MANY) break;
      for (const row of rows) made.push([row, divisions.shape(row).map((rings) => ring(rings[0], to) + "Z").join("")]);
    }
    return made;
  }

  /** Lines of problems themselves: a border is not to be guessed from dots. */
  function lines(app, rows, { to }) {
    const ways = rows.filter((one) => one.layer.there(one.row) && gridwalk.kindOf(one.layer.shape(one.row)) !== "point");
    return ways.map((one) => {
      const shape = one.layer.shape(one.row);
      const area = gridwalk.kindOf(shape) === "area";
      const d = area ? shape.map((rings) => ring(rings[0], to) + "Z").join("") : shape.filter((path) => path.length > 1).map((path) => ring(path, to)).join("");
      return ["path", { d, fill: area ? app.problems.colour(one).fills[0] : "none", "fill-opacity": 0.7, stroke: INK, "stroke-width": area ? 0.8 : 2.4 }];
    });
  }

  const meet = (a, b) => a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
  const boxOf = ([x, y], text) => [x - (text.length * 6.4 + 6) / 2, y - 7.5, text.length * 6.4 + 6, 15];

  /** Numbers; where there is no room for one, the number beside it says how many more are there. */
  function numbers(rows, places) {
    let labels = rows.map((one, at) => ({ one, at: places[at], text: String(one.line), more: [], box: boxOf(places[at], String(one.line)) }));
    for (let before = Infinity; labels.length < before; ) { // one that says of more is wider, and may meet another
      before = labels.length;
      labels = joined(labels);
    }
    return labels;
  }

  function joined(labels) {
    const kept = [];
    for (const label of labels) {
      const other = kept.find((one) => meet(label.box, one.box));
      if (!other) {
        kept.push(label);
        continue;
      }
      other.more.push(label.one, ...label.more);
      other.text = other.one.line + " +" + other.more.length;
      other.box = boxOf(other.at, other.text);
    }
    return kept;
  }

  function bar(app, { metre, tall }) {
    const most = 150 / metre;
    const step = 10 ** Math.floor(Math.log10(most));
    const length = [5, 2, 1].map((part) => part * step).find((size) => size <= most);
    const end = 12 + length * metre;
    const name = app.words.quantity(length, "m");
    return [
      ["path", { d: `M12 ${tall - 16}V${tall - 10}H${round(end)}V${tall - 16}`, fill: "none", stroke: INK, "stroke-width": 1.4 }],
      ["text", { x: round(end + 6), y: tall - 9, "font-size": 11, fill: INK }, name],
      ["path", { d: `M${WIDE - 20} 10 l7 20 l-7 -5 l-7 5 Z`, fill: INK }],
      ["text", { x: WIDE - 20, y: 42, "font-size": 11, "text-anchor": "middle", fill: INK }, app.words.say("map.n")],
    ];
  }

  /** Names of the divisions, where no number stands. */
  function names(app, found, { to, tall }, numbered) {
    const { divisions } = app.page.layer;
    const made = [];
    const taken = [...numbered, [0, tall - 28, 240, 28], [WIDE - 36, 0, 36, 48]]; // scale and north
    for (const [row] of [...found].reverse()) {
      const at = divisions.middle(row);
      const [x, y] = to(at.lat, at.lng).map(round);
      const text = divisions.name(row);
      const wide = [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 10 : 5.6), 0);
      const box = [x - wide / 2, y - 8, wide, 14];
      const inside = box[0] > 2 && box[1] > 2 && box[0] + box[2] < WIDE - 2 && box[1] + box[3] < tall - 2;
      if (!inside || taken.some((other) => meet(box, other))) continue;
      taken.push(box);
      made.push(["text", { x, y: y + 3, "font-size": 10, "text-anchor": "middle", fill: "#55616d" }, text]);
    }
    return made;
  }

  /** Maps of where they are: of all, then of where most of them stand too close together. None without a place. */
  gridwalk.problemSketches = function (app, rows) {
    const made = [];
    let placed = rows.filter((one) => app.problems.at(one));
    while (placed.length && made.length < DEEP) {
      const { svg, crowd } = sketch(app, placed);
      made.push(svg);
      placed = crowd.length > CROWD && crowd.length < placed.length ? crowd : [];
    }
    return made;
  };

  function sketch(app, placed) {
    const { problems } = app;
    const made = frame(placed.map(problems.at));
    const places = placed.map((one) => made.to(problems.at(one).lat, problems.at(one).lng));
    const labels = numbers(placed, places);
    const found = outlines(app, made);
    const parts = found.map(([, d]) => ["path", { d, fill: "#fbfbf9", stroke: "#8b96a0", "stroke-width": 0.8 }]);
    parts.push(...lines(app, placed, made));
    parts.push(...names(app, found, made, labels.map((label) => label.box)));
    placed.forEach((one, at) => parts.push(["circle", { cx: round(places[at][0]), cy: round(places[at][1]), r: 2, fill: INK }]));
    for (const { one, at, text, box } of [...labels].reverse()) {
      const { fills, ink } = problems.colour(one);
      parts.push(["rect", { x: round(box[0]), y: round(box[1]), width: round(box[2]), height: box[3], rx: 3, fill: fills[0], stroke: INK, "stroke-width": 0.9 }]);
      parts.push(["text", { x: round(at[0]), y: round(at[1] + 4), "font-size": 11, "font-weight": 700, "text-anchor": "middle", fill: ink }, text]);
    }
    parts.push(...bar(app, made));
    const svg = gridwalk.drawing(WIDE, Math.round(made.tall), parts.map(([tag, given]) => [tag, given]));
    parts.forEach(([, , text], at) => text === undefined || (svg.children[at].textContent = text));
    const [first] = labels.sort((a, b) => b.more.length - a.more.length);
    return { svg, crowd: [first.one, ...first.more] };
  }
})((window.gridwalk = window.gridwalk || {}));
