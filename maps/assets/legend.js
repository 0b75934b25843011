/* The legend that is also the filter: one button a class, with how many there are. */
(function (gridwalk) {
  "use strict";

  const { el, fill, drawing } = gridwalk;

  /** How many rows of the view are in which class, or how much of what the layer counts; at last those without a value. */
  gridwalk.counts = function (layer, rows) {
    const counts = new Array(layer.legend.classes.length + 1).fill(0);
    for (const row of rows) counts[layer.class[row] < 0 ? counts.length - 1 : layer.class[row]] += layer.counted ? layer.get(row, layer.counted) : 1;
    return counts;
  };

  gridwalk.hiddenOf = (state) => new Set(state.hide.map(Number));

  /** Write the legend of a layer into `place`. */
  gridwalk.legend = function (app, place, layer, rows) {
    const { say, title, number } = app.words;
    const { legend } = layer;
    const counts = gridwalk.counts(layer, rows);
    const most = Math.max(...counts, 1);
    const hidden = gridwalk.hiddenOf(app.state.now);

    function line(at, label, count, sign) {
      const shown = !hidden.has(at);
      const bar = el("span.bar", {}, el("i", { style: { width: (100 * count) / most + "%" } }));
      const toggle = () => {
        const next = new Set(hidden);
        if (shown) next.add(at);
        else next.delete(at);
        app.state.set({ hide: [...next].sort((a, b) => a - b).map(String) });
      };
      return el("button.class", { type: "button", "aria-pressed": String(shown), onclick: toggle, "data-class": at },
        sign, el("span.name", { text: label }), bar, el("span.count", { text: number(count) }));
    }

    const lines = [];
    legend.classes.forEach((one, at) => {
      lines.push(line(at, title(one.label), counts[at], layer.draw === "line" ? el("span.lines", {}, stroke(one, 44), one.letter ? gridwalk.badge(title(one.letter), one.fills[0], one.ink, "") : null) : swatch(one, one.letter ? title(one.letter) : "")));
      if (legend.limit_after === at) lines.push(el("p.limit", {}, el("span", { text: title(legend.limit) })));
    });
    const missing = counts[counts.length - 1];
    if (missing) lines.push(line(-1, say(layer.missing || "legend.missing"), missing, el("span.swatch.missing")));
    const note = layer.tone ? tones(app) : null;
    const heading = [layer.hour, title(legend.title), layer.counted ? title(layer.byName.get(layer.counted).title) : ""].filter(Boolean).join(say("legend.and"));
    fill(place, el("h3", { text: heading }), el("div.classes", { role: "group", "aria-label": say("legend.filter") }, ...lines), note);
  };

  /** A patch with every tone that the class has on the map. */
  function swatch(one, letter) {
    const patches = one.fills.map((colour) => el("i", { style: { backgroundColor: colour } }));
    return el(one.dash ? "span.swatch.dashed" : "span.swatch", {}, ...patches, one.letter ? el("b", { text: letter, style: { color: one.ink } }) : null);
  }

  /** A stretch of line with casing and dash, as on the map. */
  function stroke(one, length) {
    const along = { d: "M0 7H" + length, fill: "none" };
    const line = drawing(length, 14, [
      ["path", { ...along, stroke: "#1b2530", "stroke-width": 11 }],
      ["path", { ...along, stroke: one.gap, "stroke-width": 8 }],
      ["path", { ...along, stroke: one.fills[0], "stroke-width": 8, "stroke-dasharray": gridwalk.dashOf(one, 8) || "none" }],
    ]);
    return el("span.stroke", {}, line);
  }

  gridwalk.stroke = stroke;

  function tones(app) {
    return el("p.tones", {}, el("span", { text: app.words.say("legend.few") }), el("span.ramp"), el("span", { text: app.words.say("legend.many") }));
  }
})((window.gridwalk = window.gridwalk || {}));
