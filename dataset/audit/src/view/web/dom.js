// Making elements, and writing numbers for people.

/** An element with properties, attributes, listeners (`on…`) and children; null children are left out. */
export function el(name, props = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key in node && key !== "list" && key !== "form") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element with attributes. */
export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export const byId = (id) => document.getElementById(id);

const whole = new Intl.NumberFormat("en");

/** A count with its thousands set apart. */
export const count = (n) => whole.format(n);

/** A number with as many digits as help. */
export function short(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(2);
  return String(Number(value.toPrecision(digits)));
}

/** A name as words. */
export const words = (name) => name.replaceAll("_", " ");

/** The name of a column as words; its unit stands elsewhere. */
export const title = ({ name, unit }) =>
  words(unit && name.endsWith(`_${unit}`) ? name.slice(0, -unit.length - 1) : name);

/** A description without the marks of code. */
export const plain = (text) => text.replaceAll("`", "");

/** Calls `run` once nothing has asked for it in `ms`. */
export function later(ms, run) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), ms);
  };
}

/** Whether keys belong to the element that has the focus. */
export function isTyping(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName)
      || (target.tagName === "INPUT" && !["checkbox", "range", "button"].includes(target.type)));
}
