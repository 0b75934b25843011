/* What a served board asks of its server: vector tiles of large layers, and facts of a row. */
(function (gridwalk) {
  "use strict";

  const POLYGON = 3;
  const GONE = 410; // the server has another build than the page
  const ABOVE = 1; // zooms that the server's tiles are above the map's, being twice as wide

  /** Shapes of one tile as flat arrays: of each its row, where its rings begin, and all places. */
  function read(buffer, layer) {
    const shapes = { rows: [], first: [0], rings: [0], xy: [], extent: 4096 };
    if (!buffer.byteLength) return flat(shapes);
    const found = new vectorTile.VectorTile(new vectorTile.PbfReader(new Uint8Array(buffer))).layers[layer.id];
    if (!found) return flat(shapes);
    shapes.extent = found.extent;
    for (let at = 0; at < found.length; at++) {
      const feature = found.feature(at);
      if (feature.type !== POLYGON || !(feature.id < layer.rows)) continue;
      shapes.rows.push(feature.id);
      for (const ring of feature.loadGeometry()) {
        for (const place of ring) shapes.xy.push(place.x, place.y);
        shapes.rings.push(shapes.xy.length);
      }
      shapes.first.push(shapes.rings.length - 1);
    }
    return flat(shapes);
  }

  const flat = (shapes) => ({ extent: shapes.extent, rows: Int32Array.from(shapes.rows), first: Int32Array.from(shapes.first), rings: Int32Array.from(shapes.rings), xy: Int16Array.from(shapes.xy) });

  /** What the server says to a page of the build that it has; to others it says nothing. */
  async function asked(app, address, more) {
    const response = await fetch(address, { ...more, headers: { "X-Gridwalk-Build": app.page.version } });
    if (!response.ok) throw Object.assign(new Error(response.status + " " + address), { outdated: response.status === GONE });
    return response;
  }

  /** Where the shapes of a large layer come from, tile by tile. */
  gridwalk.remote = function (app, layer) {
    return async function ({ z, x, y }, signal) {
      const address = [app.page.home + "collections", layer.id, "tiles/WebMercatorQuad", z - ABOVE, y, x].join("/");
      const response = await asked(app, address, { signal });
      return read(response.status === 204 ? new ArrayBuffer(0) : await response.arrayBuffer(), layer);
    };
  };

  const open = (ring) => ring.slice(0, -1).map(([lon, lat]) => [lat, lon]);

  function shapeOf(geometry) {
    if (!geometry) return null;
    return (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : []).map((rings) => rings.map(open));
  }

  /** Ask the server for what the page does not hold of a row; its layer then tells it. */
  gridwalk.ask = async function (app, layer, row) {
    const address = [app.page.home + "collections", layer.id, "items", encodeURIComponent(layer.key(row))].join("/");
    const response = await asked(app, address + "?f=json");
    const { properties, geometry } = await response.json();
    const shape = shapeOf(geometry);
    app.page.layer[layer.id].told.set(row, { facts: properties, shape: shape && shape.length ? shape : null });
  };
})((window.gridwalk = window.gridwalk || {}));
