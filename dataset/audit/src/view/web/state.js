// What the page shows, all of it in its address, so that links and the back button work.
//
//   is.COLUMN=WORD     one of these words (may be repeated)
//   num.COLUMN=A..B    between two numbers; either may be missing
//   has.COLUMN=TEXT    a name that holds a text
//   unknown.COLUMN=1   also samples that do not know the value
//   q, sort (-COLUMN is largest first), size, tile
//   sample, tab, with, plane, planes, range (A..B metres), color (of the point cloud)

/** A state without filters. */
export function emptyState() {
  return {
    filters: new Map(), search: "", sort: "", descending: false, size: "m", tile: "image",
    sample: "", tab: "planes", with: "", plane: "", planes: "", range: "", color: "rgb",
  };
}

/** The state now. Others change it with `change`. */
export let state = emptyState();

const listeners = [];

/** Calls `listener(state, before)` after each change. */
export const onChange = (listener) => listeners.push(listener);

/** Words that these may be; an address that says others is read as if it said nothing. */
const WORDS = {
  size: ["s", "m", "l"], tile: ["image", "alpha", "depth", "normal"],
  tab: ["planes", "compare", "cloud", "scene"], color: ["rgb", "normal", "depth"],
};

const SIMPLE = ["size", "tile", "sample", "tab", "with", "plane", "planes", "range", "color"];

/** The state of an address. */
export function read(search) {
  const found = emptyState();
  const filter = (column) => {
    if (!found.filters.has(column)) found.filters.set(column, {});
    return found.filters.get(column);
  };
  for (const [key, value] of new URLSearchParams(search)) {
    const dot = key.indexOf(".");
    const column = key.slice(dot + 1);
    const kind = dot < 0 ? "" : key.slice(0, dot);
    if (kind === "is") (filter(column).any ??= []).push(value);
    else if (kind === "num") {
      const [from, to] = parseRange(value);
      if (from !== null || to !== null) Object.assign(filter(column), { from, to });
    } else if (kind === "has") filter(column).text = value;
    else if (kind === "unknown") filter(column).unknown = true;
    else if (key === "q") found.search = value;
    else if (key === "sort") {
      found.descending = value.startsWith("-");
      found.sort = value.replace(/^-/, "");
    } else if (SIMPLE.includes(key) && (WORDS[key]?.includes(value) ?? true)) found[key] = value;
  }
  return found;
}

/** `A..B` as two numbers, null where there is none. */
export function parseRange(text) {
  const [from = "", to = ""] = text.split("..");
  const number = (part) => (part.trim() === "" || !Number.isFinite(Number(part)) ? null : Number(part));
  return [number(from), number(to)];
}

/** The address of a state. */
export function write(of) {
  const params = new URLSearchParams();
  if (of.search) params.append("q", of.search);
  for (const [column, filter] of of.filters) {
    for (const word of filter.any ?? []) params.append(`is.${column}`, word);
    if (filter.from != null || filter.to != null) {
      params.append(`num.${column}`, `${filter.from ?? ""}..${filter.to ?? ""}`);
    }
    if (filter.text) params.append(`has.${column}`, filter.text);
    if (filter.unknown) params.append(`unknown.${column}`, "1");
  }
  if (of.sort || of.descending) params.append("sort", (of.descending ? "-" : "") + of.sort);
  const usual = emptyState();
  for (const key of SIMPLE) if (of[key] && of[key] !== usual[key]) params.append(key, of[key]);
  const text = params.toString();
  return text ? `/?${text}` : "/";
}

/** The filters as the server wants them. */
export function queryFilters(of) {
  const filters = [];
  if (of.search) filters.push({ column: "search", text: of.search });
  for (const [column, filter] of of.filters) filters.push({ column, ...filter });
  return filters;
}

/** A copy with other filters on a column; an empty filter is none. */
export function withFilter(of, column, filter) {
  const filters = new Map(of.filters);
  const isEmpty = !filter || (!filter.any?.length && filter.from == null && filter.to == null
    && !filter.text && !filter.unknown);
  if (isEmpty) filters.delete(column);
  else filters.set(column, filter);
  return { ...of, filters };
}

/** Changes the state: a step of the history, or in place for what moves continuously. */
export function change(part, { inPlace = false } = {}) {
  const before = state;
  state = { ...state, ...part };
  const address = write(state);
  if (address !== location.pathname + location.search) {
    history[inPlace ? "replaceState" : "pushState"](null, "", address);
  }
  for (const listener of listeners) listener(state, before);
}

/** Takes the state from the address, now and whenever the reader goes back. */
export function start() {
  state = read(location.search);
  addEventListener("popstate", () => {
    const before = state;
    state = read(location.search);
    for (const listener of listeners) listener(state, before);
  });
}
