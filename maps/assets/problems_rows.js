/* Every problem of the page, of whatever layer, in the order of its number; and what is asked of them. */
(function (gridwalk) {
  "use strict";

  const SPOKEN = new Set(["line", "severity", "sort", "file", "table", "of", "ids", "column", "near", "lon", "lat", "problem", "remedy", "kind", "row"]); // by the card in its own words

  /** Which layer holds what; a file is told by its rank, a kind by its topic and its code. */
  gridwalk.problemRows = function (app) {
    const { page } = app;
    const all = [];
    for (const theme of page.themes) {
      for (const list of theme.lists) {
        const layer = page.layer[list.layer];
        layer.heading = "sort";
        layer.spoken = (_row, name) => SPOKEN.has(name);
        for (const row of list.rows) {
          const line = layer.get(row, "line");
          all.push({ layer, row, theme: theme.id, line, file: layer.get(row, "file"), kind: theme.id + "-" + layer.get(row, "sort"), class: layer.class[row] });
        }
      }
    }
    all.sort((a, b) => a.line - b.line);
    const byRow = new Map(all.map((one) => [one.layer.id + ":" + one.row, one]));

    /** Where it is; of what has no ground of its own, none. */
    function at(one) {
      return one.layer.there(one.row) ? gridwalk.middle(one.layer, one.row) : null;
    }

    const text = (one, name) => app.words.coded(one.layer.byName.get(name), one.layer.get(one.row, name) ?? "");
    const ids = (one) => one.layer.get(one.row, "ids").join(app.words.say("value.comma"));
    const column = (one) => (one.layer.has("column") && one.layer.get(one.row, "column") !== null ? text(one, "column") : "");
    const whose = (one) => (one.layer.get(one.row, "of") === one.layer.get(one.row, "table") ? "" : text(one, "of")); // whose ids they are, where not of the file's own rows
    const plain = (one, name) => (one.layer.has(name) && one.layer.get(one.row, name)) || "";
    const colour = (one) => one.layer.legend.classes[one.class];

    /** What it is called: the first id and how many more, else what sort it is. */
    function name(one) {
      const known = one.layer.get(one.row, "ids");
      if (!known.length) return text(one, "sort");
      return known.length > 2 ? app.words.say("value.more", { list: known.slice(0, 2).join(app.words.say("value.comma")), count: app.words.number(known.length) }) : ids(one);
    }

    /** Those of the chosen topic, file and kind. */
    function asked(state) {
      return all.filter((one) => (state.theme === "all" || one.theme === state.theme) && (!state.file || one.file === state.file) && (!state.kind || one.kind === state.kind));
    }

    /** Those of them that are of no severity that is hidden. */
    function listed(state) {
      const hidden = gridwalk.hiddenOf(state);
      return asked(state).filter((one) => !hidden.has(one.class));
    }

    /** How many of what there are, as text: "3 to be mended, 2 to be checked". */
    function counted(rows) {
      const { say, number, title } = app.words;
      const classes = all.length ? all[0].layer.legend.classes : [];
      const parts = classes.map((one, at) => [title(one.label), rows.filter((row) => row.class === at).length]).filter(([, count]) => count);
      return parts.map(([label, count]) => say("view.count", { name: label, count: number(count) })).join(say("value.comma"));
    }

    /** By file, in the order of the numbers. */
    function byFile(rows) {
      const made = new Map();
      for (const one of rows) made.set(one.file, [...(made.get(one.file) || []), one]);
      return [...made.values()];
    }

    const tables = (rows) => [...new Set(rows.map((one) => text(one, "table")))].join(app.words.say("value.comma"));

    return { all, at, text, ids, whose, column, plain, colour, name, asked, listed, counted, byFile, tables, of: (layer, row) => (layer ? byRow.get(layer.id + ":" + row) || null : null) };
  };
})((window.gridwalk = window.gridwalk || {}));
