/* The list as a GPX file for the handheld: made in the browser, from what the page holds. */
(function (gridwalk) {
  "use strict";

  const SPACE = "http://www.topografix.com/GPX/1/1";
  const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu; // XML 1.0 has no way to write these

  /**
   * Write items as GPX 1.1: a point is a waypoint, a stretch a track with a segment a path.
   * @param {string} name of the file's contents
   * @param {string} remark what whoever reads the file must know
   * @param {string} author the program
   * @param {{name: string, text: string, type: string, shape: Array}[]} items in the order of the list
   */
  gridwalk.gpx = function (name, remark, author, items) {
    const made = document.implementation.createDocument(SPACE, "gpx", null);
    const node = (tag, given, ...children) => {
      const one = made.createElementNS(SPACE, tag);
      for (const [key, value] of Object.entries(given)) one.setAttribute(key, value);
      one.append(...children);
      return one;
    };
    const text = (tag, value) => node(tag, {}, made.createTextNode(String(value).replace(FORBIDDEN, "")));
    const place = (tag, [lat, lon], ...children) => node(tag, { lat: lat.toFixed(6), lon: lon.toFixed(6) }, ...children);
    const said = (item, number) => [text("name", item.name), text("desc", item.text), ...(number ? [text("number", number)] : []), text("type", item.type)];

    const root = made.documentElement;
    root.setAttribute("version", "1.1");
    root.setAttribute("creator", author);
    root.append(node("metadata", {}, text("name", name), ...(remark ? [text("desc", remark)] : [])));
    const points = items.filter((item) => gridwalk.kindOf(item.shape) === "point" || gridwalk.corners(item.shape).length === 1);
    for (const item of points) root.append(place("wpt", gridwalk.corners(item.shape)[0], ...said(item)));
    items.filter((item) => !points.includes(item)).forEach((item, at) => {
      const paths = item.shape.filter((path) => path.length > 1);
      root.append(node("trk", {}, ...said(item, at + 1), ...paths.map((path) => node("trkseg", {}, ...path.map((one) => place("trkpt", one))))));
    });
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(made) + "\n";
  };

  /** Save what the list shows of what is pressing; of nothing no file. Says how many. */
  gridwalk.saveGpx = function (app) {
    const { page, work, facts } = app;
    const { layer } = work;
    const chosen = app.chosen();
    const holder = chosen ? chosen.name : app.words.say("patrol.everyone");
    const items = work.pressing().filter((row) => layer.shape(row)).map((row) => ({
      name: facts.name(layer, row),
      text: facts.told(layer, row),
      type: work.kind(row),
      shape: layer.shape(row),
    }));
    if (!items.length) return 0;
    const name = [app.words.title(page.title), holder, page.as_of].join(" · ");
    const remark = [page.notice, page.attribution].filter(Boolean).map(app.words.title).join("\n");
    const file = [page.workspace, chosen ? chosen.id : "all", page.as_of].join("-").replace(/[^\p{L}\p{N}_.-]+/gu, "_") + ".gpx";
    gridwalk.download(file, "application/gpx+xml", gridwalk.gpx(name, remark, page.made_by, items));
    return items.length;
  };
})((window.gridwalk = window.gridwalk || {}));
