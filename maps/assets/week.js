/* The hour of the week: chosen with a slider, told by a curve of 168 hours, by stations and by grids. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId, drawing } = gridwalk;
  const HOURS = 168;
  const DAY = 24;
  const SIGNS = { 1: "open", 0: "closed", "?": "unknown" };
  const CURVE = { width: HOURS * 2, height: 64, foot: 14 }; // of the drawing; it is stretched to the panel

  /** Number of the hour that an address names ("sat-22"), Monday 0:00 = 0; -1 where it names none. */
  gridwalk.hourOf = function (week, text) {
    const days = Object.keys(week.days);
    const [day, hour] = String(text).split("-");
    return days.includes(day) && /^([01]\d|2[0-3])$/.test(hour) ? days.indexOf(day) * DAY + Number(hour) : -1;
  };

  /** What a page tells of the hours of the week; null where it tells nothing. */
  gridwalk.week = function (app) {
    const { week } = app.page;
    if (!week) return null;
    const days = Object.keys(week.days);
    const byHour = week.grids ? hourly(app, week) : null;
    const shareOf = (hour) => (week.people === null ? null : week.covered[week.sets[hour]] / week.people);

    /** Hour as it stands in the address: "sat-22". */
    const code = (hour) => days[Math.floor(hour / DAY)] + "-" + String(hour % DAY).padStart(2, "0");
    const usual = week.asked === null ? week.worst || 0 : week.asked;

    const now = () => (app.state.now.hour ? gridwalk.hourOf(week, app.state.now.hour) : usual);
    const choose = (hour) => app.state.set({ hour: hour === usual ? "" : code(hour) });

    function named(hour) {
      return app.words.say("week.hour", { day: app.words.title(week.days[days[Math.floor(hour / DAY)]]), hour: hour % DAY });
    }

    /** Whether a station that is asked for is open in the hour of the moment: open, closed, unknown; else "out". */
    function stateOf(layer, row) {
      return layer.get(row, "counted") === false ? "out" : SIGNS[(layer.get(row, "week") || "?")[now()] || "?"];
    }

    function states() {
      const layer = app.page.layer.stations;
      const counts = { open: 0, closed: 0, unknown: 0, out: 0 };
      for (let row = 0; layer && row < layer.rows; row++) counts[stateOf(layer, row)] += 1;
      return counts;
    }

    function stations(counts) {
      const { say, number } = app.words;
      return ["open", "closed", "unknown"].filter((state) => state !== "unknown" || counts.unknown).map((state) =>
        el("span.state", {}, el("i.dot." + state), say("week." + state), el("b", { text: number(counts[state]) })));
    }

    /** The whole of one hour: its name, the share, of whom, which stations. */
    function write() {
      const { say, number, measure } = app.words;
      const hour = now();
      const counts = states();
      const [share] = measure(shareOf(hour), "share");
      const covered = week.covered[week.sets[hour]];
      byId("week-hour").textContent = named(hour);
      byId("week-share").textContent = share;
      byId("week-whole").textContent = week.people === null ? "" : say("week.whole", { covered: number(covered), people: number(week.people) });
      fill(byId("week-stations"), ...stations(counts));
      byId("week-note").textContent = note(hour, counts);
      const slider = byId("week-slider");
      slider.value = String(hour);
      slider.setAttribute("aria-valuetext", say("week.told", { hour: named(hour), share, open: number(counts.open) }));
      mark(hour);
      current(hour);
    }

    function note(hour, counts) {
      const { say } = app.words;
      const parts = [];
      if (counts.unknown) parts.push(say(week.unknown_open ? "week.unknown_open" : "week.unknown_closed"));
      if (hour !== week.asked && !app.themeNow().hourly) parts.push(week.asked === null ? say("week.any") : say("week.still", { hour: named(week.asked) }));
      return parts.join(" ");
    }

    /** The curve of the week: steps of an hour, half of the people as a line, days named below. */
    function draw() {
      const { width, height, foot } = CURVE;
      const y = (share) => (1 - share) * (height - foot - 2) + 1;
      const steps = week.sets.map((_, hour) => shareOf(hour) || 0).map((share, hour) => "V" + y(share).toFixed(1) + "H" + (hour + 1) * 2);
      const lines = days.slice(1).map((_, day) => ["path", { d: "M" + (day + 1) * DAY * 2 + " 0V" + height, class: "day" }]);
      const curve = drawing(width, height, [
        ...lines,
        ["path", { d: "M0 " + y(0.5) + "H" + width, class: "half" }],
        ["path", { d: "M0 " + y(0) + steps.join("") + "V" + y(0) + "Z", class: "under" }],
        ["path", { d: "M0 " + y(shareOf(0) || 0) + steps.join(""), class: "curve" }],
        ["path", { class: "now", id: "week-now" }],
      ]);
      curve.setAttribute("preserveAspectRatio", "none");
      const names = days.map((day) => el("span", { text: app.words.title(week.days[day]) }));
      fill(byId("week-curve"), el("span.share", { text: "100%" }), el("span.share.part", { text: "50%" }), curve, el("div.days", {}, ...names));
      curve.addEventListener("pointerdown", (event) => {
        const box = curve.getBoundingClientRect();
        choose(Math.min(HOURS - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * HOURS))));
      });
    }

    function mark(hour) {
      byId("week-now").setAttribute("d", "M" + (hour * 2 + 1) + " 0V" + (CURVE.height - CURVE.foot));
    }

    /** The curve as a table, a row an hour of the day, a column a day; each cell chooses its hour. */
    function table() {
      const { say, title, measure } = app.words;
      const cell = (hour) => el("td.number", {}, el("button.link", { type: "button", text: measure(shareOf(hour), "share")[0], "aria-label": say("week.cell", { hour: named(hour), share: measure(shareOf(hour), "share")[0] }), onclick: () => choose(hour) }));
      const rows = Array.from({ length: DAY }, (_, hour) =>
        el("tr", {}, el("th", { scope: "row", text: hour + ":00" }), ...days.map((_day, day) => cell(day * DAY + hour))));
      const heading = el("tr", {}, el("td"), ...days.map((day) => el("th.number", { scope: "col", text: title(week.days[day]) })));
      fill(byId("week-table"), el("summary", { text: say("week.table") }), el("table", {}, el("thead", {}, heading), el("tbody", {}, ...rows)));
    }

    /** Mark the hour of the moment in the table without making it anew: whoever reads it keeps the focus. */
    function current(hour) {
      const cells = byId("week-table").querySelectorAll("td button");
      cells.forEach((one, at) => ((at % 7) * DAY + Math.floor(at / 7) === hour ? one.setAttribute("aria-current", "true") : one.removeAttribute("aria-current")));
    }

    function button(id, hour, word) {
      const place = byId(id);
      place.hidden = hour === null;
      if (hour !== null) place.textContent = app.words.say(word, { hour: named(hour) });
    }

    /** Everything that depends on the language or on the theme. */
    function render() {
      const theme = app.themeNow();
      byId("week").hidden = !theme.week;
      byId("theme").insertBefore(byId("week"), byId(theme.hourly ? "legend" : "missing")); // first where it decides the colours
      draw();
      table();
      button("week-asked", week.asked, "week.asked");
      button("week-worst", week.worst, "week.worst");
      write();
    }

    function wire() {
      const slider = byId("week-slider");
      slider.addEventListener("input", () => choose(Number(slider.value)));
      slider.addEventListener("keydown", (event) => {
        const step = { PageUp: DAY, PageDown: -DAY }[event.key]; // a day; the browser's own step is a tenth
        if (!step) return;
        event.preventDefault();
        choose((now() + step + HOURS) % HOURS);
      });
      byId("week-asked").addEventListener("click", () => choose(week.asked));
      byId("week-worst").addEventListener("click", () => choose(week.worst));
    }

    wire();
    return {
      render,
      write,
      /** The layer of grids in the colours of the hour; null where no grid has them. */
      grids: byHour && byHour.layer,
      paint: () => byHour && byHour.paint(now(), named(now())),
      named: () => named(now()),
      /** How a station is in the hour, where the theme has hours. */
      stateOf: (layer, row) => (app.themeNow().week ? stateOf(layer, row) : null),
    };
  };

  /** The grids once more, with another legend, another class a row, and the share as one more field. */
  function hourly(app, week) {
    const { grids } = week;
    const plain = app.page.layer["grid-walk"];
    const shares = grids.of.map((text) => text.split(",").map((one) => (one === "" ? null : Number(one))));
    const field = { name: "hour_share", title: {}, kind: "integer", unit: "%" };
    const column = { list: [] };
    const layer = Object.assign(Object.create(plain), {
      legend: grids.legend,
      missing: "week.hidden",
      measure: field.name,
      class: [],
      fields: [...plain.fields, field],
      facts: [field.name, ...plain.facts],
      byName: new Map([...plain.byName, [field.name, field]]),
      columns: { ...plain.columns, [field.name]: column },
    });

    function paint(hour, name) {
      const set = week.sets[hour];
      column.list = grids.at.map((at) => (at < 0 ? null : shares[at][set]));
      layer.class = column.list.map((share) => (share === null ? -1 : grids.class[share]));
      for (const lang of ["zh", "en"]) field.title[lang] = app.page.words[lang]["week.covered"];
      layer.hour = name;
    }

    return { layer, paint };
  }
})((window.gridwalk = window.gridwalk || {}));
