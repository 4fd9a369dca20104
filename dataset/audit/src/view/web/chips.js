// The filters in use, each with a button that takes it away.

import { schema } from "./api.js";
import { byId, el, short, title, words } from "./dom.js";
import { change, state, withFilter } from "./state.js";

/** Shows the filters of the state. */
export function showChips() {
  const chips = [];
  if (state.search) chips.push(chip("name", `“${state.search}”`, () => change({ search: "" })));
  for (const [column, filter] of state.filters) {
    const known = schema.columns.find(({ name }) => name === column);
    const name = known ? title(known) : words(column);
    chips.push(chip(name, told(filter), () => change(withFilter(state, column, null))));
  }
  if (chips.length > 1) {
    const clear = () => change({ search: "", filters: new Map() });
    chips.push(el("li", {}, el("button", { type: "button", class: "plain", onclick: clear }, "Clear all")));
  }
  byId("chips").replaceChildren(...chips);
}

function chip(name, value, remove) {
  return el("li", { class: "chip" }, el("span", {}, `${name} `, el("b", {}, value)),
    el("button", { type: "button", "aria-label": `Remove the filter on ${name}`, onclick: remove }, "×"));
}

/** A filter in words. */
export function told(filter) {
  const parts = [];
  if (filter.any?.length > 3) parts.push(`${filter.any.slice(0, 2).join(", ")} or ${filter.any.length - 2} more`);
  else if (filter.any?.length) parts.push(filter.any.join(" or "));
  if (filter.from != null && filter.to != null) {
    parts.push(filter.from === filter.to ? short(filter.from, 6) : `${short(filter.from, 6)} to ${short(filter.to, 6)}`);
  } else if (filter.from != null) parts.push(`from ${short(filter.from, 6)}`);
  else if (filter.to != null) parts.push(`up to ${short(filter.to, 6)}`);
  if (filter.text) parts.push(`holds “${filter.text}”`);
  if (filter.unknown) parts.push("not known");
  return parts.join(" or ");
}
