// One plane on a canvas: its colours, and the value of a pixel in words.

import { differenceNumbers, differencePictureUrl, planeNumbers, planeUrl, schema } from "./api.js";
import { el, short } from "./dom.js";

const NO_SURFACE = [0x20, 0x20, 0x20];
const CHECKER = [0x66, 0x99];
const CHECKER_PX = 8;

/** Colour of a share of a range of distances, 0 near to 1 far. */
export function rampColor(share) {
  const ramp = schema.depth_ramp;
  const place = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const stop = Math.min(Math.floor(place), ramp.length - 2);
  const part = place - stop;
  return [0, 1, 2].map((c) => ramp[stop][c] + (ramp[stop + 1][c] - ramp[stop][c]) * part);
}

/** The range that 98 of 100 finite numbers lie in. */
export function usualRange(values) {
  const finite = [];
  for (const value of values) if (Number.isFinite(value)) finite.push(value);
  if (finite.length === 0) return null;
  finite.sort((a, b) => a - b);
  const last = finite.length - 1;
  const near = finite[Math.floor(last / 100)];
  const far = finite[last - Math.floor(last / 100)];
  return [near, Math.max(far, near + 1e-3)];
}

async function pictureOf(url) {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    // Pictures tell no reason; the server does.
    const response = await fetch(url);
    const reason = await response.json().catch(() => ({}));
    throw new Error(reason.error ?? "the picture cannot be shown");
  }
  return image;
}

/** A plane, or the difference of a plane, that `PaneGroup` can show. */
export class PlaneView {
  constructor({ title, unit, look, desc, load, picture }) {
    Object.assign(this, { title, unit, look, desc });
    this.loadNumbers = load;
    this.pictureUrl = picture;
    this.canvas = el("canvas", { role: "img" });
    /** Set by the group: range of distances in metres, how alpha and normals are shown. */
    this.options = { range: null, alpha: "checker", normal: "color" };
  }

  /** Fetches what is needed and draws. */
  async load() {
    const needsPicture = ["label", "other", "difference"].includes(this.look);
    const [numbers, picture, color] = await Promise.all([
      this.loadNumbers(),
      needsPicture ? pictureOf(this.pictureUrl) : null,
      this.loadColor ? this.loadColor() : null,
    ]);
    Object.assign(this, { numbers, picture, color });
    this.canvas.width = numbers.width;
    this.canvas.height = numbers.height;
    this.draw();
  }

  /** Draws with the options as they are. */
  draw() {
    if (!this.numbers) return;
    const context = this.canvas.getContext("2d");
    if (this.picture) {
      context.drawImage(this.picture, 0, 0);
    } else {
      const image = context.createImageData(this.numbers.width, this.numbers.height);
      this.paint(image.data);
      context.putImageData(image, 0, 0);
    }
    this.canvas.setAttribute("aria-label", `${this.title}: ${this.desc ?? ""}`);
  }

  paint(data) {
    const { width, values } = this.numbers;
    const n = data.length / 4;
    const put = (i, [r, g, b]) => {
      data[4 * i] = r;
      data[4 * i + 1] = g;
      data[4 * i + 2] = b;
      data[4 * i + 3] = 255;
    };
    if (this.look === "color") {
      for (let i = 0; i < n; i += 1) put(i, [values[3 * i], values[3 * i + 1], values[3 * i + 2]]);
    } else if (this.look === "coverage") {
      const rgb = this.color?.values;
      for (let i = 0; i < n; i += 1) {
        const a = values[i] / 255;
        if (this.options.alpha === "matte" || !rgb) put(i, [values[i], values[i], values[i]]);
        else {
          const isOdd = (Math.floor((i % width) / CHECKER_PX) + Math.floor(i / width / CHECKER_PX)) % 2;
          const ground = CHECKER[isOdd];
          put(i, [0, 1, 2].map((c) => a * rgb[3 * i + c] + (1 - a) * ground));
        }
      }
    } else if (this.look === "distance") {
      const [near, far] = this.options.range ?? usualRange(values) ?? [0, 1];
      // A table: the ramp is walked once, not for every pixel.
      const table = Array.from({ length: 1024 }, (_, i) => rampColor(i / 1023));
      for (let i = 0; i < n; i += 1) {
        const share = (values[i] - near) / (far - near);
        put(i, Number.isFinite(values[i]) ? table[Math.round(Math.min(1, Math.max(0, share)) * 1023)] : NO_SURFACE);
      }
    } else if (this.look === "direction") {
      for (let i = 0; i < n; i += 1) {
        const [x, y, z] = [values[3 * i], values[3 * i + 1], values[3 * i + 2]];
        if (x === 0 && y === 0 && z === 0) put(i, NO_SURFACE);
        else if (this.options.normal === "lit") {
          // As if a lamp stood above the left shoulder of whoever looks.
          const light = 40 + 215 * Math.max(0, -0.35 * x + 0.5 * y + 0.79 * z);
          put(i, [light, light, light]);
        } else put(i, [x, y, z].map((v) => (Math.min(1, Math.max(-1, v)) * 0.5 + 0.5) * 255));
      }
    }
  }

  /** The value of a pixel, in words. */
  valueAt(x, y) {
    if (!this.numbers || x < 0 || y < 0 || x >= this.numbers.width || y >= this.numbers.height) return "";
    const { width, channels, values } = this.numbers;
    const at = (y * width + x) * channels;
    const all = Array.from(values.subarray(at, at + channels));
    switch (this.look) {
      case "color": return `R ${all[0]}  G ${all[1]}  B ${all[2]}`;
      case "coverage": return `${(all[0] / 255).toFixed(3)} (${all[0]} of 255)`;
      case "distance": return Number.isFinite(all[0]) ? `${all[0].toFixed(4)} m` : "no surface";
      case "direction":
        return all.every((v) => v === 0) ? "no surface" : `X ${all[0].toFixed(3)}  Y ${all[1].toFixed(3)}  Z ${all[2].toFixed(3)}`;
      case "difference":
        if (Number.isNaN(all[0])) return "nothing to compare";
        if (!Number.isFinite(all[0])) return all[0] > 0 ? "only the first has a surface" : "only the second has a surface";
        return `${short(all[0], 5)} ${this.unit}`;
      default: return all.map((v) => short(v, 5)).join("  ") + (this.unit && this.look === "other" ? ` ${this.unit}` : "");
    }
  }
}

/** A stored plane of a sample. */
export function storedPlane(row, plane, title = planeTitle(plane.name)) {
  const view = new PlaneView({
    title, unit: plane.unit, look: plane.look, desc: plane.desc,
    load: () => planeNumbers(row, plane.name), picture: planeUrl(row, plane.name),
  });
  if (plane.look === "coverage") view.loadColor = () => planeNumbers(row, "image").catch(() => null);
  return view;
}

/** The difference of a plane of two samples. */
export function differencePlane(a, b, plane, unit) {
  return new PlaneView({
    title: "Difference", unit, look: "difference", desc: `${plane.name} of both samples compared`,
    load: () => differenceNumbers(a, b, plane.name), picture: differencePictureUrl(a, b, plane.name),
  });
}

const TITLES = { image: "Picture", alpha: "Alpha", depth: "Depth", normal: "Normals" };

/** The name of a plane for people. */
export const planeTitle = (name) => TITLES[name] ?? name.replaceAll("_", " ");
