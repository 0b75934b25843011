/* Find a thing by its id or name. */
(function (gridwalk) {
  "use strict";

  const { el, fill, byId } = gridwalk;
  const SHOWN = 8;

  /**
   * Wire the search field; `layers()` gives the ids of what can be found, nearest to the reader first.
   * `meant(query)` gives hits {name, note, kind, go} that come before those.
   */
  gridwalk.search = function (app, layers, meant) {
    const field = byId("search");
    const list = byId("found");
    let at = -1;
    let hits = [];

    function matches(query) {
      const starts = [];
      const holds = [];
      const seen = new Set(); // a grid is a row of several layers
      for (const id of layers()) {
        const layer = app.page.layer[id];
        for (let row = 0; row < layer.rows && starts.length < SHOWN; row++) {
          const texts = [layer.key(row).toLowerCase(), layer.name(row).toLowerCase()];
          if (!texts.some((text) => text.includes(query)) || seen.has(texts.join())) continue;
          seen.add(texts.join());
          (texts.some((text) => text.startsWith(query)) ? starts : holds).push([layer, row]);
        }
      }
      return [...starts, ...holds].slice(0, SHOWN).map(([layer, row]) => ({
        name: layer.name(row),
        note: layer.name(row) === layer.key(row) ? "" : layer.key(row),
        kind: app.words.title(layer.title),
        go: () => app.pick(layer.id, row, true),
      }));
    }

    function show() {
      const query = field.value.trim().toLowerCase();
      hits = query ? [...(meant ? meant(query) : []), ...matches(query)].slice(0, SHOWN) : [];
      at = -1;
      field.setAttribute("aria-expanded", String(Boolean(query)));
      field.removeAttribute("aria-activedescendant");
      list.hidden = !query;
      if (query && !hits.length) return fill(list, el("li.none", { role: "option", "aria-disabled": "true", text: app.words.say("search.none") }));
      return fill(list, ...hits.map(({ name, note, kind }, number) =>
        el("li", { role: "option", id: "found-" + number, "aria-selected": "false", onclick: () => choose(number) },
          el("b", { text: name }), note ? el("small", { text: note }) : null, el("span", { text: kind }))));
    }

    function choose(number) {
      const { go } = hits[number];
      close();
      go();
      gridwalk.enterCard();
    }

    function close() {
      list.hidden = true;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }

    function move(step) {
      if (!hits.length) return;
      at = (at + step + hits.length) % hits.length;
      [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
      field.setAttribute("aria-activedescendant", "found-" + at);
    }

    field.addEventListener("input", show);
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") move(1);
      else if (event.key === "ArrowUp") move(-1);
      else if (event.key === "Enter" && hits.length) choose(Math.max(at, 0));
      else if (event.key === "Escape" && !list.hidden) close();
      else return;
      event.preventDefault();
    });
    field.addEventListener("blur", () => setTimeout(close, 150));
    field.addEventListener("focus", show);
  };
})((window.gridwalk = window.gridwalk || {}));
