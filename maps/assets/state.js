/* What the reader has chosen: kept in one place, written into the address, told to whoever draws it. */
(function (gridwalk) {
  "use strict";

  const LISTS = new Set(["hide", "off", "only"]);
  const SETTLED_MS = 250; // browsers refuse a page that rewrites its address more than 100 times in 30 s

  function parsed(hash) {
    const given = {};
    for (const [key, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
      given[key] = LISTS.has(key) ? value.split(",").filter(Boolean) : value;
    }
    return given;
  }

  /**
   * State of a page.
   * @param {object} defaults every key with its value when the address says nothing
   * @param {function(object): object} valid drops what does not exist on this page
   */
  gridwalk.state = function (defaults, valid) {
    const listeners = [];
    let now = { ...defaults, ...valid(parsed(location.hash)) };
    let writing = 0;

    const same = (a, b) => String(a) === String(b);

    function address() {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(now)) {
        if (!same(value, defaults[key]) && value !== null) query.set(key, Array.isArray(value) ? value.join(",") : value);
      }
      return "#" + query.toString().replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":");
    }

    function settle() {
      clearTimeout(writing);
      if (address() !== (location.hash || "#")) history.replaceState(null, "", address());
    }

    function set(change) {
      const keys = Object.keys(change).filter((key) => !same(change[key], now[key]));
      if (!keys.length) return;
      now = { ...now, ...change };
      clearTimeout(writing);
      writing = setTimeout(settle, SETTLED_MS);
      for (const [wanted, listener] of listeners) {
        if (keys.some((key) => wanted.includes(key))) listener(now, keys);
      }
    }

    window.addEventListener("hashchange", () => set({ ...defaults, ...valid(parsed(location.hash)) }));

    return {
      get now() {
        return now;
      },
      set,
      /** Write the last choice into the address at once: somebody is about to take it. */
      settle,
      /** Call `listener` whenever one of `keys` changes. */
      on(keys, listener) {
        listeners.push([keys, listener]);
      },
    };
  };
})((window.gridwalk = window.gridwalk || {}));
