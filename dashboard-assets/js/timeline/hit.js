// @ts-check
/** What lies under a point of the timeline. */
import { AXIS, xOf } from "./draw.js";
import { ROW } from "./lanes.js";

/**
 * @param {import("./draw.js").Scene} scene
 * @param {number} x
 * @param {number} y
 * @returns {{span: import("../types.js").Span}|{mark: import("../types.js").Mark}|null}
 */
export function hit(scene, x, y) {
  if (y < AXIS) return markAt(scene, x);
  const inside = y - AXIS + scene.scroll;
  const lane = scene.model.lanes.find((one) => inside >= one.y && inside < one.y + one.height);
  if (!lane) return null;
  const row = Math.floor((inside - lane.y - 5) / ROW);
  let best = null;
  let nearest = 4;
  for (const call of lane.calls) {
    if (call.row !== row) continue;
    const from = xOf(scene, call.from);
    const to = Math.max(from + 2.5, xOf(scene, call.to));
    const away = x < from ? from - x : x > to ? x - to : 0;
    if (away < nearest) {
      nearest = away;
      best = call.span;
    }
  }
  return best ? { span: best } : null;
}

/** @param {import("./draw.js").Scene} scene @param {number} x */
function markAt(scene, x) {
  let best = null;
  let nearest = 8;
  for (const mark of scene.marks) {
    const away = Math.abs(xOf(scene, mark.at) - x);
    if (away < nearest) {
      nearest = away;
      best = mark;
    }
  }
  return best ? { mark: best } : null;
}
