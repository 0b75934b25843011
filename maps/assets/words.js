/* Words and numbers as people of each language write them. */
(function (gridwalk) {
  "use strict";

  const SHOWN = 4;
  const LOCALES = { zh: "zh-CN", en: "en-GB" };

  const TURNING = /[\u202a-\u202e\u2066-\u2069]/;

  /** A text that turns the way of writing keeps that to itself. */
  const alone = (text) => (TURNING.test(text) ? "\u2068" + text + "\u2069" : text);

  const formats = new Map();

  /** What writes numbers, or days, in one way: made once, which takes longer than all its writing. */
  function writer(kind, lang, options) {
    const key = kind.name + lang + JSON.stringify(options);
    if (!formats.has(key)) formats.set(key, new kind(LOCALES[lang], options));
    return formats.get(key);
  }

  /** The speaker of a page: say(), title(), number(), value() in the language of the moment. */
  gridwalk.speaker = function (page, langNow) {
    const lang = () => langNow();
    const other = () => (lang() === "zh" ? "en" : "zh");

    function say(key, values) {
      const text = page.words[lang()][key];
      if (text === undefined) throw new Error("no word " + key);
      return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? alone(String(values[name])) : whole));
    }

    function has(key) {
      return key in page.words[lang()];
    }

    /** A text in both languages, in the one of the moment. */
    function title(both) {
      return both ? both[lang()] || both[other()] || "" : "";
    }

    function number(value, digits) {
      if (value === null || value === undefined) return say("value.missing");
      if (!Number.isFinite(value)) return say("value.unreached");
      return writer(Intl.NumberFormat, lang(), { maximumFractionDigits: digits === undefined ? 1 : digits }).format(value);
    }

    /** A share, never written as all or nothing while it is neither. */
    function percent(value) {
      if (value === null || value === undefined) return say("value.missing");
      const whole = value === 0 || value === 1;
      let digits = 1;
      while (!whole && digits < 6 && ["0", "100"].includes(String(Number((value * 100).toFixed(digits))))) digits += 1;
      const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      return writer(Intl.NumberFormat, lang(), format).format(value * 100) + "%";
    }

    function day(text) {
      const timeZone = text.includes("T") ? page.time_zone : "UTC";
      return writer(Intl.DateTimeFormat, lang(), { timeZone, year: "numeric", month: "short", day: "numeric" }).format(new Date(text));
    }

    /**
     * A number and its unit, each as text; lengths and areas in the unit that reads best.
     * `like` is the number whose size decides, so that a part reads like its whole.
     */
    function measure(value, unit, like) {
      const size = Math.abs(like === undefined ? value : like);
      if (value === null || value === undefined || !Number.isFinite(value)) return [number(value), ""];
      if (unit === "share") return [percent(value), ""];
      if (unit === "m" && size >= 1000) return [number(value / 1000, size >= 1e5 ? 0 : 1), say("unit.km")];
      if (unit === "m²" && size >= 1e5) return [number(value / 1e6, size < 1e7 ? 2 : 0), say("unit.km²")];
      const digits = unit === "m" || unit === "m²" ? (size < 10 ? 1 : 0) : size >= 1000 ? 0 : unit ? 1 : 2;
      return [number(value, digits), unit && has("unit." + unit) ? say("unit." + unit) : unit || ""];
    }

    function quantity(value, unit) {
      const [figure, name] = measure(value, unit);
      return name ? say("unit.with", { number: figure, unit: name }) : figure;
    }

    /** A row's value as text. */
    function value(layer, row, name) {
      const field = layer.byName.get(name);
      const raw = layer.get(row, name);
      if (raw === null || raw === undefined || raw === "") return say("value.missing");
      if (Array.isArray(raw)) return raw.length ? listed(raw.map((one) => named(field, one))) : say("value.missing");
      if (typeof raw === "boolean") return say(raw ? "value.yes" : "value.no");
      if (typeof raw === "number") return quantity(raw, field.unit);
      if (field.kind === "date" || field.kind === "date-time") return day(raw);
      return named(field, raw);
    }

    /** What an id or a code stands for. */
    function named(field, raw) {
      const other = field.refers ? page.find(field.refers, raw) : null;
      return other ? other[0].name(other[1]) : coded(field, raw);
    }

    /** A list that may be long: the first few, and how many more. */
    function listed(texts) {
      const shown = texts.slice(0, SHOWN).join(say("value.comma"));
      return texts.length > SHOWN ? say("value.more", { list: shown, count: texts.length }) : shown;
    }

    function coded(field, code) {
      return field.values && code in field.values ? title(field.values[code]) : String(code);
    }

    return { say, has, title, number, day, measure, quantity, value, named, listed, coded, lang };
  };
})((window.gridwalk = window.gridwalk || {}));
