// The help: what there is to see, and the keys.

import { byId, el } from "./dom.js";

const KEYS = [
  ["In the grid", [
    ["← → ↑ ↓", "move; also j and k"],
    ["Page, Home, End", "move far"],
    ["Enter", "open the sample"],
    ["/", "search names"],
  ]],
  ["At a sample", [
    ["← → or j k", "the sample before, the next"],
    ["1 2 3 4", "planes, comparison, point cloud, scene"],
    ["+ − 0", "zoom in, out, whole"],
    ["c", "compare with another"],
    ["Esc", "back to the grid"],
  ]],
  ["On a plane", [
    ["wheel, pinch", "zoom"],
    ["drag", "move"],
    ["double click", "whole"],
    ["arrows, once it has the focus", "move the cursor by a pixel"],
  ]],
];

/** Opens or closes the help. */
export function toggleHelp() {
  const dialog = byId("help");
  if (dialog.open) {
    dialog.close();
    return;
  }
  if (!dialog.firstChild) {
    const lists = KEYS.map(([title, keys]) => el("section", {}, el("h3", {}, title),
      el("dl", {}, keys.flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)]))));
    dialog.append(
      el("h2", { id: "help-title" }, "Help"),
      el("p", {}, "Everything you see is in the address: send it, keep it, go back. Counts beside a "
        + "filter are those that would remain without that filter. Metres, degrees and pixels are "
        + "those of the dataset; “no surface” is where no ray met the person."),
      el("div", { class: "keys" }, lists),
      el("button", { type: "button", onclick: () => dialog.close() }, "Close"));
  }
  dialog.showModal();
}
