// Joints and landmarks over a plane: dots where the labels say, lines along the limbs.

import { schema } from "./api.js";
import { svg } from "./dom.js";

/** What can be shown: name in the choice, columns. */
export const POINT_LISTS = [
  ["none", "none"], ["landmarks", "face landmarks"], ["joints", "joints"], ["face_net", "net over the face"],
];

const LOOKS = ["outside", "hidden", "visible"];

/** The points of a sample as a drawing as large as its planes; null where it has none. */
export function pointLayer(sample, list) {
  const label = (name) => sample.labels.find((found) => found.name === `${list}_${name}`)?.value;
  const seen = label("visibility");
  const places = label("px") ?? projected(sample, label("camera_m"));
  if (!seen || !places) return null;
  const [width, height] = sample.size;
  const at = (i) => [places[2 * i], places[2 * i + 1]];
  const limbs = list === "joints" ? schema.joint_parents : [];
  const lines = limbs.flatMap((parent, i) => {
    if (parent === null) return [];
    const [[x1, y1], [x2, y2]] = [at(i), at(parent)];
    return [svg("line", { x1, y1, x2, y2 })];
  });
  const r = Math.max(width, height) / (list === "face_net" ? 400 : 200);
  const dots = seen.map((look, i) => {
    const [cx, cy] = at(i);
    const words = `${list.replace("_", " ")} ${i}, ${LOOKS[look] ?? look}`;
    return svg("circle", { cx, cy, r, class: LOOKS[look] ?? "" }, svg("title", {}, words));
  });
  return svg("svg", { class: "points", viewBox: `0 0 ${width} ${height}`, "aria-label": `${list.replace("_", " ")} of the sample` }, ...lines, ...dots);
}

/** Film positions of places in camera space. */
function projected({ camera }, places) {
  if (!places) return null;
  const film = [];
  for (let i = 0; i + 2 < places.length; i += 3) {
    const depth = -places[i + 2];
    film.push(camera.cx + (camera.fx * places[i]) / depth, camera.cy - (camera.fy * places[i + 1]) / depth);
  }
  return film;
}
