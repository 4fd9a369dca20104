// Planes side by side: one zoom, one place, one cursor for all of them.

import { el, isTyping } from "./dom.js";

const ZOOM_MAX = 64;

/** Planes that are looked at together. */
export class PaneGroup {
  constructor(node) {
    this.node = node;
    node.classList.add("panes");
    /** Magnification, and the share of the pane by which its origin is moved. */
    this.view = { zoom: 1, x: 0, y: 0 };
    this.cursor = null;
    this.panes = [];
    new ResizeObserver(() => this.place()).observe(node);
  }

  /** Shows these planes, `PlaneView`s of one size each, and loads them. */
  show(planes) {
    this.panes = planes.map((plane) => this.pane(plane));
    this.node.replaceChildren(...this.panes.map((pane) => pane.figure));
    this.place();
    return Promise.all(this.panes.map(async (pane) => {
      try {
        await pane.plane.load();
        pane.window.style.aspectRatio = `${pane.plane.canvas.width} / ${pane.plane.canvas.height}`;
      } catch (error) {
        if (error.name === "AbortError") return;
        pane.window.replaceChildren(el("p", { class: "error" }, error.message));
      }
      pane.figure.classList.remove("waiting");
      this.place();
      this.tell();
    }));
  }

  pane(plane) {
    const mark = el("span", { class: "crosshair", hidden: true });
    const window = el("div", { class: "window", tabIndex: 0, role: "group", "aria-label": `${plane.title}; arrows move the cursor` }, plane.canvas, mark);
    const value = el("output", { class: "under" });
    const figure = el("figure", { class: "pane waiting", data: { plane: plane.title } },
      el("figcaption", { title: plane.desc ?? "" }, el("b", {}, plane.title), value), window);
    const pane = { plane, window, value, figure, mark };
    this.listen(pane);
    return pane;
  }

  listen({ plane, window }) {
    const pointers = new Map();
    let pinch = 0;
    const share = (event) => {
      const box = window.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    window.addEventListener("wheel", (event) => {
      event.preventDefault();
      const [x, y] = share(event);
      this.zoomAt(x, y, Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)));
    }, { passive: false });
    window.addEventListener("pointerdown", (event) => {
      pointers.set(event.pointerId, share(event));
      if (event.pointerType !== "touch" || this.view.zoom > 1) window.setPointerCapture(event.pointerId);
    });
    window.addEventListener("pointermove", (event) => {
      const now = share(event);
      const before = pointers.get(event.pointerId);
      if (before) {
        pointers.set(event.pointerId, now);
        if (pointers.size === 2) {
          const [a, b] = [...pointers.values()];
          const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
          if (pinch > 0) this.zoomAt((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, distance / pinch);
          pinch = distance;
        } else this.move(now[0] - before[0], now[1] - before[1]);
      }
      this.point(plane, now);
    });
    const up = (event) => {
      pointers.delete(event.pointerId);
      pinch = 0;
    };
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", up);
    window.addEventListener("pointerleave", (event) => {
      if (!pointers.has(event.pointerId) && document.activeElement !== window) this.setCursor(null);
    });
    window.addEventListener("dblclick", () => this.reset());
    window.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step || isTyping(event.target)) return;
      event.preventDefault();
      event.stopPropagation();
      const far = event.shiftKey ? 10 : 1;
      const { width, height } = plane.canvas;
      const [x, y] = this.cursor ?? [Math.floor(width / 2), Math.floor(height / 2)];
      const clamp = (v, n) => Math.min(n - 1, Math.max(0, v));
      this.setCursor([clamp(x + far * step[0], width), clamp(y + far * step[1], height)]);
    });
  }

  /** Magnifies about a place of the pane. */
  zoomAt(x, y, factor) {
    const { zoom } = this.view;
    const next = Math.min(ZOOM_MAX, Math.max(1, zoom * factor));
    this.view.x = x - ((x - this.view.x) * next) / zoom;
    this.view.y = y - ((y - this.view.y) * next) / zoom;
    this.view.zoom = next;
    this.place();
  }

  move(dx, dy) {
    this.view.x += dx;
    this.view.y += dy;
    this.place();
  }

  reset() {
    this.view = { zoom: 1, x: 0, y: 0 };
    this.place();
  }

  place() {
    const { zoom } = this.view;
    const clamp = (v) => Math.min(0, Math.max(1 - zoom, v));
    this.view.x = clamp(this.view.x);
    this.view.y = clamp(this.view.y);
    for (const { plane, window, mark } of this.panes) {
      const { canvas } = plane;
      const { clientWidth, clientHeight } = window;
      const transform = `translate(${this.view.x * clientWidth}px, ${this.view.y * clientHeight}px) scale(${zoom})`;
      canvas.style.transform = transform;
      const layer = window.querySelector(".points");
      if (layer) layer.style.transform = transform;
      const pixel = (zoom * clientWidth) / Math.max(1, canvas.width);
      canvas.classList.toggle("pixels", pixel > 2);
      window.style.touchAction = zoom > 1 ? "none" : "pan-y";
      mark.hidden = !this.cursor;
      if (this.cursor) {
        const [x, y] = this.cursor;
        const left = (this.view.x + (zoom * (x + 0.5)) / canvas.width) * clientWidth;
        const top = (this.view.y + (zoom * (y + 0.5)) / canvas.height) * clientHeight;
        const size = Math.max(7, pixel);
        Object.assign(mark.style, { left: `${left - size / 2}px`, top: `${top - size / 2}px`, width: `${size}px`, height: `${size}px` });
      }
    }
  }

  point(plane, [x, y]) {
    const { width, height } = plane.canvas;
    const px = Math.floor(((x - this.view.x) / this.view.zoom) * width);
    const py = Math.floor(((y - this.view.y) / this.view.zoom) * height);
    this.setCursor(px >= 0 && py >= 0 && px < width && py < height ? [px, py] : null);
  }

  setCursor(pixel) {
    this.cursor = pixel;
    this.place();
    this.tell();
  }

  /** Writes the values under the cursor. */
  tell() {
    for (const { plane, value } of this.panes) {
      value.textContent = this.cursor ? plane.valueAt(...this.cursor) : plane.unit ?? "";
    }
    this.onCursor?.(this.cursor);
  }

  /** Lays a drawing over every plane, made anew for each by `make`; null takes it away. */
  overlay(make) {
    for (const { plane, window } of this.panes) {
      window.querySelector(".points")?.remove();
      const layer = make();
      if (layer) plane.canvas.after(layer);
    }
    this.place();
  }

  /** Draws again with other options. */
  draw(options) {
    for (const { plane } of this.panes) {
      Object.assign(plane.options, options);
      plane.draw();
    }
  }
}
