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
  const DEFECT = [["path", { ...LINE, "stroke-width": 2.6, d: "M8 2v7M8 13v.5" }]];
  const SEVERITY = { minor: "#fbc274", major: "#e0751a", severe: "#94320a" };
  const KINDS = {
    marker: [["path", { ...LINE, d: "M5.5 13V4L8 1.5 10.5 4v9z" }], ["path", { ...LINE, d: "M3 14h10" }]],
    village: [["path", { ...LINE, d: "M1.5 8L5 4.5 8.5 8v6h-7zM8.5 9L11.5 6 14.5 9v5h-6" }]],
    well: [["path", { ...LINE, d: "M3 8h10v6H3zM4 8V4l4-2.5L12 4v4M8 4v4" }]],
    checkpoint: [["path", { ...LINE, d: "M3 14V4M3 6l11-3M1.5 14h3" }]],
    stop: [["path", { ...LINE, d: "M4 14.5V1.8h8v5.4H4" }]],
    fence: [["path", { ...LINE, d: "M3 2v12M8 2v12M13 2v12M1 6h14M1 11h14" }]],
  };

  const sign = (parts, name) => el("i.glyph", { "data-glyph": name }, drawing(16, 16, parts));

  /** How something was seen: a sign, or null for what is not known. */
  gridwalk.evidenceSign = (evidence) => (evidence in EVIDENCE ? sign(EVIDENCE[evidence], evidence) : null);

  /** What kind of thing: a sign, or null for a stretch, which is drawn as a line. */
  gridwalk.kindSign = (kind) => (kind in KINDS ? sign(KINDS[kind], kind) : null);

  function pin(app, layer, row, order, sign, fill, ink) {
    return {
      at: gridwalk.middle(layer, row),
      class: "point",
      order,
      width: 26,
      height: 26,
      element() {
        const made = el("span.badge", { style: { backgroundColor: fill, color: ink } }, sign());
        made.addEventListener("click", () => app.pick(layer.id, row));
        return made;
      },
    };
  }

  /** Points by their own signs on the colour of their state; the first where there is no room for all. */
  gridwalk.pointSigns = function (app, layer, rows) {
    return rows.filter((row) => layer.shape(row) && gridwalk.kindSign(layer.get(row, "kind"))).map((row, place) => {
      const one = app.stateClass(layer.get(row, "state"));
      return pin(app, layer, row, 3 + place / 1e6, () => gridwalk.kindSign(layer.get(row, "kind")), one ? one.fills[0] : "#ffffff", one ? one.ink : "#1b2530");
    });
  };

  /** Defects that nobody has mended yet, the most severe first. */
  gridwalk.defectSigns = function (app, layer) {
    const grades = Object.keys(SEVERITY);
    const open = [...Array(layer.rows).keys()].filter((row) => layer.shape(row) && layer.get(row, "state") === "open");
    return open.map((row) => {
      const severity = layer.get(row, "severity");
      return pin(app, layer, row, 2 - grades.indexOf(severity) / 10, () => sign(DEFECT, "defect"), SEVERITY[severity] || "#ffffff", severity === "severe" ? "#ffffff" : "#1b2530");
    });
  };
})((window.gridwalk = window.gridwalk || {}));
