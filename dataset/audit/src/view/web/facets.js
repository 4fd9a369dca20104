// The sidebar: counts of words and histograms of numbers. Only what is unfolded is asked for.

import { query, schema } from "./api.js";
import { byId, count, el, later, plain, short, svg, title, words } from "./dom.js";
import { change, state, withFilter } from "./state.js";

const OPEN_AT_FIRST = ["framing", "age_bin", "skin_tone_mst", "body_presentation", "hair_type"];
const GROUPS_OPEN = ["Identity", "Person"];
const WORDS_AT_FIRST = 10;
const STORE = "bottega-open-facets";

const open = new Set(readOpen());
const boxes = new Map();
/** Columns whose whole list of words was asked for. */
const unfolded = new Set();
let asked = null;

function readOpen() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? OPEN_AT_FIRST;
  } catch {
    return OPEN_AT_FIRST;
  }
}

function keepOpen() {
  try {
    localStorage.setItem(STORE, JSON.stringify([...open]));
  } catch { /* Without a store the choice lasts until the page is closed. */ }
}

/** Builds the sidebar. */
export function buildFacets() {
  const groups = new Map();
  for (const column of schema.columns) {
    if (!column.known || (column.use !== "category" && column.use !== "number")) continue;
    if (!groups.has(column.group)) groups.set(column.group, []);
    groups.get(column.group).push(column);
  }
  const parts = [];
  for (const [group, columns] of groups) {
    const facets = columns.map(facet);
    const isOpen = GROUPS_OPEN.includes(group) || columns.some((c) => state.filters.has(c.name));
    parts.push(el("details", { class: "group", open: isOpen, ontoggle: ask },
      el("summary", {}, group), facets));
  }
  const unknown = schema.columns.filter((c) => !c.known).length;
  const note = unknown && schema.rows
    ? el("p", { class: "faint" }, `${unknown} further columns are empty in this dataset.`) : null;
  byId("facets").replaceChildren(...parts, ...(note ? [note] : []));
}

function facet(column) {
  const body = el("div", { class: "facet-body" });
  const head = el("summary", { title: plain(column.desc) }, title(column),
    column.unit ? el("span", { class: "faint" }, ` ${column.unit}`) : null);
  const box = el("details", { class: "facet", data: { column: column.name } }, head, body);
  box.open = open.has(column.name) || state.filters.has(column.name);
  box.addEventListener("toggle", () => {
    if (box.open) open.add(column.name);
    else open.delete(column.name);
    keepOpen();
    if (box.open) ask();
  });
  boxes.set(column.name, { box, body, column, head });
  return box;
}

/** Names of the columns whose counts are to be seen. */
export function visibleFacets() {
  const isShown = ({ box }) => box.open && box.parentElement?.open;
  return [...boxes.values()].filter(isShown).map(({ column }) => column.name);
}

/** Asks for the counts that are to be seen. */
export const ask = later(20, async () => {
  const facets = visibleFacets();
  if (facets.length === 0) return;
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await query(state, { facets, limit: 0 }, asked.signal);
    showFacets(answer.facets);
  } catch (error) {
    if (error.name !== "AbortError") byId("facets").prepend(el("p", { class: "error" }, error.message));
  }
});

/** Shows counts that have arrived. */
export function showFacets(facets) {
  for (const [name, found] of Object.entries(facets)) {
    const entry = boxes.get(name);
    if (!entry) continue;
    entry.head.classList.toggle("in-use", state.filters.has(name));
    if (found.is === "words") showWords(entry, found);
    else showNumbers(entry, found);
  }
}

function showWords({ body, column }, found) {
  const filter = state.filters.get(column.name) ?? {};
  const chosen = new Set(filter.any ?? []);
  let entries = found.words;
  const hidden = entries.length - WORDS_AT_FIRST;
  const isFolded = hidden > 2 && !unfolded.has(column.name);
  if (isFolded) {
    const ranked = [...entries].sort((a, b) => chosen.has(b[0]) - chosen.has(a[0]) || b[1] - a[1]);
    const kept = new Set(ranked.slice(0, WORDS_AT_FIRST).map(([word]) => word));
    entries = entries.filter(([word]) => kept.has(word));
  }
  // Words of an address that the dataset does not have must not vanish: they explain an empty page.
  const strangers = [...chosen].filter((word) => !found.words.some(([known]) => known === word));
  entries = [...entries, ...strangers.map((word) => [word, 0])];
  const largest = Math.max(1, ...found.words.map(([, n]) => n), found.unknown);
  const set = (word, isOn) => {
    const any = new Set(chosen);
    if (isOn) any.add(word);
    else any.delete(word);
    change(withFilter(state, column.name, { ...filter, any: [...any] }));
  };
  const focused = body.contains(document.activeElement) ? document.activeElement.dataset.word : null;
  const lines = entries.map(([word, n]) =>
    line(word, n, largest, chosen.has(word), (isOn) => set(word, isOn)));
  if (found.unknown || filter.unknown) {
    const setUnknown = (isOn) => change(withFilter(state, column.name, { ...filter, unknown: isOn }));
    lines.push(line("not known", found.unknown, largest, Boolean(filter.unknown), setUnknown, "unknown"));
  }
  const list = el("ul", { class: "words", "aria-label": title(column) }, lines);
  const more = hidden > 2 ? el("button", {
    type: "button", class: "plain",
    onclick: () => {
      if (!unfolded.delete(column.name)) unfolded.add(column.name);
      showWords({ body, column }, found);
    },
  }, isFolded ? `${count(hidden)} more` : "fewer") : null;
  const rest = found.more ? el("p", { class: "faint" }, `and ${count(found.more)} rarer words`) : null;
  body.replaceChildren(...[list, more, rest].filter(Boolean));
  if (focused) [...body.querySelectorAll("input")].find((input) => input.dataset.word === focused)?.focus();
}

function line(word, n, largest, isOn, set, key = word) {
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  bar.style.width = `${(100 * n) / largest}%`;
  const box = el("input", { type: "checkbox", checked: isOn, data: { word: key }, onchange: (event) => set(event.target.checked) });
  return el("li", { class: n || isOn ? "" : "none" }, el("label", {}, box,
    el("span", { class: key === "unknown" ? "word faint" : "word" }, words(word)), bar, el("span", { class: "n" }, count(n))));
}

const WIDTH = 220;
const HEIGHT = 48;

function showNumbers({ body, column }, found) {
  if (found.range === null) {
    body.replaceChildren(el("p", { class: "faint" }, "No sample knows it."));
    return;
  }
  const filter = state.filters.get(column.name) ?? {};
  if (body.contains(document.activeElement) && document.activeElement.type === "number"
    && body.querySelector("svg")) {
    // The reader is typing: only the drawing changes.
    body.querySelector("svg").replaceWith(histogram(column, found, filter));
    return;
  }
  const set = (part) => change(withFilter(state, column.name, { ...filter, ...part }));
  const input = (name, key, fallback) => el("input", {
    type: "number", step: "any", "aria-label": `${title(column)} ${name}`, placeholder: short(fallback),
    value: filter[key] ?? "",
    onchange: (event) => {
      const text = event.target.value;
      set({ [key]: text === "" ? null : Number(text) });
    },
  });
  const inputs = el("div", { class: "bounds" }, input("from", "from", found.range[0]), " to ", input("to", "to", found.range[1]));
  const parts = [histogram(column, found, filter), inputs];
  if (found.unknown || filter.unknown) {
    const setUnknown = (isOn) => set({ unknown: isOn });
    parts.push(el("ul", { class: "words" },
      line("not known", found.unknown, Math.max(1, found.unknown), Boolean(filter.unknown), setUnknown, "unknown")));
  }
  body.replaceChildren(...parts);
}

function histogram(column, found, filter) {
  const n = found.bars.length;
  const largest = Math.max(1, ...found.bars);
  const step = WIDTH / n;
  const at = (value) => ((value - found.from) / (found.to - found.from)) * WIDTH;
  const drawing = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "histogram", role: "img",
    "aria-label": `Histogram of ${title(column)}, ${short(found.from)} to ${short(found.to)} ${column.unit}; drag to choose a range`,
  });
  found.bars.forEach((value, i) => {
    const height = value ? Math.max(1.5, (value / largest) * (HEIGHT - 2)) : 0;
    const low = found.from + (i * (found.to - found.from)) / n;
    const high = found.from + ((i + 1) * (found.to - found.from)) / n;
    const title = svg("title");
    title.textContent = `${short(low)} to ${short(high)}: ${count(value)}`;
    const isIn = (filter.from ?? -Infinity) <= high && low <= (filter.to ?? Infinity);
    drawing.append(svg("rect", {
      x: i * step + 0.5, y: HEIGHT - height, width: Math.max(0.5, step - 1), height,
      class: isIn ? "bar" : "bar out",
    }, title));
  });
  const band = svg("rect", { y: 0, height: HEIGHT, class: "band" });
  const showBand = (a, b) => {
    band.setAttribute("x", Math.max(0, Math.min(a, b)));
    band.setAttribute("width", Math.max(0, Math.min(WIDTH, Math.max(a, b)) - Math.max(0, Math.min(a, b))));
  };
  if (filter.from != null || filter.to != null) {
    showBand(filter.from == null ? 0 : at(filter.from), filter.to == null ? WIDTH : at(filter.to));
  }
  drawing.append(band);
  let start = null;
  const place = (event) => {
    const box = drawing.getBoundingClientRect();
    return Math.min(WIDTH, Math.max(0, ((event.clientX - box.left) / box.width) * WIDTH));
  };
  drawing.addEventListener("pointerdown", (event) => {
    start = place(event);
    drawing.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  drawing.addEventListener("pointermove", (event) => {
    if (start !== null) showBand(start, place(event));
  });
  drawing.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const ends = [start, place(event)].sort((a, b) => a - b);
    start = null;
    // A click takes the bar under it; edges of bars keep the numbers short.
    const first = Math.min(n - 1, Math.floor(ends[0] / step));
    const last = Math.max(first, Math.ceil(ends[1] / step) - 1);
    const width = (found.to - found.from) / n;
    const round = (value) => Number(value.toPrecision(6));
    change(withFilter(state, column.name, {
      ...filter,
      // The outer bars are open, so that rounding never loses the smallest and the largest.
      from: first === 0 ? null : round(found.from + first * width),
      to: last === n - 1 ? null : round(found.from + (last + 1) * width),
    }));
  });
  return drawing;
}
