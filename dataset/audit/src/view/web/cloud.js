// The points of a sample in space, from depth and intrinsics, drawn by WebGL 2.
//
// A pixel (u, v) with depth z is the point ((u + 0.5 - cx) z / fx, -(v + 0.5 - cy) z / fy, -z) of the
// camera: +X right, +Y up, +Z toward the camera, in metres. Pixels without a surface are no points.

import { planeNumbers } from "./api.js";
import { count, el, isTyping, short } from "./dom.js";
import { multiply, orbit, perspective } from "./matrix.js";
import { rampColor, usualRange } from "./plane.js";
import { change, state } from "./state.js";

const VERTEX = `#version 300 es
in vec3 place;
in vec3 tint;
uniform mat4 view;
uniform float size;
out vec3 color;
void main() {
  gl_Position = view * vec4(place, 1.0);
  gl_PointSize = clamp(size / gl_Position.w, 1.0, 64.0);
  color = tint;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec3 color;
out vec4 shown;
void main() {
  vec2 from = gl_PointCoord - 0.5;
  if (dot(from, from) > 0.25) discard;
  shown = vec4(color, 1.0);
}`;

const ANGLE = 0.7;

/** The point cloud; `show` brings it up to date. */
export class Cloud {
  constructor(node) {
    this.shown = "";
    this.canvas = el("canvas", { class: "cloud", tabIndex: 0, role: "img", "aria-label": "Point cloud; drag or use the arrows to turn it" });
    this.note = el("p", { class: "faint", role: "status" });
    this.pointSize = el("input", { type: "range", min: "0.5", max: "4", step: "0.1", value: "1.7", oninput: () => this.draw() });
    const colors = [["rgb", "picture"], ["normal", "normals"], ["depth", "depth"]];
    this.color = el("select", { onchange: (event) => change({ color: event.target.value }) },
      colors.map(([value, text]) => el("option", { value }, text)));
    const reset = () => {
      this.look();
      this.draw();
    };
    node.replaceChildren(
      el("div", { class: "tools" }, el("label", {}, "Colours ", this.color), el("label", {}, "Size of points ", this.pointSize),
        el("button", { type: "button", onclick: reset }, "As the camera")),
      el("div", { class: "cloud-frame" }, this.canvas), this.note);
    this.look();
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /** Looks as the camera did. */
  look() {
    this.yaw = 0;
    this.pitch = 0;
    this.far = 1;
    this.shift = [0, 0];
  }

  /** Shows the points of a sample. */
  async show(sample) {
    this.color.value = state.color;
    const wanted = `${sample.id}|${state.color}`;
    if (wanted === this.shown) {
      this.draw();
      return;
    }
    const isOther = !this.shown.startsWith(`${sample.id}|`);
    this.shown = wanted;
    if (isOther) this.look();
    try {
      this.start();
      const [depth, image, normal] = await Promise.all([
        planeNumbers(sample.row, "depth"), planeNumbers(sample.row, "image"), planeNumbers(sample.row, "normal"),
      ]);
      if (wanted !== this.shown) return;
      this.build(sample, depth, image, normal);
      this.draw();
    } catch (error) {
      this.shown = "";
      this.n = 0;
      this.note.textContent = `There is no point cloud: ${error.message}`;
    }
  }

  start() {
    if (this.gl) return;
    const gl = this.canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true });
    if (!gl) throw new Error("this browser offers no WebGL 2");
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    gl.enable(gl.DEPTH_TEST);
    const attribute = (name) => {
      const at = gl.getAttribLocation(program, name);
      const buffer = gl.createBuffer();
      gl.enableVertexAttribArray(at);
      return { at, buffer };
    };
    this.places = attribute("place");
    this.tints = attribute("tint");
    this.viewAt = gl.getUniformLocation(program, "view");
    this.sizeAt = gl.getUniformLocation(program, "size");
    this.gl = gl;
    // A lost context comes back empty; everything is made again when the cloud is next shown.
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.gl = null;
      this.shown = "";
    });
  }

  build(sample, depth, image, normal) {
    const { fx, fy, cx, cy } = sample.camera;
    const { width, values } = depth;
    const hits = [];
    for (let i = 0; i < values.length; i += 1) if (Number.isFinite(values[i])) hits.push(i);
    const places = new Float32Array(3 * hits.length);
    const tints = new Float32Array(3 * hits.length);
    const range = usualRange(values) ?? [0, 1];
    hits.forEach((i, at) => {
      const z = values[i];
      places[3 * at] = (((i % width) + 0.5 - cx) * z) / fx;
      places[3 * at + 1] = ((cy - Math.floor(i / width) - 0.5) * z) / fy;
      places[3 * at + 2] = -z;
      const tint = state.color === "normal" ? [0, 1, 2].map((c) => 0.5 + 0.5 * normal.values[3 * i + c])
        : state.color === "depth" ? rampColor((z - range[0]) / (range[1] - range[0])).map((v) => v / 255)
          : [0, 1, 2].map((c) => image.values[3 * i + c] / 255);
      tints.set(tint, 3 * at);
    });
    const axis = (k) => Array.from({ length: hits.length }, (_, at) => places[3 * at + k]).sort((a, b) => a - b);
    const middle = (sorted) => (sorted.length ? sorted[Math.floor(sorted.length / 2)] : 0);
    const [xs, ys, zs] = [axis(0), axis(1), axis(2)];
    this.center = [middle(xs), middle(ys), middle(zs)];
    this.distance = Math.max(0.05, -this.center[2]);
    this.n = hits.length;
    // Seen through the camera's own angle, the cloud looks like the picture at first.
    this.angle = 2 * Math.atan((0.5 * depth.height) / fy) || ANGLE;
    this.aspect = width / depth.height;
    this.offset = [this.center[0], this.center[1]];
    this.pixel = (2 * Math.tan(this.angle / 2)) / depth.height;
    const { gl } = this;
    for (const [{ at, buffer }, data] of [[this.places, places], [this.tints, tints]]) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
      gl.vertexAttribPointer(at, 3, gl.FLOAT, false, 0, 0);
    }
    const extent = (sorted) => (sorted.length ? sorted[sorted.length - 1] - sorted[0] : 0);
    this.note.textContent = hits.length === 0 ? "No pixel of this sample has a surface."
      : `${count(hits.length)} points; ${short(extent(xs), 3)} x ${short(extent(ys), 3)} x ${short(extent(zs), 3)} m, `
        + `${short(this.distance, 3)} m before the camera. Drag turns, wheel zooms, right button or Shift moves.`;
  }

  draw() {
    const { gl, canvas } = this;
    if (!gl || !this.n || canvas.clientWidth === 0) {
      if (gl && !this.n) gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      return;
    }
    const ratio = Math.min(2, devicePixelRatio || 1);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((v) => Math.max(1, Math.round(v * ratio)));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    const paper = getComputedStyle(canvas).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [20, 20, 20];
    gl.clearColor(paper[0] / 255, paper[1] / 255, paper[2] / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const distance = this.distance * this.far;
    // The whole field of the camera stays visible, whatever the shape of the canvas.
    const aspect = width / height;
    const angle = aspect < this.aspect ? 2 * Math.atan((Math.tan(this.angle / 2) * this.aspect) / aspect) : this.angle;
    const fit = this.far <= 1 ? this.far : 1;
    const shift = [this.offset[0] * fit + this.shift[0], this.offset[1] * fit + this.shift[1]];
    const projection = perspective(angle, aspect, distance * 0.01, distance * 20 + 10);
    const view = multiply(projection, orbit(this.center, this.yaw, this.pitch, distance, shift));
    gl.uniformMatrix4fv(this.viewAt, false, view);
    // A point is as large as its pixel was, seen from where the camera stood.
    const size = (Number(this.pointSize.value) * this.pixel * this.distance * height) / (2 * Math.tan(angle / 2));
    gl.uniform1f(this.sizeAt, size);
    gl.drawArrays(gl.POINTS, 0, this.n);
  }

  listen() {
    const { canvas } = this;
    const pointers = new Map();
    let pinch = 0;
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, [event.clientX, event.clientY]);
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
      pointers.set(event.pointerId, [event.clientX, event.clientY]);
      if (pointers.size === 2) {
        const [a, b] = [...pointers.values()];
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
        if (pinch > 0) this.zoom(pinch / distance);
        pinch = distance;
      } else if (event.buttons === 2 || event.shiftKey) {
        const metres = (2 * Math.tan(this.angle / 2) * this.distance * this.far) / canvas.clientHeight;
        this.shift = [this.shift[0] + dx * metres, this.shift[1] - dy * metres];
      } else this.turn(dx * 0.008, dy * 0.008);
      this.draw();
    });
    const up = (event) => {
      pointers.delete(event.pointerId);
      pinch = 0;
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)));
      this.draw();
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      const turns = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
      if (isTyping(event.target)) return;
      if (event.key in turns) this.turn(...turns[event.key]);
      else if (event.key === "+" || event.key === "=") this.zoom(0.87);
      else if (event.key === "-") this.zoom(1.15);
      else if (event.key === "0") this.look();
      else return;
      event.preventDefault();
      event.stopPropagation();
      this.draw();
    });
  }

  turn(yaw, pitch) {
    this.yaw += yaw;
    this.pitch = Math.max(-1.5, Math.min(1.5, this.pitch + pitch));
  }

  zoom(factor) {
    this.far = Math.max(0.05, Math.min(20, this.far * factor));
  }
}
