/* The data of a page: read once from its JSON, shapes decoded when first asked for. */
(function (gridwalk) {
  "use strict";

  /** One layer: its rows by number, its fields by name. */
  class Layer {
    constructor(id, record, page) {
      Object.assign(this, record);
      this.id = id;
      this.page = page;
      this.byName = new Map(this.fields.map((field) => [field.name, field]));
      this.byKey = null;
      this.boxes = []; // bounds by row, once asked for
      this.large = this.near !== undefined; // its shapes are not in the page
      this.told = new Map(); // facts and shapes that the server told later, by row
      if (this.large) this.unpack();
      for (const part of ["shape_of", "inside"]) {
        const { like, then } = this[part] || {};
        if (like) this[part] = then ? page.layer[like][part].slice(0, this[part].rows).concat(then) : page.layer[like][part];
      }
    }

    /** Classes of many rows come as a letter each; facts are there of the rows that stand in lists. */
    unpack() {
      const dresses = [this, ...Object.values(this.colourings || {})];
      for (const one of dresses) for (const part of ["class", "tone"]) if (typeof one[part] === "string") one[part] = codes(one[part]);
      this.nowhere = new Set(this.nowhere);
      this.listed = new Map(this.some ? this.some.rows.map((row, at) => [row, at]) : []);
    }

    has(name) {
      return name in this.columns || Boolean(this.some && name in this.some.columns);
    }

    /** Whether all facts of a row are here. */
    knows(row) {
      return !this.large || this.told.has(row) || this.listed.has(row);
    }

    /** Whether a row has a place on the map. */
    there(row) {
      return this.large ? !this.nowhere.has(row) : this.shape_of[row] >= 0;
    }

    /** Value of a field in a row; Infinity where there is no way. */
    get(row, name) {
      const column = this.columns[name];
      if (column) return this.read(column, row, name);
      if (this.told.has(row)) return this.told.get(row).facts[name] ?? null;
      return this.some && this.listed.has(row) && name in this.some.columns ? this.read(this.some.columns[name], this.listed.get(row), name) : null;
    }

    read(column, row, name) {
      let value;
      if ("like" in column && !(row >= column.rows)) return this.page.layer[column.like].get(row, name);
      if ("like" in column) value = column.then[row - column.rows];
      else if ("all" in column) value = column.all;
      else if ("at" in column) value = column.of[column.at[row]];
      else value = written(column)[row];
      return value === "inf" ? Infinity : value;
    }

    key(row) {
      return String(this.get(row, this.key_field));
    }

    /** What people call the row: its name or number, else what it is, else its id. */
    name(row) {
      const value = this.get(row, this.heading);
      if (Array.isArray(value)) return value.length ? value.join(" + ") : this.page.speaker.say("value.nobody");
      if (value === null || value === "") return this.key(row);
      if (typeof value === "number") return "№ " + value;
      const other = this.page.find(this.byName.get(this.heading).refers, value);
      if (other) return other[0].name(other[1]);
      return this.page.speaker.coded(this.byName.get(this.heading), value);
    }

    /** Number of the row with an id; -1 where there is none. */
    find(key) {
      if (!this.byKey) {
        this.byKey = new Map();
        for (let row = 0; row < this.rows; row++) this.byKey.set(this.key(row), row);
      }
      return this.byKey.has(key) ? this.byKey.get(key) : -1;
    }

    /** Lat/lon arrays as Leaflet wants them; null where there is no geometry. */
    shape(row) {
      if (this.large) return this.told.has(row) ? this.told.get(row).shape : null;
      const at = this.shape_of[row];
      return at < 0 ? null : this.page.shape(at);
    }

    /** Where the name of an area can stand: on it, even where it is bent. */
    middle(row) {
      if (!this.inside) return this.bounds(row).getCenter();
      const [lat, lon] = this.points();
      return L.latLng(lat[row], lon[row]);
    }

    points() {
      if (!this.middles) {
        const way = path(this.inside, this.page.scale);
        this.middles = [0, 1].map((part) => Float64Array.from(way, (point) => point[part]));
      }
      return this.middles;
    }

    /** Where a row is; of a large layer at first about where, as far as most of its areas reach. */
    bounds(row) {
      const shape = this.shape(row);
      if (shape) return (this.boxes[row] = this.boxes[row] || L.latLngBounds(corners(shape)));
      return this.large && this.there(row) ? this.middle(row).toBounds(this.reach()) : null;
    }

    /** Metres across an area of the usual size. */
    reach() {
      const wide = (4 * 360) / (256 * 2 ** this.near); // degrees of longitude: four pixels at the zoom from which they are drawn
      return wide * 111320 * Math.cos((this.page.bounds[1] * Math.PI) / 180);
    }

    /** Rows of a large layer that lie in some bounds. */
    within(bounds) {
      const [lat, lon] = this.points();
      const [south, north, west, east] = [bounds.getSouth(), bounds.getNorth(), bounds.getWest(), bounds.getEast()];
      const rows = [];
      for (let row = 0; row < this.rows; row++) if (lat[row] > south && lat[row] < north && lon[row] > west && lon[row] < east) rows.push(row);
      return rows;
    }

    /** The layer in the colours that a theme has of its own; itself where it has none. */
    as(theme) {
      const own = this.colourings && this.colourings[theme];
      if (!own) return this;
      this.dressed = this.dressed || {};
      return (this.dressed[theme] = this.dressed[theme] || Object.assign(Object.create(this), own));
    }

    /** Rows of one level, or all. */
    at(level) {
      const rows = [];
      for (let row = 0; row < this.rows; row++) {
        if (level === null || this.get(row, "level") === level) rows.push(row);
      }
      return rows;
    }
  }

  /** Small numbers of one letter each, "@" for -1. */
  const codes = (text) => Int8Array.from(text, (letter) => letter.charCodeAt(0) - 65);

  /** All points of a nested list of [lat, lon]. */
  function corners(shape) {
    if (typeof shape[0] === "number") return [shape];
    return shape.flatMap(corners);
  }

  /** Turn a path into [lat, lon] pairs (encoded polyline format, x first). */
  function path(text, scale) {
    const points = [];
    const place = [0, 0];
    numbers(text).forEach((value, at) => {
      place[at % 2] += unzigzag(value);
      if (at % 2) points.push([place[1] / scale, place[0] / scale]);
    });
    return points;
  }

  const unzigzag = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);

  /** Whole numbers from 0 on, five bits a letter. */
  function numbers(text) {
    const made = [];
    let value = 0;
    let size = 1;
    for (let at = 0; at < text.length; at++) {
      const letter = text.charCodeAt(at) - 63;
      value += (letter & 31) * size; // not <<: a finely written place has more than 32 bits
      size *= 32;
      if (letter >= 32) continue;
      made.push(value);
      value = 0;
      size = 1;
    }
    return made;
  }

  /** The edges that areas share. */
  function arcs(page) {
    const [counts, all] = page.arcs;
    const places = path(all, page.scale);
    let end = 0;
    return numbers(counts).map((count) => places.slice(end, (end += count)));
  }

  /** A ring, put together from the edges that it shares with its neighbours. */
  function ring(text, edges) {
    let which = 0;
    return numbers(text).flatMap((number) => {
      which += unzigzag(Math.floor(number / 2));
      return (number % 2 ? [...edges[which]].reverse() : edges[which]).slice(0, -1);
    });
  }

  /** A column's values, one a row; what they were written as is forgotten once they are read. */
  function written(column) {
    if (column.after) [column.list, column.after] = [texts(column.after), null];
    return column.list;
  }

  /** Texts that are written without what they have in common with the one before. */
  function texts(short) {
    let before = "";
    return short.map((text) => (text === null ? null : (before = before.slice(0, text.charCodeAt(0) - 65) + text.slice(1))));
  }

  function decoded(shape, read) {
    return typeof shape === "string" ? read(shape) : shape.map((part) => decoded(part, read));
  }

  const FINE = 1e6; // steps in a degree of small areas

  /** Read the page's data. */
  gridwalk.read = function (text) {
    const page = JSON.parse(text);
    const known = new Map();
    const edges = arcs(page);
    function places(text) {
      if (text[0] === "!") return ring(text.slice(1), edges);
      return text[0] === "*" ? path(text.slice(1), FINE) : path(text, page.scale);
    }
    page.shape = function (at) {
      if (!known.has(at)) known.set(at, decoded(page.shapes[at], places));
      return known.get(at);
    };
    /** The row that an id stands for as [layer, row], or null; a large grid and a division may each be the other's parent. */
    page.find = function (refers, id) {
      for (const name of [refers, refers === "grids" ? "divisions" : refers === "divisions" ? "grids" : refers]) {
        const row = page.layer[name] ? page.layer[name].find(String(id)) : -1;
        if (row >= 0) return [page.layer[name], row];
      }
      return null;
    };
    page.layer = {};
    for (const [id, record] of Object.entries(page.layers)) page.layer[id] = new Layer(id, record, page);
    return page;
  };

  gridwalk.corners = corners;
})((window.gridwalk = window.gridwalk || {}));
