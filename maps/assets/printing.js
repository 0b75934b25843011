/* Paper: the same map, laid out for the sheet, as vectors. */
(function (gridwalk) {
  "use strict";

  const SHEETS = ["A3 landscape", "A3 portrait", "A4 landscape", "A4 portrait"]; // the first where there is no choice

  /** The choice of a sheet, and a stylesheet of one rule, since a page's size cannot be a variable. */
  function sheets(app) {
    const choice = gridwalk.byId("sheet-size");
    if (!choice) return () => [];
    const size = gridwalk.el("style", {});
    document.head.append(size);
    const say = () => gridwalk.fill(choice, ...SHEETS.map((sheet) => gridwalk.el("option", { value: sheet, selected: sheet === (choice.value || SHEETS[0]), text: app.words.say("sheet_size." + sheet.replace(" ", "_")) })));
    const set = () => (size.textContent = "@page { size: " + choice.value + "; margin: 9mm; }");
    app.state.on(["lang"], say);
    choice.addEventListener("change", set);
    say();
    return () => choice.value.toLowerCase().split(" ");
  }

  gridwalk.printing = function (app) {
    const sheet = sheets(app);
    let before = null;

    function lay() {
      if (app.sheets) return app.sheets(); // a board with paper of its own
      if (before) return;
      before = { bounds: app.map.getBounds(), center: app.map.getCenter(), zoom: app.map.getZoom() };
      document.body.classList.add("printing", ...sheet());
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
      document.body.classList.remove("printing", ...sheet());
      app.map.invalidateSize({ animate: false, pan: false });
      app.map.setView(before.center, before.zoom, { animate: false });
      before = null;
    }

    window.addEventListener("beforeprint", lay);
    window.addEventListener("afterprint", restore);
    gridwalk.byId("print").addEventListener("click", () => {
      lay();
      (app.settled ? app.settled() : Promise.resolve()).then(() => {
        window.print();
        restore(); // a browser that cannot print tells nobody that it is done
      });
    });
  };
})((window.gridwalk = window.gridwalk || {}));
