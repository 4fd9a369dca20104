// The grid of all samples: only the rows that are to be seen are in the document.
//
// Browsers limit the height of an element to some 17 to 33 million pixels. Beyond `HEIGHT_MAX`
// the scroll bar stands for a longer way: it is scaled, while wheel and keys move by true pixels.

import { planeUrl, previewUrl, query } from "./api.js";
import { byId, count, el, later, short, words } from "./dom.js";
import { change, state, write } from "./state.js";

const HEIGHT_MAX = 8_000_000;
const PAGE = 200;
const PAGES_KEPT = 40;
const WIDTHS = { s: 96, m: 150, l: 288 };
const ASPECT = 4 / 3;
const CAPTION = 18;
const CAPTION_WITH_VALUE = 34;
const GAP = 8;
const TILES = ["image", "alpha", "depth", "normal"];

const scroller = () => byId("scroller");

let matched = 0;
/** Pages by their number: an array of samples, or null while they are on their way. */
let pages = new Map();
let generation = 0;
/** Cells in the document, by the place of their sample. */
const cells = new Map();
let spare = [];
let layout = { columns: 1, width: 150, height: 200, rows: 0 };
/** Pixels above the window, in a grid of true height. */
let top = 0;
/** Place of the sample that keys move. */
export let active = 0;
let isSettingScroll = false;

/** Starts the grid. */
export function startGrid() {
  const node = scroller();
  node.addEventListener("scroll", () => {
    if (isSettingScroll) {
      isSettingScroll = false;
      return;
    }
    top = isScaled() ? node.scrollTop * scale() : node.scrollTop;
    render();
  }, { passive: true });
  node.addEventListener("wheel", (event) => {
    if (!isScaled() || event.ctrlKey) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? node.clientHeight : 1;
    scrollTo(top + event.deltaY * unit);
  }, { passive: false });
  node.addEventListener("focus", () => node.classList.add("by-keys"));
  node.addEventListener("pointerdown", () => node.classList.remove("by-keys"));
  new ResizeObserver(relayout).observe(node);
}

/** Takes a new answer: the number of samples and the first of them. */
export function setSamples(answer, { keepPlace }) {
  generation += 1;
  matched = answer.matched;
  pages = new Map();
  if (answer.samples.length) pages.set(0, answer.samples);
  for (const cell of cells.values()) retire(cell);
  cells.clear();
  if (!keepPlace) {
    active = 0;
    top = 0;
  }
  active = Math.max(0, Math.min(active, matched - 1));
  relayout();
}

/** Lays the grid out anew, the same sample at the top. */
export function relayout() {
  const node = scroller();
  if (node.clientWidth === 0) return;
  const first = Math.floor(top / layout.height) * layout.columns;
  const within = top % layout.height;
  const wanted = WIDTHS[state.size] ?? WIDTHS.m;
  const inner = node.clientWidth - GAP;
  const columns = Math.max(1, Math.floor(inner / (wanted + GAP)));
  const width = Math.floor(inner / columns) - GAP;
  const caption = showsValue() ? CAPTION_WITH_VALUE : CAPTION;
  const height = Math.round(width * ASPECT) + caption + GAP;
  const isSame = columns === layout.columns && width === layout.width && height === layout.height;
  layout = { columns, width, height, rows: Math.ceil(matched / columns) };
  byId("canvas").style.height = `${Math.min(HEIGHT_MAX, trueHeight())}px`;
  if (!isSame) {
    for (const cell of cells.values()) retire(cell);
    cells.clear();
  }
  scrollTo(isSame ? top : Math.floor(first / columns) * height + Math.min(within, height));
}

/** Whether the value that samples are ordered by stands below each. */
const showsValue = () => Boolean(state.sort) && state.sort !== "sample_id";

const trueHeight = () => layout.rows * layout.height + GAP;
const isScaled = () => trueHeight() > HEIGHT_MAX;
const way = () => Math.max(0, trueHeight() - scroller().clientHeight);
const scale = () => way() / Math.max(1, HEIGHT_MAX - scroller().clientHeight);

function scrollTo(pixels) {
  const node = scroller();
  top = Math.min(way(), Math.max(0, pixels));
  const wanted = isScaled() ? top / scale() : top;
  if (Math.abs(node.scrollTop - wanted) >= 0.5) {
    isSettingScroll = true;
    node.scrollTop = wanted;
  }
  render();
}

function render() {
  const node = scroller();
  const overscan = 2 * layout.height;
  const from = Math.max(0, Math.floor((top - overscan) / layout.height)) * layout.columns;
  const until = Math.min(matched, Math.ceil((top + node.clientHeight + overscan) / layout.height) * layout.columns);
  for (const [place, cell] of cells) {
    if (place < from || place >= until) {
      retire(cell);
      cells.delete(place);
    }
  }
  // Where the scroll bar is scaled, cells stand relative to the window, not to the whole.
  const shift = isScaled() ? top - node.scrollTop : 0;
  for (let place = from; place < until; place += 1) {
    let cell = cells.get(place);
    if (!cell) {
      cell = spare.pop() ?? makeCell();
      cells.set(place, cell);
      byId("canvas").append(cell);
      fill(cell, place);
    }
    const row = Math.floor(place / layout.columns);
    const x = GAP + (place % layout.columns) * (layout.width + GAP);
    cell.style.transform = `translate(${x}px, ${GAP + row * layout.height - shift}px)`;
  }
  markActive();
  fetchPages(from, until);
}

function makeCell() {
  const picture = el("img", { alt: "", decoding: "async", draggable: false });
  const tile = el("span", { class: "tile" }, picture);
  const name = el("span", { class: "name" });
  const value = el("span", { class: "value" });
  const cell = el("a", { class: "cell", role: "option", tabIndex: -1 }, tile, el("span", { class: "caption" }, name, value));
  Object.assign(cell, { picture, tile, nameNode: name, valueNode: value });
  picture.addEventListener("error", () => {
    if (picture.getAttribute("src")) tile.classList.add("broken");
  });
  picture.addEventListener("load", () => tile.classList.add("loaded"));
  cell.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(cell.place);
  });
  return cell;
}

function retire(cell) {
  // A picture that is still on its way is given up.
  cell.picture.removeAttribute("src");
  cell.remove();
  if (spare.length < 200) spare.push(cell);
}

function sampleAt(place) {
  return pages.get(Math.floor(place / PAGE))?.[place % PAGE];
}

function fill(cell, place) {
  const { width } = layout;
  const height = Math.round(width * ASPECT);
  const sample = sampleAt(place);
  cell.place = place;
  cell.style.width = `${width}px`;
  cell.setAttribute("aria-posinset", place + 1);
  cell.setAttribute("aria-setsize", matched);
  cell.tile.style.width = `${width}px`;
  cell.tile.style.height = `${height}px`;
  cell.tile.classList.remove("broken", "loaded");
  cell.classList.toggle("waiting", !sample);
  if (!sample) {
    cell.removeAttribute("href");
    cell.nameNode.textContent = "…";
    cell.valueNode.textContent = "";
    cell.picture.removeAttribute("src");
    return;
  }
  cell.href = write({ ...state, sample: sample.id });
  const shown = showsValue() ? sample.show[0] : null;
  const text = typeof shown === "number" ? short(shown) : shown == null ? "" : words(String(shown));
  cell.nameNode.textContent = sample.id;
  cell.nameNode.title = sample.id;
  cell.valueNode.textContent = showsValue() ? text || "not known" : "";
  cell.setAttribute("aria-label", `${sample.id} ${cell.valueNode.textContent}`.trim());
  // The whole picture fits into the tile, whatever its shape.
  const [w, h] = sample.size[0] > 0 ? sample.size : [3, 4];
  const fit = Math.min(width / w, height / h);
  const [shownWidth, shownHeight] = [w * fit, h * fit];
  const picture = cell.picture;
  const tileIdx = Math.max(0, TILES.indexOf(state.tile));
  if (state.size === "l") {
    picture.style.width = `${shownWidth}px`;
    picture.style.left = `${(width - shownWidth) / 2}px`;
    picture.style.clipPath = "none";
  } else {
    // A preview holds four tiles side by side; three of them are cut off, and a pixel at both
    // sides with them, where enlarging would mix in the neighbours.
    const tileWidth = Math.max(4, Math.ceil(w / 4));
    const enlarged = (shownWidth * tileWidth) / (tileWidth - 2);
    const edge = 25 / tileWidth;
    picture.style.width = `${4 * enlarged}px`;
    picture.style.left = `${(width - shownWidth) / 2 - (tileIdx + 1 / tileWidth) * enlarged}px`;
    picture.style.clipPath = `inset(0 ${25 * (3 - tileIdx) + edge}% 0 ${25 * tileIdx + edge}%)`;
  }
  picture.style.height = `${shownHeight}px`;
  picture.style.top = `${(height - shownHeight) / 2}px`;
  picture.src = state.size === "l" ? planeUrl(sample.row, TILES[tileIdx]) : previewUrl(sample.row);
  picture.alt = `${TILES[tileIdx]} of ${sample.id}`;
}

/** Columns whose values are wanted with each sample. */
export const shownColumns = () => (state.sort ? [state.sort] : []);

/** Asks for the pages of samples that are to be seen, once scrolling calms down. */
const fetchPages = later(40, async (from, until) => {
  const asked = generation;
  const missing = [];
  for (let page = Math.floor(from / PAGE); page * PAGE < until; page += 1) {
    if (!pages.has(page)) missing.push(page);
  }
  await Promise.all(missing.map(async (page) => {
    pages.set(page, null);
    try {
      const answer = await query(state, { offset: page * PAGE, limit: PAGE, show: shownColumns() });
      if (asked !== generation) return;
      pages.set(page, answer.samples);
    } catch {
      if (asked === generation) pages.delete(page);
      return;
    }
    for (const [place, cell] of cells) if (Math.floor(place / PAGE) === page) fill(cell, place);
  }));
  if (asked !== generation) return;
  for (const page of [...pages.keys()]) {
    if (pages.size <= PAGES_KEPT) break;
    if ((page + 1) * PAGE < from || page * PAGE > until) pages.delete(page);
  }
});

function markActive() {
  for (const [place, cell] of cells) {
    const isActive = place === active;
    cell.classList.toggle("active", isActive);
    cell.setAttribute("aria-selected", String(isActive));
    if (isActive) {
      cell.id = "active-cell";
      scroller().setAttribute("aria-activedescendant", "active-cell");
    } else cell.removeAttribute("id");
  }
}

function moveTo(place) {
  if (matched === 0) return;
  active = Math.max(0, Math.min(matched - 1, place));
  const y = Math.floor(active / layout.columns) * layout.height;
  const window = scroller().clientHeight;
  if (y < top) scrollTo(y);
  else if (y + layout.height + GAP > top + window) scrollTo(y + layout.height + GAP - window);
  else render();
}

function open(place) {
  const sample = sampleAt(place);
  if (!sample) return;
  active = place;
  change({ sample: sample.id });
}

/** Puts the cursor on a place, when the reader comes back from its sample. */
export function setActive(place) {
  active = place;
  moveTo(place);
}

/** Handles a key; true if it was one of the grid's. */
export function gridKey(event) {
  const page = Math.max(1, Math.floor(scroller().clientHeight / layout.height)) * layout.columns;
  const steps = {
    ArrowRight: 1, ArrowLeft: -1, ArrowDown: layout.columns, ArrowUp: -layout.columns,
    j: 1, k: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity,
  };
  if (event.key === "Enter") {
    // A focused link or button opens itself.
    if (document.activeElement !== scroller() && document.activeElement !== document.body) return false;
    open(active);
    return true;
  }
  if (!(event.key in steps)) return false;
  scroller().classList.add("by-keys");
  moveTo(active + steps[event.key]);
  return true;
}

/** How many samples there are, in words. */
export function countWords(answer) {
  if (answer.total === 0) return "This dataset has no samples yet.";
  if (answer.matched === answer.total) return `${count(answer.total)} ${answer.total === 1 ? "sample" : "samples"}`;
  if (answer.matched === 0) return `None of ${count(answer.total)} samples passes these filters.`;
  return `${count(answer.matched)} of ${count(answer.total)} samples`;
}
