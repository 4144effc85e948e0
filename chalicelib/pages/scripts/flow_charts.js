// Two charts above each other with the same days: money in and out as bars, the balance as a line.
//
// They are pictures of the table below. Only their heights are floats; every figure is a text.
import { html, useEffect, useRef, useState } from "../libraries/preact.js";
import { setAddress } from "./address.js";
import { dayText } from "./days.js";
import { locale, t } from "./language.js";
import { money, signedMoney } from "./money.js";

const PALETTE = ["--in", "--out", "--accent", "--soft", "--line", "--card"];
// The same for both charts, so that their days are below each other.
const AXIS_WIDTH = 56;
const isForced = () => matchMedia("(forced-colors: active)").matches;
const loading = () => import("../libraries/chart.js");

/** The bars alone, or with `hasBalance` also the line. */
export function FlowCharts({ items, sentence, hasBalance = true }) {
  const theme = useTheme();
  return html`
    <div class="charts">
      <p class="legend" aria-hidden="true">
        <span class="key in"></span>${t("in")} <span class="key out"></span>${t("out")}
      </p>
      <${Drawing} kind="flow" items=${items} theme=${theme} sentence=${`${t("flowChart")} ${sentence}`} />
      ${hasBalance && html`
        <p class="legend" aria-hidden="true"><span class="key line"></span>${t("balance")}</p>
        <${Drawing} kind="balance" items=${items} theme=${theme} sentence=${`${t("balanceChart")} ${sentence}`} />
      `}
    </div>
  `;
}

function Drawing({ kind, items, theme, sentence }) {
  const canvas = useRef(null);
  useEffect(() => {
    let chart = null;
    let isGone = false;
    loading().then(({ Chart }) => {
      if (isGone || !canvas.current) return;
      Chart.defaults.font.family = getComputedStyle(canvas.current).fontFamily;
      chart = new Chart(canvas.current, settings(kind, items));
    });
    return () => {
      isGone = true;
      chart?.destroy();
    };
  }, [kind, items, theme, locale()]);
  return html`<div class=${`drawing ${kind}`}><canvas ref=${canvas} role="img" aria-label=${sentence}></canvas></div>`;
}

function settings(kind, items) {
  const [inColour, outColour, accent, soft, line, card] = palette();
  const labels = items.map((item) => dayText(item.day, locale(), { day: "2-digit", month: "2-digit" }));
  const bars = [
    { data: items.map((item) => height(item.credits)), backgroundColor: inColour, label: t("in") },
    { data: items.map((item) => -height(item.debits)), backgroundColor: isForced() ? card : outColour, borderColor: outColour, borderWidth: isForced() ? 2 : 0, label: t("out") },
  ];
  const balance = [
    { data: items.map((item) => height(item.closing)), borderColor: accent, backgroundColor: accent, pointRadius: items.length > 1 ? 0 : 3, borderWidth: 2, tension: 0, label: t("balance") },
  ];
  return {
    type: kind === "flow" ? "bar" : "line",
    data: { labels, datasets: kind === "flow" ? bars : balance },
    options: {
      animation: false, // nothing moves but what the user moves
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      onClick: (_, [bar]) => bar && openDay(items[bar.index].day),
      plugins: { tooltip: { callbacks: { label: (context) => tooltip(context, items) } } },
      scales: {
        x: { stacked: true, offset: true, grid: { display: false }, border: { color: line }, ticks: { color: soft, maxRotation: 0, autoSkipPadding: 12 } },
        y: { stacked: kind === "flow", grid: { color: line }, border: { display: false }, ticks: { color: soft, maxTicksLimit: 5, callback: axisText }, afterFit: (axis) => { axis.width = AXIS_WIDTH; } },
      },
    },
  };
}

// Where colours are forced, all but the ground become the text's, and bars of money out are hollow.
function palette() {
  const probe = document.body.appendChild(document.createElement("span"));
  const colours = PALETTE.map((name) => {
    probe.style.color = name === "--card" && isForced() ? "Canvas" : `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return colours;
}

function tooltip({ dataset, dataIndex }, items) {
  const item = items[dataIndex];
  if (dataset.label === t("balance")) return money(item.closing, item.currency, locale());
  const isIn = dataset.label === t("in");
  return `${dataset.label}: ${signedMoney(isIn ? item.credits : item.debits, isIn, item.currency, locale())}`;
}

function axisText(value) {
  return new Intl.NumberFormat(locale(), { notation: "compact" }).format(value).replace("-", "\u2212");
}

function openDay(day) {
  setAddress({ view: "entries", filters: { from: day, to: day } });
}

function height(amount) {
  return Number(amount);
}

// The colours of a canvas do not follow the theme.
function useTheme() {
  const queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((text) => matchMedia(text));
  const current = queries.map((query) => query.matches).join();
  const [theme, setTheme] = useState(current);
  useEffect(() => {
    const update = () => setTheme(queries.map((query) => query.matches).join());
    for (const query of queries) query.addEventListener("change", update);
    return () => queries.forEach((query) => query.removeEventListener("change", update));
  }, []);
  return theme;
}
