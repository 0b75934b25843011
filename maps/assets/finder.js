/* Find a place along the border: by its kilometre, by its marker. */
(function (gridwalk) {
  "use strict";

  const MEASURE = /^(km|k|里程)?\s*(\d[\d,]*(?:\.\d+)?)(?:\s*\+\s*(\d{1,3}))?\s*(?:km|公里|千米)?\s*处?$/i; // 1234, km 1,234.5, K1234+500
  const MARKER = /^(?:界碑|marker|no\.?|#|№)\s*(.+?)(?:\s*号)?$/i;
  const STONES = 4;

  /** Kilometres that a text asks for, or null. */
  gridwalk.kilometre = function (text) {
    const found = MEASURE.exec(text.normalize("NFKC").trim());
    return found ? Number(found[2].replaceAll(",", "")) + Number(found[3] || 0) / 1000 : null;
  };

  /** What a query may mean besides a name: hits {name, note, kind, go}, best first. */
  gridwalk.finder = function (app) {
    const { chainage, facts } = app;
    const { markers } = app.page.layer;

    function places(query) {
      const { say, number, title } = app.words;
      const km = gridwalk.kilometre(query);
      if (km === null) return [];
      return chainage.borders.filter((border) => chainage.row(border, km * 1000) >= 0).map((border) => {
        const row = chainage.row(border, km * 1000);
        const many = chainage.borders.length > 1 ? border : "";
        return {
          name: say("patrol.at_km", { km: number(km, 3) }),
          note: [many, app.line.name(row), facts.holders(app.line, row).map(facts.post).join(say("value.comma"))].filter(Boolean).join(" · "),
          kind: title(app.line.byName.get("state").values[app.line.get(row, "state")]),
          go: () => app.goTo(border, km * 1000),
        };
      });
    }

    /** Markers by number: the very one first, then those that begin like it. */
    function stones(query) {
      if (!markers) return [];
      const asked = MARKER.exec(query);
      const wanted = (asked ? asked[1] : query).trim().toLowerCase();
      const numbers = Array.from({ length: markers.rows }, (_, row) => [markers.name(row).toLowerCase(), row]).filter(([name]) => name.startsWith(wanted));
      numbers.sort(([a], [b]) => a.length - b.length);
      return numbers.slice(0, STONES).map(([, row]) => {
        const metres = markers.get(row, "measure_m");
        return {
          name: app.words.say("patrol.marker", { from: markers.name(row) }),
          note: metres === null ? "" : app.words.say("patrol.at_km", { km: app.words.number(metres / 1000) }),
          kind: app.words.title(markers.title),
          go: () => app.pick("markers", row, true),
        };
      });
    }

    return function (text) {
      const query = text.normalize("NFKC").trim();
      return MARKER.test(query) ? stones(query) : [...places(query), ...stones(query)];
    };
  };
})((window.gridwalk = window.gridwalk || {}));
