/* The list on paper: for each file a sheet to send to whoever drew it, with a small map and a place to tick off. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const HEADS = ["number", "ids", "place", "what", "done"];

  /** One problem; what to do is told once where it is the same for all of its kind, else where it differs from the one above. */
  function line(app, one, alike, above) {
    const { say } = app.words;
    const { problems } = app;
    const { degrees, near } = gridwalk.problemPlace(app, one);
    const [of, column] = [problems.whose(one), problems.column(one)];
    return el("tr", {},
      el("td", {}, gridwalk.problemNumber(app, one)),
      el("td", {}, of ? el("small", { text: of }) : null, el("span", { text: problems.ids(one) || say("value.missing") }), column ? el("small", { text: say("problems.column", { column }) }) : null),
      el("td", {}, near ? el("span", { text: near }) : null, el("small.degrees", { text: degrees })),
      el("td", {}, problems.text(one, "problem"), alike ? null : todo(app, one, above)),
      el("td.tick", {}, el("i")));
  }

  const todo = (app, one, above) => {
    const [remedy, before] = [one, above].map((row) => (row ? app.problems.text(row, "remedy") : ""));
    const told = remedy === before ? app.words.say("problems.paper_same") : remedy;
    return remedy ? el("p.todo", { text: app.words.say("problems.paper_todo", { remedy: told }) }) : null;
  };

  /** Rows of one kind under its name. */
  function kind(app, rows) {
    const { say, number } = app.words;
    const { problems } = app;
    const one = rows[0];
    const name = say("view.count", { name: problems.text(one, "sort"), count: number(rows.length) });
    const alike = rows.every((row) => problems.text(row, "remedy") === problems.text(one, "remedy"));
    return el("tbody", {},
      el("tr.of-kind", {}, el("th", { colspan: String(HEADS.length), scope: "rowgroup" }, el("b", { text: name }), " " + problems.text(one, "severity"), alike ? todo(app, one) : null)),
      ...rows.map((row, at) => line(app, row, alike, rows[at - 1])));
  }

  /** Rows that follow each other and are of one kind and severity. */
  function kinds(rows) {
    const made = [];
    for (const one of rows) {
      const last = made[made.length - 1];
      if (last && last[0].kind === one.kind && last[0].class === one.class) last.push(one);
      else made.push([one]);
    }
    return made;
  }

  const head = (app) => app.words.say("problems.paper_head", { workspace: app.words.title(app.page.title), day: app.words.day(app.page.as_of), version: app.page.version.slice(0, 12) });

  /** What the sheet is about, to whom it goes, and where everything is. */
  function cover(app, rows, notes) {
    const { say, number } = app.words;
    const { problems } = app;
    const file = problems.text(rows[0], "file");
    const whole = problems.all.filter((one) => one.file === rows[0].file).length - notes;
    const [overall, ...nearer] = gridwalk.problemSketches(app, rows);
    const lost = rows.filter((one) => !problems.at(one)).length;
    const remarks = [
      say("problems.paper_about", { table: problems.tables(rows), count: number(rows.length), severities: problems.counted(rows) }),
      rows.length < whole ? say("problems.paper_part", { count: number(whole) }) : "",
      notes ? say("problems.paper_notes", { count: number(notes) }) : "",
    ];
    const unplaced = lost ? say("problems.paper_unplaced", { count: number(lost) }) : "";
    return el("div.cover", {},
      el("p.running", { text: head(app) }),
      el("h1", { text: say("problems.paper_title") }),
      el("p.to", { text: say("problems.paper_to", { file }) }),
      el("p", { text: remarks.filter(Boolean).join(say("legend.and")) }),
      el("p.by-whom", {}, el("span", { text: say("problems.paper_coordinates") }), el("span", { text: say("problems.paper_sign") })),
      overall ? el("figure", {}, overall, el("figcaption", { text: [say("problems.paper_map"), unplaced].filter(Boolean).join(say("legend.and")) })) : null,
      ...nearer.map((svg) => el("figure", {}, svg, el("figcaption", { text: say("problems.paper_nearer") }))));
  }

  function sheet(app, rows, notes) {
    const { say } = app.words;
    return el("section.sheet", {},
      cover(app, rows, notes),
      el("table", {},
        el("colgroup", {}, ...HEADS.map((name) => el("col." + name))),
        el("thead", {},
          el("tr", {}, el("td.running", { colspan: String(HEADS.length) }, el("b", { text: app.problems.text(rows[0], "file") }), " · " + head(app))),
          el("tr", {}, ...HEADS.map((name) => el("th", { scope: "col", text: say("problems.paper_" + name) })))),
        ...kinds(rows).map((some) => kind(app, some))));
  }

  /** What goes on paper: notes only where they were asked for, or there is nothing else. */
  function printed(app, rows) {
    const grave = rows.filter((one) => one.layer.get(one.row, "severity") !== "info");
    return app.state.now.file || !grave.length ? rows : grave;
  }

  /** Put the sheets in their place; without a problem one sheet says so. */
  gridwalk.problemPaper = function (app, rows) {
    const { say } = app.words;
    const { problems } = app;
    const told = printed(app, rows);
    const none = () => el("section.sheet", {}, el("p.running", { text: head(app) }), el("h1", { text: say("problems.paper_title") }),
      el("p", { text: say(problems.all.length ? "problems.none_listed" : "problems.none") }));
    const notes = (file) => rows.filter((one) => one.file === file && !told.includes(one)).length;
    const sheets = problems.byFile(told).map((some) => sheet(app, some, notes(some[0].file)));
    byId("paper").hidden = false;
    fill(byId("paper"), ...(sheets.length ? sheets : [none()]));
  };

  window.addEventListener("afterprint", () => {
    byId("paper").hidden = true;
    fill(byId("paper"));
  });
})((window.gridwalk = window.gridwalk || {}));
