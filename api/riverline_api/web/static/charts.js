// Draws the charts of a page in its own colours. The policy forbids `eval`, so expressions go through Vega's interpreter.
const place = document.querySelector("script[data-interpreter]");
const { expressionInterpreter } = await import(place.dataset.interpreter);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const configuration = () => {
  const [ink, soft, line, accent] = ["ink", "soft", "line", "accent"].map(colour);
  const font = getComputedStyle(document.body).fontFamily;
  const category = dark.matches
    ? ["#63c8ce", "#e6a15c", "#a99be8", "#8fcf7f", "#e887a6", "#d8c863", "#7fb2ea", "#b6b6b6"]
    : ["#0b6e75", "#c2702a", "#6a5acd", "#4a8a3c", "#b4436c", "#8f7d12", "#3571b8", "#6b7478"];
  return {
    background: "transparent", font, view: { stroke: null },
    axis: { labelOverlap: "parity", labelSeparation: 8, labelColor: soft, titleColor: soft, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400 },
    legend: { labelColor: ink, labelFontSize: 12, symbolType: "square" },
    bar: { color: accent }, line: { color: accent }, range: { category },
  };
};

// The reader's words for what the specification names in English.
const spoken = (spec, titles) => {
  const encoding = structuredClone(spec.encoding);
  for (const channel of Object.values(encoding).flat()) if (channel.title !== null && titles[channel.field] !== undefined) channel.title = titles[channel.field] || null;
  return { ...spec, encoding };
};

// Hours are the reader's, in a chart as in its table; days are those of UTC, by which they were counted.
const hours = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const zone = document.getElementById("zone");
if (zone?.dataset.hours) zone.textContent = zone.dataset.hours.replace("{zone}", new Intl.DateTimeFormat().resolvedOptions().timeZone);
for (const time of document.querySelectorAll(".numbers time")) time.textContent = hours.format(new Date(time.dateTime));

const dayFormat = document.documentElement.lang === "ko" ? "%-m. %-d." : "%-d %b";

const dated = (spec, ofDays) => {
  if (!ofDays || spec.encoding.x?.type !== "temporal") return spec;
  const tooltip = spec.encoding.tooltip.map((one) => one.type === "temporal" ? { ...one, timeUnit: "utcyearmonthdate" } : one);
  return { ...spec, encoding: { ...spec.encoding, x: { ...spec.encoding.x, scale: { type: "utc" }, axis: { ...spec.encoding.x.axis, format: dayFormat } }, tooltip } };
};

const draw = async (figure) => {
  const { spec, rows, titles } = JSON.parse(figure.querySelector("script").textContent);
  await vegaEmbed(figure.querySelector(".chart"), { ...dated(spoken(spec, titles), !figure.querySelector("time")), datasets: { rows } }, {
    actions: false, ast: true, expr: expressionInterpreter, renderer: "svg", defaultStyle: false, config: configuration(),
    tooltip: { disableDefaultStyle: true }, timeFormatLocale: locale(),
  });
};

const locale = () => {
  const spokenIn = document.documentElement.lang, names = (length, part, dates) => dates.map((date) => new Intl.DateTimeFormat(spokenIn, { [part]: length, timeZone: "UTC" }).format(date));
  const months = [...Array(12).keys()].map((n) => new Date(Date.UTC(2026, n, 1))), days = [...Array(7).keys()].map((n) => new Date(Date.UTC(2026, 1, 1 + n)));
  return {
    dateTime: "%x %X", date: "%Y-%m-%d", time: "%H:%M:%S", periods: ["AM", "PM"],
    days: names("long", "weekday", days), shortDays: names("short", "weekday", days), months: names("long", "month", months), shortMonths: names("short", "month", months),
  };
};

const all = () => Promise.all([...document.querySelectorAll("figure:has(.chart)")].map(draw));
dark.addEventListener("change", all);
await all();
document.documentElement.dataset.drawn = still.matches ? "still" : "yes";
