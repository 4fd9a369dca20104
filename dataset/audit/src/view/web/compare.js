// Two samples beside each other: a plane of both, their difference, and all planes in numbers.

import { differenceSummary, query, sampleById, schema } from "./api.js";
import { count, el, later, short, words } from "./dom.js";
import { PaneGroup } from "./panes.js";
import { differencePlane, planeTitle, storedPlane, usualRange } from "./plane.js";
import { change, emptyState, state } from "./state.js";

/** The comparison of a sample; `show` brings it up to date. */
export class Comparison {
  constructor(node) {
    this.shown = "";
    this.other = el("input", {
      type: "search", list: "other-names", autocomplete: "off", spellcheck: false, placeholder: "name of a sample",
      onchange: (event) => change({ with: event.target.value.trim() }),
      oninput: later(120, () => this.suggest()),
    });
    this.names = el("datalist", { id: "other-names" });
    this.plane = el("select", { onchange: (event) => change({ plane: event.target.value }) });
    this.note = el("p", { class: "faint", role: "status" });
    this.group = new PaneGroup(el("div"));
    this.table = el("div", { class: "scroll" });
    const step = (by) => el("button", { type: "button", onclick: () => this.step(by) }, by < 0 ? "‹ before" : "next ›");
    node.replaceChildren(
      el("div", { class: "tools" }, el("label", {}, "Compare with ", this.other), this.names, step(-1), step(1),
        el("label", {}, "Plane ", this.plane)),
      this.note, this.group.node, this.table);
  }

  async suggest() {
    const found = await query({ ...emptyState(), search: this.other.value }, { limit: 12 }).catch(() => null);
    if (found) this.names.replaceChildren(...found.samples.map((sample) => el("option", { value: sample.id })));
  }

  /** Takes the sample before or after as the other one. */
  async step(by) {
    const row = (this.second ?? this.sample).row;
    let next = (row + by + schema.rows) % schema.rows;
    if (next === this.sample.row) next = (next + by + schema.rows) % schema.rows;
    const found = await query(emptyState(), { offset: next, limit: 1 });
    if (found.samples.length) change({ with: found.samples[0].id });
  }

  /** Shows a sample beside the one that the state names. */
  async show(sample) {
    this.sample = sample;
    const planes = schema.planes.filter((plane) => sample.planes.includes(plane.name));
    this.plane.replaceChildren(...planes.map((p) => el("option", { value: p.name }, planeTitle(p.name))));
    const plane = planes.find((p) => p.name === state.plane) ?? planes.find((p) => p.name === "depth") ?? planes[0];
    this.plane.value = plane.name;
    this.other.value = state.with;
    const wanted = `${sample.id}|${state.with}|${plane.name}`;
    if (wanted === this.shown) return;
    this.shown = wanted;
    if (!state.with) {
      this.second = null;
      this.note.textContent = "Name another sample, or take the one before or after.";
      this.group.node.replaceChildren();
      this.table.replaceChildren();
      return;
    }
    try {
      if (this.second?.id !== state.with) this.second = await sampleById(state.with);
      const second = this.second;
      const summary = await differenceSummary(sample.row, second.row, plane.name);
      if (wanted !== this.shown) return;
      this.note.textContent = `${summary.measure}, ${summary.unit || "no unit"}; full colour at ${short(summary.shown_to)}. `
        + (summary.is_signed ? "Blue: the second is smaller. Orange: it is larger. " : "Orange: they differ. ")
        + "Greys: only one has a surface.";
      const views = [
        storedPlane(sample.row, plane, sample.id), storedPlane(second.row, plane, second.id),
        differencePlane(sample.row, second.row, plane, summary.unit),
      ];
      await Promise.all([this.group.show(views), this.showTable(sample, second, planes)]);
      if (wanted === this.shown && plane.look === "distance") this.shareRange(views.slice(0, 2));
    } catch (error) {
      if (wanted !== this.shown) return;
      this.shown = "";
      this.note.textContent = `These cannot be compared: ${error.message}`;
      this.group.node.replaceChildren();
      this.table.replaceChildren();
    }
  }

  /** Equal distances have equal colours in both. */
  shareRange(views) {
    const ranges = views.map((view) => view.numbers && usualRange(view.numbers.values)).filter(Boolean);
    if (ranges.length === 0) return;
    this.group.draw({ range: [Math.min(...ranges.map(([near]) => near)), Math.max(...ranges.map(([, far]) => far))] });
  }

  async showTable(first, second, planes) {
    const rows = await Promise.all(planes.map(async (plane) => {
      const title = planeTitle(plane.name);
      try {
        const s = await differenceSummary(first.row, second.row, plane.name);
        const at = s.max_at ? ` at ${s.max_at[0]}, ${s.max_at[1]}` : "";
        const cells = [count(s.compared_px), count(s.differing_px), count(s.only_first_px), count(s.only_second_px),
          short(s.mean), short(s.mean_abs), short(s.rms), short(s.max_abs) + at];
        return el("tr", {}, el("th", { scope: "row" }, title), cells.map((cell) => el("td", { class: "n" }, cell)),
          el("td", {}, s.unit));
      } catch (error) {
        return el("tr", {}, el("th", { scope: "row" }, title), el("td", { colSpan: 9 }, error.message));
      }
    }));
    const heads = ["plane", "compared px", "differing px", "only first", "only second", "mean", "mean size", "rms", "largest, at", "unit"];
    this.table.replaceChildren(
      el("table", { class: "numbers" }, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows)),
      labelTable(first, second));
  }
}

/** The labels in which two samples differ. */
function labelTable(first, second) {
  const rows = first.labels.flatMap((label, i) => {
    const other = second.labels[i].value;
    if (JSON.stringify(label.value) === JSON.stringify(other) || Array.isArray(label.value) && label.value.length > 16) return [];
    const text = (value) => (value === null ? "–" : typeof value === "number" ? short(value, 6) : Array.isArray(value) ? value.join(", ") : String(value));
    return [el("tr", {}, el("th", { scope: "row" }, words(label.name)), el("td", {}, text(label.value)), el("td", {}, text(other)))];
  });
  return el("details", {}, el("summary", {}, `${rows.length} labels differ`),
    el("table", { class: "numbers" }, el("thead", {}, el("tr", {}, ["label", first.id, second.id].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, rows)));
}
