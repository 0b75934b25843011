/* The card of a problem: what is wrong, what to do, in which file it is, where it is. */
(function (gridwalk) {
  "use strict";

  const { el } = gridwalk;

  /** File, row and column, as whoever opens the file looks for them. */
  gridwalk.problemSource = function (app, one) {
    const { say } = app.words;
    const { problems } = app;
    const [ids, of, column] = [problems.ids(one), problems.whose(one) || say("problems.id"), problems.column(one)];
    return [problems.text(one, "file"), ids ? say("problems.which", { of, ids }) : "", column ? say("problems.column", { column }) : ""].filter(Boolean).join(" · ");
  };

  /** Where it is, as people say it and as a map asks it. */
  gridwalk.problemPlace = function (app, one) {
    const [lon, lat, near] = ["lon", "lat", "near"].map((name) => app.problems.plain(one, name));
    return { degrees: lon ? lon + ", " + lat : "", near };
  };

  /** The part of the card above the facts; null for what is no problem. */
  gridwalk.explained = function (app, layer, row) {
    const one = app.problems ? app.problems.of(layer, row) : null;
    if (!one) return null;
    const { say } = app.words;
    const { problems } = app;
    const { degrees, near } = gridwalk.problemPlace(app, one);
    const remedy = problems.text(one, "remedy");
    return el("div.explained", {},
      el("p.which", {}, gridwalk.problemNumber(app, one), el("b", { text: problems.name(one) })),
      el("h3", { text: say("problems.what") }), el("p", { text: problems.text(one, "problem") }),
      remedy ? el("h3", { text: say("problems.what_to_do") }) : null, remedy ? el("p", { text: remedy }) : null,
      el("h3", { text: say("problems.of_file") }), el("p", { text: gridwalk.problemSource(app, one) }),
      el("h3", { text: say("problems.where") }), el("p.degrees", { text: [near, degrees || say("problems.no_place")].filter(Boolean).join(" · ") }));
  };

  /** Its number, in the colour of how grave it is. */
  gridwalk.problemNumber = function (app, one) {
    const key = app.problems.colour(one);
    return gridwalk.badge(String(one.line), key.fills[0], key.ink, "");
  };
})((window.gridwalk = window.gridwalk || {}));
