// The page of one sample: planes, comparison, point cloud, scene, and its labels beside them.

import { planeNumbers, query, sampleById, schema } from "./api.js";
import { Cloud } from "./cloud.js";
import { Comparison } from "./compare.js";
import { byId, count, el, isTyping, later, short } from "./dom.js";
import { setActive } from "./grid.js";
import { labelTable, scenePanel } from "./labels.js";
import { PaneGroup } from "./panes.js";
import { planeTitle, rampColor, storedPlane, usualRange } from "./plane.js";
import { POINT_LISTS, pointLayer } from "./points.js";
import { change, parseRange, state } from "./state.js";

const TABS = [["planes", "Planes"], ["compare", "Compare"], ["cloud", "Point cloud"], ["scene", "Scene"]];
const AT_FIRST = ["image", "alpha", "depth", "normal"];

let page = null;
let sample = null;
/** Names of the samples before and after, once they are known. */
let near = null;
/** A step that was asked for before they were known. */
let pending = 0;
let asked = 0;

/** Shows the sample of the state, if it names one. */
export async function showSample(now, before) {
  if (!now.sample) {
    pending = 0;
    if (before?.sample && near?.position != null) setActive(near.position);
    return;
  }
  page ??= build();
  const isOther = sample?.id !== now.sample;
  const mine = (asked += 1);
  if (isOther) {
    near = null;
    page.title.textContent = now.sample;
    try {
      const found = await sampleById(now.sample);
      if (mine !== asked) return;
      sample = found;
      page.node.classList.remove("failed");
    } catch (error) {
      if (mine !== asked) return;
      sample = null;
      page.node.classList.add("failed");
      page.place.textContent = error.message;
      return;
    }
    page.labels.replaceChildren(labelTable(sample));
    page.panels.scene.replaceChildren(scenePanel(sample));
  }
  if (!sample) return;
  const isOtherQuery = !before || before.sort !== now.sort || before.descending !== now.descending
    || before.filters !== now.filters || before.search !== now.search;
  if (isOther || isOtherQuery) findNeighbors();
  for (const [name] of TABS) {
    const isOn = name === now.tab;
    page.tabs[name].setAttribute("aria-selected", String(isOn));
    page.tabs[name].tabIndex = isOn ? 0 : -1;
    page.panels[name].hidden = !isOn;
  }
  if (now.tab === "planes") await showPlanes(isOther || before?.planes !== now.planes);
  else if (now.tab === "compare") await page.comparison.show(sample);
  else if (now.tab === "cloud") await page.cloud.show(sample);
}

async function findNeighbors() {
  const row = sample.row;
  near = null;
  page.before.disabled = page.after.disabled = true;
  page.place.textContent = `${sample.shard}, row ${sample.row_in_shard}`;
  try {
    const found = await query(state, { locate: row, limit: 0 });
    if (sample?.row !== row) return;
    if (found.position == null) {
      pending = 0;
      page.place.textContent += " · not among the filtered samples";
      return;
    }
    const first = Math.max(0, found.position - 1);
    const around = await query(state, { offset: first, limit: 3 });
    if (sample?.row !== row) return;
    const at = found.position - first;
    near = { position: found.position, before: around.samples[at - 1]?.id, after: around.samples[at + 1]?.id };
    page.before.disabled = !near.before;
    page.after.disabled = !near.after;
    if (pending) step(pending);
    page.place.textContent = `${count(found.position + 1)} of ${count(found.matched)} · ${sample.shard}, row ${sample.row_in_shard}`;
  } catch { /* The sample itself is shown; only its neighbours are not known. */ }
}

/** Goes to the sample before or after, at once or when it is known which that is. */
function step(by) {
  pending = near ? 0 : by;
  const id = by < 0 ? near?.before : near?.after;
  if (id) change({ sample: id });
}

function build() {
  const button = (text, title, onclick) => el("button", { type: "button", title, onclick }, text);
  const parts = { node: byId("sample-page"), tabs: {}, panels: {} };
  parts.title = el("h2", {});
  parts.place = el("p", { class: "faint", role: "status" });
  parts.before = button("‹", "The sample before (← or k)", () => step(-1));
  parts.after = button("›", "The next sample (→ or j)", () => step(1));
  parts.before.setAttribute("aria-label", "The sample before");
  parts.after.setAttribute("aria-label", "The next sample");
  parts.labels = el("aside", { class: "label-side", "aria-label": "Labels" });
  for (const [name, title] of TABS) {
    parts.tabs[name] = el("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => change({ tab: name }),
    }, title);
    parts.panels[name] = el("section", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}` });
  }
  const tabs = el("div", { class: "tabs", role: "tablist" }, Object.values(parts.tabs));
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.stopPropagation();
    event.preventDefault();
    const names = TABS.map(([name]) => name);
    const next = names[(names.indexOf(state.tab) + step + names.length) % names.length];
    change({ tab: next });
    parts.tabs[next].focus();
  });
  parts.node.replaceChildren(
    el("div", { class: "sample-head" }, button("← Grid", "Back to the grid (Esc)", () => change({ sample: "" })),
      parts.before, parts.after, el("div", {}, parts.title, parts.place)),
    tabs,
    el("div", { class: "sample-body" }, el("div", { class: "stage" }, Object.values(parts.panels)), parts.labels));
  parts.planes = buildPlanes(parts.panels.planes);
  parts.comparison = new Comparison(parts.panels.compare);
  parts.cloud = new Cloud(parts.panels.cloud);
  return parts;
}

function buildPlanes(node) {
  const set = later(120, (near, far) => change({ range: `${near}..${far}` }, { inPlace: true }));
  const planes = { group: new PaneGroup(el("div")), choice: el("div", { class: "choice" }) };
  planes.bar = el("canvas", { class: "ramp", width: 256, height: 1, role: "img", "aria-label": "Colours of depth, near to far" });
  const slider = (name) => el("input", { type: "range", step: "any", "aria-label": `${name} end of the colours, in metres`, oninput: () => moved() });
  planes.near = slider("near");
  planes.far = slider("far");
  planes.ends = el("output", { class: "ends" });
  const moved = () => {
    const range = [Number(planes.near.value), Number(planes.far.value)];
    if (range[1] - range[0] < 1e-3) range[1] = range[0] + 1e-3;
    planes.group.draw({ range });
    planes.ends.textContent = `${short(range[0])} to ${short(range[1])} m`;
    set(short(range[0], 5), short(range[1], 5));
  };
  const auto = el("button", { type: "button", onclick: () => change({ range: "" }) }, "Auto");
  planes.depthTools = el("div", { class: "depth-tools", role: "group", "aria-label": "Range of depth" },
    el("span", {}, "Depth"), planes.near, planes.bar, planes.far, planes.ends, auto);
  planes.alpha = el("select", { onchange: (event) => planes.group.draw({ alpha: event.target.value }) },
    el("option", { value: "checker" }, "over a checkerboard"), el("option", { value: "matte" }, "as grey"));
  planes.normal = el("select", { onchange: (event) => planes.group.draw({ normal: event.target.value }) },
    el("option", { value: "color" }, "as colours"), el("option", { value: "lit" }, "as if lit"));
  planes.points = el("select", { onchange: showPoints },
    POINT_LISTS.map(([value, name]) => el("option", { value }, name)));
  planes.cursor = el("output", { class: "faint cursor" });
  planes.group.onCursor = (at) => {
    planes.cursor.textContent = at ? `column ${at[0]}, row ${at[1]}` : "Point at a plane to read its values";
  };
  node.replaceChildren(
    el("div", { class: "tools" }, planes.depthTools, el("label", {}, "Alpha ", planes.alpha), el("label", {}, "Normals ", planes.normal),
      planes.pointChoice = el("label", {}, "Points ", planes.points),
      button("−", "Zoom out", () => zoom(1 / 1.5)), button("+", "Zoom in", () => zoom(1.5)), button("Whole", "Whole picture (0)", () => planes.group.reset()), planes.cursor),
    planes.choice, planes.group.node);
  return planes;

  function button(text, title, onclick) {
    return el("button", { type: "button", title, "aria-label": title, onclick }, text);
  }
  function zoom(factor) {
    planes.group.zoomAt(0.5, 0.5, factor);
  }
}

async function showPlanes(isOther) {
  const { group, choice } = page.planes;
  const there = schema.planes.filter((plane) => sample.planes.includes(plane.name));
  const chosen = state.planes ? state.planes.split(",") : AT_FIRST;
  const shown = there.filter((plane) => chosen.includes(plane.name));
  if (isOther || group.sampleId !== sample.id) {
    group.sampleId = sample.id;
    const boxes = there.map((plane) => el("label", { title: plane.desc },
      el("input", {
        type: "checkbox", checked: chosen.includes(plane.name),
        onchange: (event) => {
          const names = there.map((p) => p.name).filter((name) => (name === plane.name ? event.target.checked : chosen.includes(name)));
          change({ planes: names.join(",") === AT_FIRST.join(",") ? "" : names.join(",") });
        },
      }), ` ${planeTitle(plane.name)}`));
    choice.replaceChildren(...(there.length > AT_FIRST.length ? boxes : []));
    const planes = shown.map((plane) => storedPlane(sample.row, plane));
    for (const plane of planes) {
      plane.options.alpha = page.planes.alpha.value;
      plane.options.normal = page.planes.normal.value;
    }
    const mine = sample;
    page.planes.depthTools.hidden = !shown.some((plane) => plane.look === "distance");
    const [, usual] = await Promise.all([
      group.show(planes),
      planeNumbers(sample.row, "depth").then(({ values }) => wholeRange(values)).catch(() => null),
    ]);
    if (mine !== sample) return;
    page.planes.usual = usual;
    page.planes.pointChoice.hidden = !POINT_LISTS.some(([list]) => pointLayer(sample, list));
    showPoints();
  }
  showRange();
}

/** Lays the points that are chosen over the planes. */
function showPoints() {
  const { group, points } = page.planes;
  group.overlay(() => pointLayer(sample, points.value));
}

function wholeRange(values) {
  const usual = usualRange(values);
  if (!usual) return null;
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { usual, low, high: Math.max(high, low + 1e-3) };
}

function showRange() {
  const { usual: known, near: low, far: high, ends, bar, group, depthTools } = page.planes;
  if (!known) {
    depthTools.hidden = true;
    return;
  }
  const [from, to] = parseRange(state.range);
  const range = [from ?? known.usual[0], to ?? known.usual[1]];
  for (const input of [low, high]) {
    input.min = Math.min(known.low, range[0]);
    input.max = Math.max(known.high, range[1]);
  }
  if (document.activeElement !== low) low.value = range[0];
  if (document.activeElement !== high) high.value = range[1];
  ends.textContent = `${short(range[0])} to ${short(range[1])} m`;
  const context = bar.getContext("2d");
  const image = context.createImageData(256, 1);
  for (let i = 0; i < 256; i += 1) image.data.set([...rampColor(i / 255), 255], 4 * i);
  context.putImageData(image, 0, 0);
  group.draw({ range });
}

/** Handles a key; true if it was one of the page's. */
export function sampleKey(event) {
  const { key } = event;
  const group = state.tab === "compare" ? page?.comparison.group : page?.planes.group;
  if (key === "Escape") change({ sample: "" });
  else if (key === "ArrowRight" || key === "j") step(1);
  else if (key === "ArrowLeft" || key === "k") step(-1);
  else if (TABS[Number(key) - 1]) change({ tab: TABS[Number(key) - 1][0] });
  else if (key === "c") change({ tab: "compare" });
  else if (key === "+" || key === "=") group?.zoomAt(0.5, 0.5, 1.5);
  else if (key === "-") group?.zoomAt(0.5, 0.5, 1 / 1.5);
  else if (key === "0") group?.reset();
  else return false;
  return !isTyping(event.target);
}
