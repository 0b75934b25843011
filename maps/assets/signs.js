/* Signs that say what without a colour: by which evidence it was seen, and what kind of thing is due. */
(function (gridwalk) {
  "use strict";

  const { el, drawing } = gridwalk;
  const LINE = { fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round" };
  const EVIDENCE = {
    gps: [["path", { ...LINE, d: "M2 13 C5 6 8 12 10 6" }], ["circle", { cx: 12, cy: 3.6, r: 2.6, fill: "currentColor" }]], // a track
    scan: [["path", { ...LINE, d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" }], ["path", { fill: "currentColor", d: "M5.5 5.5h5v5h-5z" }]], // a code
    declared: [["path", { ...LINE, d: "M3 13l.8-3.4L11 2.4l2.6 2.6-7.2 7.2z" }]], // a pencil
  };
  const KINDS = {
    marker: [["path", { ...LINE, d: "M5.5 13V4L8 1.5 10.5 4v9z" }], ["path", { ...LINE, d: "M3 14h10" }]],
    village: [["path", { ...LINE, d: "M1.5 8L5 4.5 8.5 8v6h-7zM8.5 9L11.5 6 14.5 9v5h-6" }]],
    stop: [["path", { ...LINE, d: "M4 14.5V1.8h8v5.4H4" }]],
    fence: [["path", { ...LINE, d: "M3 2v12M8 2v12M13 2v12M1 6h14M1 11h14" }]],
  };

  const sign = (parts, name) => el("i.glyph", { "data-glyph": name }, drawing(16, 16, parts));

  /** How something was seen: a sign, or null for what is not known. */
  gridwalk.evidenceSign = (evidence) => (evidence in EVIDENCE ? sign(EVIDENCE[evidence], evidence) : null);

  /** What kind of thing: a sign, or null for a stretch, which is drawn as a line. */
  gridwalk.kindSign = (kind) => (kind in KINDS ? sign(KINDS[kind], kind) : null);

  /** Points that are due, each by its own sign on the colour of its state; the most urgent where there is no room for all. */
  gridwalk.pointSigns = function (app, layer, rows) {
    return rows.filter((row) => layer.shape(row) && gridwalk.kindSign(layer.get(row, "kind"))).map((row, place) => {
      const one = app.stateClass(layer.get(row, "state"));
      return {
        at: gridwalk.middle(layer, row),
        class: "point",
        order: 3 + place / 1e6,
        width: 26,
        height: 26,
        element() {
          const made = el("span.badge", { style: one ? { backgroundColor: one.fills[0], color: one.ink } : {} }, gridwalk.kindSign(layer.get(row, "kind")));
          made.addEventListener("click", () => app.pick(layer.id, row));
          return made;
        },
      };
    });
  };
})((window.gridwalk = window.gridwalk || {}));
