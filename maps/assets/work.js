/* The list of work: what is late or falls due, by holder, the most urgent first. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const HOURS_FROM = 2; // days; a shorter time is told in hours

  /** What a row of any layer of the border says, whichever fields it has for it. */
  gridwalk.facts = function (app) {
    const { page } = app;
    const { say, number, quantity } = app.words;
    const dates = new Map();

    /** A moment as people there write it; the year only where it is another one than that of the map. */
    function moment(text, exact) {
      const { lang } = app.words;
      const year = text.slice(0, 4) === page.as_of.slice(0, 4) ? undefined : "numeric";
      const key = lang() + exact + year;
      const form = { timeZone: page.time_zone, year, month: "short", day: "numeric", ...(exact ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : {}) };
      if (!dates.has(key)) dates.set(key, new Intl.DateTimeFormat(lang() === "zh" ? "zh-CN" : "en-GB", form));
      return dates.get(key).format(new Date(text));
    }

    /** Days late (below 0: days left); null where nothing can be said. */
    function late(layer, row) {
      if (layer.has("late_days")) return layer.get(row, "late_days");
      const [idle, interval] = [layer.get(row, "idle_days"), layer.get(row, "interval_days")];
      return idle === null || interval === null ? null : idle - interval;
    }

    const stateName = (layer, row) => (layer.get(row, "state") === null ? say("patrol.unjudged") : app.words.value(layer, row, "state"));

    function lateness(layer, row) {
      const state = layer.get(row, "state");
      const days = late(layer, row);
      if (state === "never" || state === "unassigned" || days === null) return stateName(layer, row);
      const size = Math.abs(days);
      const key = days > 0 ? "patrol.late" : "patrol.left";
      return size < HOURS_FROM ? say(key + "_hours", { hours: number(size * 24, 0) }) : say(key, { days: number(size, 0) });
    }

    /** Numbers of the first and the last marker; null where there is none. */
    const span = (layer, row) => (layer.spans ? layer.spans[row] || [null, null] : [layer.get(row, "marker_from"), layer.get(row, "marker_to")]);

    function markers(layer, row) {
      const [from, to] = span(layer, row);
      if (!from) return "";
      return say(!to || from === to ? "patrol.marker" : "patrol.markers", { from, to });
    }

    /** Measures of its ends, metres; of a point twice the same. */
    const ends = (layer, row) => (layer.has("start_m") ? ["start_m", "end_m"] : ["measure_m", "measure_m"]).map((name) => layer.get(row, name));

    /** What people call it; a marker has a number only. */
    const name = (layer, row) => (layer.get(row, "kind") === "marker" && /^\d/.test(layer.name(row)) ? say("patrol.marker", { from: layer.name(row) }) : layer.name(row));

    /** Two measures in kilometres, as finely as their difference asks for. */
    const written = (start, end) => [start, end].map((metres) => (metres === null ? "" : number(metres / 1000, end - start > 0 && end - start < 1000 ? 3 : 1)));

    function kilometres(layer, row) {
      const [start, end] = ends(layer, row);
      if (start === null) return "";
      const [from, to] = written(start, end);
      return from === to ? say("patrol.at_km", { km: from }) : say("patrol.from_km", { from, to });
    }

    const post = (id) => (page.layer.posts && page.layer.posts.find(id) >= 0 ? page.layer.posts.name(page.layer.posts.find(id)) : id || say("patrol.no_post"));

    /** Posts that hold a row: those of its segments, else its own. */
    function holders(layer, row) {
      const segments = page.layer["border-segments"];
      const ids = (layer.get(row, "segment_ids") || []).map((id) => (segments ? segments.find(id) : -1)).filter((at) => at >= 0).map((at) => segments.get(at, "post_id"));
      return [...new Set([...ids, ...(ids.length ? [] : [layer.get(row, "post_id")])])].filter(Boolean);
    }

    /** Time since the last visit at the end of the map's day, in words. */
    function ago(layer, row) {
      const [idle, interval, days] = [layer.get(row, "idle_days"), layer.get(row, "interval_days"), layer.get(row, "late_days")];
      const since = idle !== null ? idle : interval !== null && days !== null ? interval + days : null;
      if (since === null) return "";
      return since < HOURS_FROM ? say("patrol.ago_hours", { hours: number(since * 24, 0) }) : say("patrol.ago", { days: number(since, since < 10 ? 1 : 0) });
    }

    /** Last visit with its evidence: a sign, a word and the date. */
    function seen(layer, row, exact) {
      const [at, evidence] = [layer.get(row, "last_visit"), layer.get(row, "evidence")];
      if (!at) return el("span.seen", { text: say("patrol.unseen") });
      return el("span.seen", {}, gridwalk.evidenceSign(evidence), el("b", { text: evidence ? app.words.value(layer, row, "evidence") : "" }), " " + moment(at, exact));
    }

    /** A row in one line of plain text. */
    function told(layer, row) {
      const last = layer.get(row, "last_visit");
      const visit = last ? [app.words.value(layer, row, "evidence"), moment(last, true)].join(" ") : say("patrol.unseen");
      const holder = holders(layer, row).map(post).join(say("value.comma"));
      return [stateName(layer, row), lateness(layer, row), size(layer, row), kilometres(layer, row), markers(layer, row), visit, holder].filter((one, at, all) => one && all.indexOf(one) === at).join(" · ");
    }

    const length = (layer, row) => layer.get(row, "length_m") || 0;
    const size = (layer, row) => (length(layer, row) ? quantity(length(layer, row), "m") : "");
    return { moment, late, lateness, stateName, name, ends, written, span, markers, kilometres, post, holders, ago, seen, told, length, size };
  };

  /** The list and what is shown of it. */
  gridwalk.work = function (app) {
    const { page, facts } = app;
    const layer = page.layer[page.work.layer];
    const { rows } = page.work;
    const listed = layer.has("late_days"); // a list of what is due; else of everything

    const mine = (row) => app.mine(layer, row);
    const shown = () => rows.filter((row) => mine(row) && !app.hides(layer.get(row, "state")));
    const pressing = () => shown().filter((row) => listed || layer.get(row, "state") !== "ok");
    const kind = (row) => (layer.has("kind") ? layer.get(row, "kind") : "stretch");
    const key = (row) => layer.get(row, "post_id") || "";

    /** Rows of each holder, who has the most urgent work first. */
    function groups(those) {
      const made = new Map();
      for (const row of those) made.set(key(row), [...(made.get(key(row)) || []), row]);
      return [...made];
    }

    function summary(those) {
      const { say, number } = app.words;
      const metres = those.reduce((sum, row) => sum + (kind(row) === "stretch" ? facts.length(layer, row) : 0), 0); // a fence lies along one
      const key = metres >= 500 ? "patrol.summary" : "patrol.count";
      return say(those.length === 1 ? key + "_one" : key, { count: number(those.length), km: number(metres / 1000, 0) });
    }

    function line(row) {
      const [pickedLayer, picked] = app.picked();
      const now = pickedLayer === layer && picked === row;
      return el("li", {}, el("button.stretch", { type: "button", "data-key": layer.key(row), "data-kind": kind(row), "aria-current": now ? "true" : null, onclick: () => app.pick(layer.id, row, true) },
        app.letter(layer.get(row, "state")),
        el("b.what", {}, gridwalk.kindSign(kind(row)), facts.name(layer, row)), el("span.late", { text: facts.lateness(layer, row) }),
        el("small.where", { text: [facts.size(layer, row), (kind(row) === "stretch" ? facts.markers(layer, row) : "") || facts.kilometres(layer, row)].filter(Boolean).join(" · ") }),
        el("small", {}, facts.seen(layer, row, false))));
    }

    function write() {
      const { say } = app.words;
      const those = shown();
      const items = app.single() ? those.map(line) : groups(those).flatMap(([id, own]) => [
        el("li", {}, el("button.holder", { type: "button", "data-post": id, disabled: !id, onclick: () => app.state.set({ post: id }) }, el("b", { text: facts.post(id) }), el("small", { text: summary(own) }))),
        ...own.map(line),
      ]);
      fill(byId("stretches"), ...(items.length ? items : [none()]));
      byId("stretch-count").textContent = [say(listed ? "patrol.due_list" : "patrol.all_list", { summary: summary(those) }), unshown()].filter(Boolean).join(" · ");
    }

    /** How many are of a state that is hidden, in words; empty where none is. */
    function unshown() {
      const count = rows.filter(mine).length - shown().length;
      return count ? app.words.say("patrol.unshown", { count: app.words.number(count) }) : "";
    }

    /** Why nothing is listed: it is hidden, or all is well; then what falls due next. */
    function none() {
      const { say } = app.words;
      if (unshown()) return el("li.none", {}, unshown() + " ", el("button.link", { type: "button", text: say("patrol.show_all"), onclick: () => app.state.set({ hide: [] }) }));
      const { line: stretches } = app;
      const waiting = [...Array(stretches.rows).keys()].filter((row) => app.mine(stretches, row) && stretches.get(row, "state") === "ok" && facts.late(stretches, row) !== null);
      const next = waiting.sort((a, b) => facts.late(stretches, b) - facts.late(stretches, a))[0];
      const what = next === undefined ? "" : say("patrol.next", { name: facts.name(stretches, next), left: facts.lateness(stretches, next) });
      return el("li.none", { text: [say("patrol.nothing"), what].filter(Boolean).join(" ") });
    }

    return { layer, rows, listed, mine, shown, pressing, kind, groups, summary, unshown, write };
  };
})((window.gridwalk = window.gridwalk || {}));
