"use strict";
// Draws the statistics of the element "data". Every chart has its figures in a table below it.

const data = JSON.parse(document.getElementById("data").textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const whole = new Intl.NumberFormat("en");
const number = (value) => whole.format(value ?? 0);
const percent = (value) => (value == null ? "–" : `${Math.round(value * 100)} %`);
const dollars = (value) => (value == null ? "–" : `$${value < 1 ? value.toFixed(4) : value.toFixed(2)}`);
const milliseconds = (value) => `${number(Math.round(value))} ms`;

function element(parent, tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  parent.append(made);
  return made;
}

function tile(value, words) {
  const made = element(document.getElementById("tiles"), "div", undefined, "tile");
  element(made, "b", value);
  element(made, "span", words);
}

function table(figure, labels, series, form) {
  const details = element(figure, "details");
  element(details, "summary", "Figures");
  const made = element(details, "table");
  const head = element(made, "tr");
  for (const each of ["", ...series.map((one) => one.label)]) element(head, "th", each);
  labels.forEach((label, index) => {
    const row = element(made, "tr");
    element(row, "th", label);
    for (const each of series) element(row, "td", form(each.data[index]));
  });
}

const drawn = [];

/** `series` are {label, data, colour, isCap}; `lying` draws the bars from left to right. A cap is a line across. */
function bars(title, words, labels, series, { form = number, lying = false, stacked = false, max } = {}) {
  const figure = element(document.getElementById("charts"), "figure");
  element(figure, "figcaption", title);
  element(figure, "p", words);
  const plot = element(figure, "div", undefined, "plot");
  if (!labels.length) {
    plot.classList.add("empty");
    plot.textContent = "Nothing yet";
    return;
  }
  const canvas = element(plot, "canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", title);
  table(figure, labels, series, form);
  const datasets = series.map((each) => ({
    label: each.label,
    data: each.data,
    colour: each.colour,
    borderRadius: 3,
    maxBarThickness: 34,
    ...(each.isCap && { type: "line", borderWidth: 2, pointStyle: "line", pointRadius: 17 }),
  }));
  const values = { beginAtZero: true, max, stacked, ticks: { callback: form }, border: { display: false } };
  const names = { stacked, grid: { display: false }, ticks: { autoSkip: !lying } };
  const chart = new Chart(canvas, {
    type: "bar",
    data: { labels, datasets },
    options: {
      indexAxis: lying ? "y" : "x",
      animation: false,
      maintainAspectRatio: false,
      scales: lying ? { x: values, y: names } : { x: names, y: values },
      plugins: {
        legend: { display: series.length > 1, position: "bottom", labels: { boxWidth: 12 } },
        tooltip: {
          callbacks: { label: (at) => `${at.dataset.label}: ${form(lying ? at.parsed.x : at.parsed.y)}` },
        },
      },
    },
  });
  drawn.push(chart);
}

function paint() {
  for (const chart of drawn) {
    for (const each of chart.data.datasets) each.backgroundColor = each.borderColor = colour(each.colour);
    for (const scale of Object.values(chart.options.scales)) {
      scale.ticks.color = colour("soft");
      scale.grid = { ...scale.grid, color: colour("grid") };
    }
    chart.options.plugins.legend.labels.color = colour("soft");
    chart.update();
  }
}

const total = data.total;
document.getElementById("span").textContent = `${data.since} to ${data.until}`;
tile(percent(total.acceptance), `of ${number(total.shown)} suggestions accepted`);
tile(number(total.characters), "characters not typed");
tile(percent(total.standing), "of what was accepted still stands");
tile(number(total.requests), `requests, ${number(total.failed)} failed`);
tile(number(total.tokens), `tokens, ${number(total.cached)} cached`);
tile(dollars(total.cost), "spent");

const names = (groups) => groups.map((each) => each.name);
const column = (groups, key) => groups.map((each) => each[key]);
const languages = data.languages.filter((each) => each.shown);
bars("Acceptance by language", "Share of the suggestions shown that were accepted.", names(languages),
  [{ label: "accepted", data: column(languages, "acceptance"), colour: "first" }],
  { form: percent, lying: true, max: 1 });
const day = (name) => new Date(`${name}T12:00`).toLocaleDateString("en", { day: "numeric", month: "short" });
const isPriced = data.days.some((each) => each.cost != null);
const cap = isPriced ? data.caps.cost : data.caps.tokens;
const money = total.unpriced
  ? `What requests cost, without the ${number(total.unpriced)} of which no price is known.`
  : "What requests cost, in US dollars.";
const paid = data.days.filter((each) => each.requests);
bars("Spend by day", `${isPriced ? money : "In tokens, as no price is known."} Days of UTC.`, names(paid).map(day), [
  { label: "spent", data: column(paid, isPriced ? "cost" : "tokens"), colour: "second" },
  ...(cap == null ? [] : [{ label: "cap", data: paid.map(() => cap), colour: "first", isCap: true }]),
], { form: isPriced ? dollars : number });
const stages = {
  debounce_ms: "pause in typing", context_ms: "context", first_text_ms: "first text", total_ms: "until shown",
};
const known = Object.keys(stages).filter((each) => data.latency[each]);
bars("Latency by stage", "Of the suggestions shown.", known.map((each) => stages[each]), [
  { label: "median", data: known.map((each) => data.latency[each][0]), colour: "second" },
  { label: "95 %", data: known.map((each) => data.latency[each][1]), colour: "third" },
], { form: milliseconds });
bars("Where suggestions came from", "Remembered and joined ones cost no request.", Object.keys(data.tiers),
  [{ label: "suggestions", data: Object.values(data.tiers), colour: "fourth" }], { lying: true });
const filters = Object.entries(data.filters).slice(0, 8);
bars("What the filters did", "Of the suggestions that models made.", filters.map(([name]) => name), [
  { label: "dropped", data: filters.map(([, [dropped]]) => dropped), colour: "first" },
  { label: "changed", data: filters.map(([, [, changed]]) => changed), colour: "third" },
], { lying: true, stacked: true });
bars("What became of keystrokes", "“continued”: the rest of what was shown before.", Object.keys(data.outcomes),
  [{ label: "keystrokes", data: Object.values(data.outcomes), colour: "third" }], { lying: true });

paint();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
document.documentElement.dataset.charts = String(drawn.length);
