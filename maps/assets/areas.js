/* Many areas: drawn on canvases, tile by tile, from shapes that the page holds or that its server sends. */
(function (gridwalk) {
  "use strict";

  const SIZE = 512; // pixels of a tile: a quarter of the requests of 256 for as many shapes
  const EXTENT = 4096; // steps across a tile, as in vector tiles
  const DEEPEST = 18; // zoom of the map from which tiles of a server are enlarged
  const SPARE = 12; // canvases: about as many as are in view
  const SHARP = 1.5; // the map stops between zooms, where tiles are a little enlarged
  const EDGE = "rgba(27,37,48,0.35)";
  const STRONG = "rgba(27,37,48,0.9)";
  const FAINT = "rgba(27,37,48,0.12)";
  const UNKNOWN = 0.55; // opacity of what has no value, as where it is drawn alone
  const BEYOND = 2 / SIZE; // of a tile: an edge just outside is drawn too

  /** Put the rings of one shape on a canvas's path. */
  function trace(pen, shapes, at) {
    const { first, rings, xy } = shapes;
    for (let ring = first[at]; ring < first[at + 1]; ring++) {
      pen.moveTo(xy[rings[ring]], xy[rings[ring] + 1]);
      for (let k = rings[ring] + 2; k < rings[ring + 1]; k += 2) pen.lineTo(xy[k], xy[k + 1]);
      pen.lineTo(xy[rings[ring]], xy[rings[ring] + 1]); // closePath() takes longer with each shape of the path
    }
  }

  /** Whether a place of a tile lies in a shape. */
  function holds(shapes, at, x, y) {
    const { first, rings, xy } = shapes;
    let inside = false;
    for (let ring = first[at]; ring < first[at + 1]; ring++) {
      const end = rings[ring + 1];
      for (let k = rings[ring], before = end - 2; k < end; before = k, k += 2) {
        if (xy[k + 1] > y !== xy[before + 1] > y && x < ((xy[before] - xy[k]) * (y - xy[k + 1])) / (xy[before + 1] - xy[k + 1]) + xy[k]) inside = !inside;
      }
    }
    return inside;
  }

  /** Which shapes of a tile have which look; those that the legend hides have no colour. */
  function byLook(shapes, dress) {
    const groups = new Map();
    shapes.rows.forEach((row, at) => {
      if (!dress.shown[row]) return;
      const { layer } = dress;
      const colour = dress.hidden.has(layer.class[row]) ? "" : gridwalk.fillOf(layer.legend, layer.class[row], layer.tone ? layer.tone[row] : null);
      const one = layer.legend.classes[layer.class[row]];
      const look = colour + (colour && one && one.dash ? "/" + one.dash : "");
      if (!groups.has(look)) groups.set(look, { colour, unknown: !one, dash: colour && one ? one.dash : "", at: [] });
      groups.get(look).at.push(at);
    });
    return groups;
  }

  function paint({ canvas, shapes }, dress) {
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    const scale = canvas.width / shapes.extent;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    for (const { colour, unknown, dash, at } of byLook(shapes, dress).values()) {
      pen.beginPath();
      for (const one of at) trace(pen, shapes, one);
      pen.fillStyle = colour || "transparent";
      pen.globalAlpha = unknown ? UNKNOWN : 1;
      if (colour) pen.fill();
      pen.globalAlpha = 1;
      const pixel = canvas.width / SIZE / scale;
      pen.lineWidth = (dash ? 1.4 : 0.6) * pixel;
      pen.setLineDash((dash || (unknown && colour ? "2 3" : "")).split(" ").filter(Boolean).map((part) => part * pixel));
      pen.strokeStyle = !colour ? FAINT : dash ? STRONG : EDGE;
      pen.stroke();
    }
  }

  const across = (lon) => lon / 360 + 0.5;
  const down = (lat) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);

  /** Twice the area of a ring on the map, positive one way round. */
  function turn(xy, from) {
    let sum = 0;
    for (let k = from, before = xy.length - 2; k < xy.length; before = k, k += 2) sum += (xy[k] - xy[before]) * (xy[k + 1] + xy[before + 1]);
    return sum;
  }

  /** One ring of the page; outer rings all go one way round and holes the other, so that areas that overlap leave no hole. */
  function put(xy, ring, outer) {
    const from = xy.length;
    for (const [lat, lon] of ring) xy.push(across(lon), down(lat));
    if (turn(xy, from) > 0 === outer) return;
    const turned = [];
    for (let k = xy.length - 2; k >= from; k -= 2) turned.push(xy[k], xy[k + 1]);
    turned.forEach((value, at) => (xy[from + at] = value));
  }

  /** Where the shapes of an embedded layer come from: projected once, cut out by their boxes. */
  gridwalk.embedded = function (layer) {
    const [rows, first, rings, xy, boxes] = [[], [0], [0], [], []];
    for (let row = 0; row < layer.rows; row++) {
      const shape = layer.shape(row);
      if (!shape) continue;
      const begin = xy.length;
      for (const polygon of shape) {
        polygon.forEach((ring, at) => {
          put(xy, ring, at === 0);
          rings.push(xy.length);
        });
      }
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (let k = begin; k < xy.length; k++) {
        box[k % 2] = Math.min(box[k % 2], xy[k]);
        box[(k % 2) + 2] = Math.max(box[(k % 2) + 2], xy[k]);
      }
      rows.push(row);
      first.push(rings.length - 1);
      boxes.push(...box);
    }
    const whole = { places: Float64Array.from(xy), boxes: Float64Array.from(boxes), rows, first, rings };
    return ({ z, x, y }) => cut(whole, 2 ** z * (256 / SIZE), x, y);
  };

  /** The shapes that touch one tile, in its own steps. */
  function cut({ places, boxes, rows, first, rings }, tiles, x, y) {
    const [west, north, east, south] = [x - BEYOND, y - BEYOND, x + 1 + BEYOND, y + 1 + BEYOND].map((side) => side / tiles);
    const made = { extent: EXTENT, rows: [], first: [0], rings: [0], xy: [] };
    rows.forEach((row, at) => {
      if (boxes[at * 4] > east || boxes[at * 4 + 2] < west || boxes[at * 4 + 1] > south || boxes[at * 4 + 3] < north) return;
      for (let ring = first[at]; ring < first[at + 1]; ring++) {
        for (let k = rings[ring]; k < rings[ring + 1]; k += 2) made.xy.push((places[k] * tiles - x) * EXTENT, (places[k + 1] * tiles - y) * EXTENT);
        made.rings.push(made.xy.length);
      }
      made.rows.push(row);
      made.first.push(made.rings.length - 1);
    });
    return { ...made, xy: Float32Array.from(made.xy) };
  }

  const name = ({ x, y, z }) => [z, x, y].join("/");

  const Tiles = L.GridLayer.extend({
    options: { tileSize: SIZE, maxZoom: 24, keepBuffer: 1, updateWhenZooming: false },

    initialize(app, layer, source, options) {
      L.setOptions(this, options);
      this.app = app;
      this.home = layer; // as the page holds it; what is worn may be another object
      this.source = source;
      this.kept = new Map(); // tiles that are on the map, by their coordinates
      this.spare = []; // canvases of tiles that are gone: a new one takes longer than all that is drawn on it
      this.on("tileunload", ({ coords, tile: canvas }) => {
        const tile = this.kept.get(name(coords));
        if (tile) tile.stop.abort();
        this.kept.delete(name(coords));
        if (this.spare.length < SPARE) this.spare.push(canvas);
      });
    },

    createTile(coords, done) {
      const canvas = this.canvas();
      const tile = { canvas, shapes: null, stop: new AbortController() };
      this.kept.set(name(coords), tile);
      const show = (shapes) => {
        if (tile.stop.signal.aborted) return; // the canvas may be another tile's by now
        tile.shapes = shapes;
        paint(tile, this.dress);
        done(null, canvas);
      };
      const fail = (error) => {
        if (!tile.stop.signal.aborted) this.app.trouble(error, () => this.remove().addTo(this.app.map)); // redraw() forgets to round a zoom between two
        done(error, canvas);
      };
      const shapes = this.source(coords, tile.stop.signal);
      if (shapes.then) shapes.then(show).catch(fail);
      else setTimeout(() => show(shapes)); // Leaflet wants to have the canvas first
      return canvas;
    },

    canvas() {
      const canvas = this.spare.pop() || document.createElement("canvas");
      canvas.removeAttribute("class"); // as Leaflet left them
      canvas.removeAttribute("style");
      const size = Math.round(SIZE * Math.max(SHARP, window.devicePixelRatio || 1));
      if (canvas.width !== size) canvas.width = canvas.height = size; // paint() wipes one that is used again
      return canvas;
    },

    /** Show these rows of the layer in these colours, without those of hidden classes. */
    wear(layer, rows, hidden) {
      const shown = new Uint8Array(this.home.rows);
      for (const row of rows) shown[row] = 1;
      this.dress = { layer, shown, hidden };
      this.repaint();
    },

    repaint() {
      for (const tile of this.kept.values()) if (tile.shapes) paint(tile, this.dress);
    },

    /** Row of the shape at a place; -1 where there is none. */
    rowAt(latlng) {
      const zoom = Math.min(Math.round(this.app.map.getZoom()), this.options.maxNativeZoom);
      const place = this.app.map.project(latlng, zoom).divideBy(SIZE);
      const tile = this.kept.get(name({ x: Math.floor(place.x), y: Math.floor(place.y), z: zoom }));
      if (!tile || !tile.shapes) return -1;
      const { shapes } = tile;
      const [x, y] = [place.x - Math.floor(place.x), place.y - Math.floor(place.y)].map((part) => part * shapes.extent);
      const at = shapes.rows.findIndex((row, one) => this.dress.shown[row] && holds(shapes, one, x, y));
      return at < 0 ? -1 : shapes.rows[at];
    },
  });

  /** Draws many areas of one layer at a time; like what draws a few. */
  gridwalk.areas = function (app, pane) {
    let grid = null;
    const sources = new Map(); // of embedded layers
    const box = app.map.getContainer();

    app.map.on("click", (event) => {
      const target = event.originalEvent ? event.originalEvent.target : null;
      if (!grid || (target && target.closest && target.closest(".leaflet-interactive, .label"))) return;
      const row = grid.rowAt(event.latlng);
      if (row >= 0) app.pick(grid.home.id, row);
    });

    function sourceOf(layer) {
      if (layer.large) return gridwalk.remote(app, layer);
      const which = layer.id + ":" + layer.rows; // in another dress it has the same shapes; a comparison may have more
      if (!sources.has(which)) sources.set(which, gridwalk.embedded(layer));
      return sources.get(which);
    }

    function show(layer, rows, hidden) {
      const home = layer.large ? app.page.layer[layer.id] : layer;
      if (grid && grid.home.id === home.id && grid.home.rows === home.rows) return grid.wear(layer, rows, hidden);
      clear();
      grid = new Tiles(app, home, sourceOf(home), { pane, bounds: app.whole.pad(0.1), maxNativeZoom: home.large ? DEEPEST : 24 });
      grid.on("loading", () => (box.dataset.tiles = "loading"));
      grid.on("load", () => (box.dataset.tiles = "loaded"));
      box.dataset.tiles = "loading";
      grid.wear(layer, rows, hidden);
      grid.addTo(app.map);
      return box.classList.add("tiled");
    }

    function filter(hidden) {
      if (!grid) return;
      grid.dress.hidden = hidden;
      grid.repaint();
    }

    function clear() {
      if (grid) grid.remove();
      grid = null;
      delete box.dataset.tiles;
      box.classList.remove("tiled");
    }

    /** Resolves when everything in view is drawn. */
    const settled = () => (grid && box.dataset.tiles === "loading" ? new Promise((done) => grid.once("load", done)) : Promise.resolve());

    return { show, filter, clear, settled };
  };
})((window.gridwalk = window.gridwalk || {}));
