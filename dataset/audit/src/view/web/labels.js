// The labels of a sample as a table, its scene document, and the commands about it.

import { schema } from "./api.js";
import { el, plain, short, title, words } from "./dom.js";
import { change, emptyState, withFilter } from "./state.js";

/** The table of labels, with a box that narrows it. */
export function labelTable(sample) {
  const search = el("input", { type: "search", placeholder: "Narrow the labels", "aria-label": "Narrow the labels" });
  const groups = new Map();
  let unknown = 0;
  sample.labels.forEach((label, i) => {
    const column = schema.columns[i];
    if (label.value === null) {
      unknown += 1;
      return;
    }
    if (!groups.has(column.group)) groups.set(column.group, []);
    groups.get(column.group).push(labelRow(column, label.value));
  });
  const bodies = [...groups].map(([group, rows]) =>
    el("tbody", {}, el("tr", { class: "group-row" }, el("th", { colSpan: 2, scope: "rowgroup" }, group)), rows));
  const table = el("table", { class: "labels" }, bodies);
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    for (const row of table.querySelectorAll("tr[data-text]")) row.hidden = !row.dataset.text.includes(wanted);
  });
  return el("div", {}, search, table,
    unknown ? el("p", { class: "faint" }, `${unknown} labels are not known of this sample.`) : null);
}

function labelRow(column, value) {
  const shown = shownValue(value);
  const filter = filterOf(column, value);
  const text = filter
    ? el("button", {
      type: "button", class: "plain value", title: `All samples with ${words(column.name)} ${shown}`,
      onclick: () => change({ ...withFilter(emptyState(), column.name, filter), sample: "" }),
    }, shown)
    : el("span", { class: "value" }, shown);
  return el("tr", { data: { text: `${words(column.name)} ${column.name} ${shown}`.toLowerCase() } },
    el("th", { scope: "row" }, title(column),
      column.sensitive ? el("abbr", { title: "A sensitive attribute of the person", class: "mark" }, "S") : null,
      el("small", {}, plain(column.desc))),
    el("td", {}, text, column.unit ? el("span", { class: "faint" }, ` ${column.unit}`) : null));
}

function shownValue(value) {
  if (typeof value === "number") return short(value, 7);
  if (Array.isArray(value)) {
    if (value.length === 0) return "none";
    if (typeof value[0] === "string") return value.join(", ");
    if (value.length === 16) {
      return [0, 4, 8, 12].map((i) => value.slice(i, i + 4).map((v) => short(v, 4)).join("  ")).join("\n");
    }
    return `${value.length} numbers, ${short(Math.min(...value), 3)} to ${short(Math.max(...value), 3)}`;
  }
  return String(value);
}

/** The filter that finds samples with the same value; numbers of many digits are shared by none. */
function filterOf(column, value) {
  if (column.use === "category") return { any: (Array.isArray(value) ? value : [value]).map(String) };
  if (column.use === "number" && Number.isInteger(value)) return { from: value, to: value };
  if (column.use === "text" && column.name !== "sample_id") return { text: value };
  return null;
}

/** The commands and the scene document. */
export function scenePanel(sample) {
  const parts = [];
  if (sample.commands.again) {
    parts.push(el("h3", {}, "Make it again"), command(sample.commands.again),
      el("p", { class: "faint" }, "Renders the sample from its numbers alone, for a POSIX shell; the same version of bottega gives the same bytes."));
  } else {
    parts.push(el("p", {}, "This sample has no scene document, as those of others’ datasets: it cannot be made again."));
  }
  parts.push(el("h3", {}, "Look at it in a terminal"), command(sample.commands.inspect));
  const hashes = Object.entries(sample.hashes);
  if (hashes.length) {
    parts.push(el("details", {}, el("summary", {}, "Stored hashes"),
      el("dl", { class: "hashes" }, hashes.flatMap(([name, hash]) => [el("dt", {}, name), el("dd", {}, el("code", {}, hash))]))));
  }
  if (sample.scene) {
    parts.push(el("h3", {}, "Scene document"),
      el("div", { class: "command" }, copyButton(sample.scene, "Copy the document")),
      el("pre", { class: "scene", tabIndex: 0 }, sample.scene));
  }
  return el("div", { class: "scene-panel" }, parts);
}

function command(text) {
  return el("div", { class: "command" }, el("code", { tabIndex: 0 }, text), copyButton(text, "Copy"));
}

function copyButton(text, name) {
  const button = el("button", { type: "button" }, name);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy it yourself";
    }
    setTimeout(() => { button.textContent = name; }, 1500);
  });
  return button;
}
