/* Elements, made safely: text is always text. */
(function (gridwalk) {
  "use strict";

  /**
   * Make an element.
   * @param {string} tag name, with classes after dots: "button.row"
   * @param {object} given attributes; "on…" are listeners, "text" is text, true is an empty attribute
   * @param {...(Node|string|null)} children texts and nodes; null is left out
   */
  gridwalk.el = function (tag, given, ...children) {
    const [name, ...classes] = tag.split(".");
    const made = document.createElement(name);
    if (classes.length) made.className = classes.join(" ");
    for (const [key, value] of Object.entries(given || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (key === "text") made.textContent = value;
      else if (key === "style") Object.assign(made.style, value);
      else made.setAttribute(key, value === true ? "" : String(value));
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };

  /** What tells an element from the others in `parent`, also when all of them are made anew. */
  function signature(one, parent) {
    const parts = [one.tagName, one.className];
    for (let at = one; at !== parent; at = at.parentElement) parts.push(at.id, ...Object.entries(at.dataset).flat());
    return parts.join("|");
  }

  /** Remember what has the focus in `parent`; the answer gives it back, or gives it to what was made in its place. */
  gridwalk.held = function (parent) {
    const one = document.activeElement;
    if (!one || one === parent || !parent.contains(one)) return () => {};
    const known = signature(one, parent);
    const alike = () => [...parent.querySelectorAll(one.tagName)].filter((other) => signature(other, parent) === known);
    const place = alike().indexOf(one);
    return () => {
      const successor = one.isConnected ? one : alike()[place];
      if (successor && document.activeElement !== successor) successor.focus({ preventScroll: true });
    };
  };

  /** Give `parent` other children; what is made anew keeps the focus, so that a keyboard stays where it is. */
  gridwalk.fill = function (parent, ...children) {
    const restore = gridwalk.held(parent);
    parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
    restore();
    return parent;
  };

  gridwalk.byId = (id) => document.getElementById(id);

  /** A small drawing; `parts` are [tag, attributes] pairs. */
  gridwalk.drawing = function (width, height, parts) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 " + width + " " + height);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.setAttribute("aria-hidden", "true");
    for (const [tag, attributes] of parts) {
      const part = document.createElementNS(space, tag);
      for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
      svg.append(part);
    }
    return svg;
  };

  /** One cell of a spreadsheet: never a formula, long numbers of ids never rounded. */
  function cell(value) {
    let text = value === null || value === undefined ? "" : Array.isArray(value) ? value.join(";") : String(value);
    if (typeof value !== "number") {
      if (/^[=+\-@\t\r]/.test(text)) text = "'" + text;
      else if (/^(0\d|\d{11})\d*$/.test(text)) text = "\t" + text;
    }
    return /[",\n\r\t;]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }

  /** Hand a table to the user as a file that spreadsheets open. */
  gridwalk.downloadTable = function (file, heading, rows) {
    const lines = [heading, ...rows].map((row) => row.map(cell).join(","));
    gridwalk.download(file, "text/csv", "\ufeff" + lines.join("\r\n") + "\r\n");
  };

  /** Hand a text to the user as a file; works from a memory stick too. */
  gridwalk.download = function (file, media, text) {
    const address = URL.createObjectURL(new Blob([text], { type: media + ";charset=utf-8" }));
    const link = gridwalk.el("a", { href: address, download: file });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };

  /** A link past everything goes to its place without being an address: that is the reader's choices. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.skip");
    if (!link) return;
    event.preventDefault();
    gridwalk.byId(link.hash.slice(1)).focus();
  });

  gridwalk.cell = cell;
})((window.gridwalk = window.gridwalk || {}));
