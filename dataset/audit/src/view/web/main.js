// Starts the page and hands every change of the state to its parts.

import { loadSchema, query, schema } from "./api.js";
import { showChips } from "./chips.js";
import { byId, el, isTyping, later, title } from "./dom.js";
import { ask, buildFacets, showFacets, visibleFacets } from "./facets.js";
import { countWords, gridKey, relayout, setSamples, shownColumns, startGrid } from "./grid.js";
import { toggleHelp } from "./help.js";
import { sampleKey, showSample } from "./sample.js";
import { change, onChange, queryFilters, start, state } from "./state.js";

let asked = null;

/** Asks for the samples and counts of the state. */
async function refresh({ keepPlace = false } = {}) {
  asked?.abort();
  asked = new AbortController();
  byId("grid-page").classList.add("asking");
  try {
    const answer = await query(state, { facets: visibleFacets(), limit: 200, show: shownColumns() }, asked.signal);
    byId("count").textContent = countWords(answer);
    showFacets(answer.facets);
    setSamples(answer, { keepPlace });
    byId("grid-page").classList.remove("asking");
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("grid-page").classList.remove("asking");
    byId("count").textContent = `This cannot be shown: ${error.message}`;
    setSamples({ matched: 0, total: 0, samples: [] }, { keepPlace });
  }
}

function showControls() {
  byId("sort").value = state.sort;
  if (byId("sort").value !== state.sort) byId("sort").value = "";
  byId("direction").textContent = state.descending ? "↓" : "↑";
  byId("direction").setAttribute("aria-pressed", String(state.descending));
  byId("size").value = state.size;
  byId("tile").value = state.tile;
  if (document.activeElement !== byId("search")) byId("search").value = state.search;
}

function showPage() {
  const isSample = Boolean(state.sample);
  byId("grid-page").hidden = isSample;
  byId("sample-page").hidden = !isSample;
  document.body.classList.toggle("with-sample", isSample);
  document.title = `${isSample ? state.sample : schema?.name ?? "dataset"} · bottega view`;
}

function buildControls() {
  const groups = new Map();
  for (const column of schema.columns) {
    if (!column.known || column.use === "list") continue;
    if (!groups.has(column.group)) groups.set(column.group, []);
    groups.get(column.group).push(el("option", { value: column.name }, title(column)));
  }
  byId("sort").replaceChildren(el("option", { value: "" }, "as stored"),
    ...[...groups].map(([group, options]) => el("optgroup", { label: group }, options)));
  byId("sort").addEventListener("change", (event) => change({ sort: event.target.value }));
  byId("direction").addEventListener("click", () => change({ descending: !state.descending }));
  byId("size").addEventListener("change", (event) => change({ size: event.target.value }));
  byId("tile").addEventListener("change", (event) => change({ tile: event.target.value }));
  const search = later(150, (text) => change({ search: text, sample: "" }));
  byId("search").addEventListener("input", (event) => search(event.target.value));
  byId("toggle-facets").addEventListener("click", () => {
    const isOpen = document.body.classList.toggle("with-facets");
    byId("toggle-facets").setAttribute("aria-expanded", String(isOpen));
  });
  byId("help-button").addEventListener("click", toggleHelp);
  byId("home").addEventListener("click", (event) => {
    event.preventDefault();
    change({ sample: "", search: "", filters: new Map(), sort: "", descending: false });
  });
}

const THEMES = ["system", "light", "dark"];

function buildTheme() {
  const stored = () => {
    try {
      return localStorage.getItem("bottega-theme") ?? "system";
    } catch {
      return "system";
    }
  };
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    byId("theme").textContent = `Theme: ${theme}`;
  };
  let theme = THEMES.includes(stored()) ? stored() : "system";
  apply(theme);
  byId("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    apply(theme);
    try {
      localStorage.setItem("bottega-theme", theme);
    } catch { /* Then it lasts until the page is closed. */ }
  });
}

function showNotices() {
  const broken = schema.shards.filter((shard) => shard.broken);
  if (broken.length === 0) return;
  const lines = broken.map((shard) => el("li", {}, el("code", {}, shard.name), ` ${shard.broken}`));
  const many = schema.shards.length;
  byId("notices").replaceChildren(el("details", { class: "notice" },
    el("summary", {}, `${broken.length} of ${many} ${many === 1 ? "shard" : "shards"} cannot be shown`), el("ul", {}, lines)));
}

function startKeys() {
  // Who chose with the mouse wants the keys of the page back, not those of the list.
  addEventListener("change", ({ target }) => {
    if (target.tagName === "SELECT" && !target.matches(":focus-visible")) target.blur();
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      if (!state.sample) byId("scroller").focus();
      return;
    }
    if (isTyping(event.target)) {
      if (event.key === "Enter" && event.target === byId("search")) byId("scroller").focus();
      return;
    }
    if (event.key === "?") toggleHelp();
    else if (event.key === "/") byId("search").focus();
    else if (!(state.sample ? sampleKey(event) : gridKey(event))) return;
    event.preventDefault();
  });
}

async function main() {
  start();
  buildTheme();
  showPage();
  startKeys();
  startGrid();
  try {
    await loadSchema();
  } catch (error) {
    byId("count").textContent = `The dataset cannot be shown: ${error.message}`;
    return;
  }
  byId("home").textContent = schema.name;
  byId("home").title = `${schema.root} · bottega ${schema.version}`;
  buildControls();
  buildFacets();
  showNotices();
  const showAll = () => {
    showControls();
    showChips();
    showPage();
  };
  onChange((now, before) => {
    showAll();
    const isOtherQuery = JSON.stringify([queryFilters(now), now.sort, now.descending])
      !== JSON.stringify([queryFilters(before), before.sort, before.descending]);
    if (isOtherQuery) refresh();
    else if (now.size !== before.size || now.tile !== before.tile) refresh({ keepPlace: true });
    if (before.sample && !now.sample) {
      relayout();
      byId("scroller").focus({ preventScroll: true });
    }
    showSample(now, before);
  });
  showAll();
  await refresh();
  if (!state.sample) byId("scroller").focus({ preventScroll: true });
  ask();
  showSample(state, null);
}

main();
