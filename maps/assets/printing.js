/* Paper: the same map, laid out for the sheet, as vectors. */
(function (gridwalk) {
  "use strict";

  gridwalk.printing = function (app) {
    let before = null;

    function lay() {
      if (before) return;
      before = { bounds: app.map.getBounds(), center: app.map.getCenter(), zoom: app.map.getZoom() };
      document.body.classList.add("printing");
      app.map.invalidateSize({ animate: false, pan: false });
      const framed = app.framed ? app.framed() : null; // what the reader has chosen, whatever the screen's shape
      app.map.fitBounds(framed || (app.map.getBounds().contains(app.whole) ? app.whole : before.bounds), { animate: false });
      app.labels.place();
      cut(true);
    }

    /** Rows of a list that the sheet has no room for are left out whole. */
    function cut(away) {
      for (const place of document.querySelectorAll("#lists")) {
        const bottom = place.getBoundingClientRect().bottom;
        for (const row of place.querySelectorAll("tbody tr, h2")) {
          row.classList.toggle("beyond", away && row.getBoundingClientRect().bottom > bottom);
        }
        for (const list of place.querySelectorAll(".ranking")) list.classList.toggle("beyond", away && !list.querySelector("tbody tr:not(.beyond)"));
      }
    }

    function restore() {
      if (!before) return;
      cut(false);
      document.body.classList.remove("printing");
      app.map.invalidateSize({ animate: false, pan: false });
      app.map.setView(before.center, before.zoom, { animate: false });
      before = null;
    }

    window.addEventListener("beforeprint", lay);
    window.addEventListener("afterprint", restore);
    gridwalk.byId("print").addEventListener("click", () => window.print());
  };
})((window.gridwalk = window.gridwalk || {}));
