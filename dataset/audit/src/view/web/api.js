// What the server answers. The schema is fetched once; bare planes are kept for a while.

import { queryFilters } from "./state.js";

/** The schema of the dataset, once it is there. */
export let schema = null;

async function get(url, signal) {
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("the viewer does not answer; is `bottega view` still running?");
  }
  if (response.ok) return response;
  let reason = `${response.status} ${response.statusText}`;
  try {
    reason = (await response.json()).error ?? reason;
  } catch { /* An answer that is no JSON has nothing to add. */ }
  throw Object.assign(new Error(reason), { status: response.status });
}

const getJson = async (url, signal) => (await get(url, signal)).json();

/** Fetches the schema. */
export async function loadSchema() {
  schema = await getJson("/api/schema");
  return schema;
}

/** Samples that pass the filters of a state: see `Query` of the server. */
export function query(state, wanted, signal) {
  const question = {
    filters: queryFilters(state),
    descending: state.descending,
    ...(state.sort ? { sort: state.sort } : {}),
    ...wanted,
  };
  return getJson(`/api/query?q=${encodeURIComponent(JSON.stringify(question))}`, signal);
}

/** One sample by its name. */
export const sampleById = (id, signal) => getJson(`/api/sample?id=${encodeURIComponent(id)}`, signal);

/** Address of the preview of a sample: four tiles side by side. */
export const previewUrl = (row) => `/data/${schema.key}/preview/${row}.png`;

/** Address of a plane as a picture. */
export const planeUrl = (row, plane) => `/data/${schema.key}/plane/${row}/${plane}.png`;

/** Address of a difference, without its form. */
const differenceUrl = (a, b, plane) => `/data/${schema.key}/difference/${a}/${b}/${plane}`;

export const differencePictureUrl = (a, b, plane) => `${differenceUrl(a, b, plane)}.png`;

/** What the differences of a plane come to. */
export const differenceSummary = (a, b, plane, signal) =>
  getJson(`${differenceUrl(a, b, plane)}.json`, signal);

const KEPT = 24;
const kept = new Map();

/** The bare numbers at an address: `{ width, height, channels, values }`. */
async function numbers(url) {
  const found = kept.get(url);
  if (found) {
    kept.delete(url);
    kept.set(url, found);
    return found;
  }
  const promise = get(url).then(async (response) => {
    const read = (name) => Number(response.headers.get(name));
    const buffer = await response.arrayBuffer();
    const isBytes = response.headers.get("x-kind") === "u8";
    return {
      width: read("x-width"),
      height: read("x-height"),
      channels: read("x-channels"),
      // Every machine that runs a browser is little-endian, as the numbers are.
      values: isBytes ? new Uint8Array(buffer) : new Float32Array(buffer),
    };
  });
  kept.set(url, promise);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  try {
    return await promise;
  } catch (error) {
    kept.delete(url);
    throw error;
  }
}

/** The bare numbers of a plane. */
export const planeNumbers = (row, plane) => numbers(`/data/${schema.key}/plane/${row}/${plane}.bin`);

/** The bare numbers of a difference. */
export const differenceNumbers = (a, b, plane) => numbers(`${differenceUrl(a, b, plane)}.bin`);
