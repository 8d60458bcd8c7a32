// @ts-check
/**
 * The horizontal axis: real time with the idle gaps folded. Pure.
 *
 * Positions on it ("axis time") are microseconds too, only that a folded gap takes a small fixed width.
 */

/** @typedef {{from: number, to: number, at: number, width: number, folded: boolean}} Segment */
/** @typedef {{segments: Segment[], length: number}} Axis */

const LEAST_GAP = 120_000_000;

/**
 * Joins overlapping intervals.
 * @param {[number, number][]} intervals
 * @returns {[number, number][]}
 */
export function union(intervals) {
  /** @type {[number, number][]} */
  const joined = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, Math.max(from, to)]);
  }
  return joined;
}

/**
 * An axis over all busy times. Gaps longer than two minutes and than a tenth of the busy time are folded to a fiftieth of it.
 * @param {[number, number][]} busy
 * @param {number} from
 * @param {number} to
 * @returns {Axis}
 */
export function buildAxis(busy, from, to) {
  const times = union(busy.map(([a, b]) => /** @type {[number, number]} */ ([Math.max(from, Math.min(to, a)), Math.max(from, Math.min(to, b))])));
  const worked = Math.max(1, times.reduce((sum, [a, b]) => sum + (b - a), 0));
  const limit = Math.max(LEAST_GAP, worked * 0.1);
  const fold = Math.max(1_000_000, worked * 0.02);
  const pad = Math.min(limit / 4, worked * 0.01);
  /** @type {Segment[]} */
  const segments = [];
  let at = 0;
  const put = (/** @type {number} */ a, /** @type {number} */ b, /** @type {boolean} */ folded) => {
    if (b <= a) return;
    const width = folded ? fold : b - a;
    segments.push({ from: a, to: b, at, width, folded });
    at += width;
  };
  let open = from;
  const gap = (/** @type {number} */ a, /** @type {number} */ b, /** @type {boolean} */ edge) => {
    if (b - a <= limit) return;
    put(open, edge ? a : a + pad, false);
    put(edge ? a : a + pad, b - pad, true);
    open = b - pad;
  };
  let end = from;
  for (const [a, b] of times) {
    gap(end, a, end === from);
    end = b;
  }
  gap(end, to, false);
  put(open, Math.max(to, open + 1), false);
  return { segments, length: at };
}

/**
 * The last segment whose start, by `key`, is not behind `value`.
 * @param {Segment[]} segments
 * @param {"from"|"at"} key
 * @param {number} value
 */
function find(segments, key, value) {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (/** @type {Segment} */ (segments[middle])[key] <= value) low = middle;
    else high = middle - 1;
  }
  return /** @type {Segment} */ (segments[low]);
}

/** @param {Axis} axis @param {number} time */
export function toAxis(axis, time) {
  const part = find(axis.segments, "from", time);
  const inside = Math.max(0, Math.min(1, (time - part.from) / (part.to - part.from)));
  return part.at + inside * part.width;
}

/** @param {Axis} axis @param {number} at */
export function toTime(axis, at) {
  const part = find(axis.segments, "at", at);
  const inside = Math.max(0, Math.min(1, (at - part.at) / part.width));
  return part.from + inside * (part.to - part.from);
}

const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];

/**
 * Ticks at round clock times within a window of the axis, at least `apart` pixels from each other; none inside folds.
 * @param {Axis} axis
 * @param {{from: number, to: number}} view window in axis time
 * @param {number} width pixels
 * @param {number} apart pixels
 * @param {number} offset_us of the local clock, so that days begin at midnight
 * @returns {{time: number, at: number, step: number}[]}
 */
export function ticks(axis, view, width, apart, offset_us) {
  const least = ((view.to - view.from) / width) * apart;
  const step = (STEPS.find((seconds) => seconds * 1e6 >= least) ?? 2_592_000) * 1e6;
  const found = [];
  let last = -Infinity;
  for (const part of axis.segments) {
    if (part.folded || part.at + part.width < view.from || part.at > view.to) continue;
    const from = Math.max(part.from, part.from + (view.from - part.at));
    const to = Math.min(part.to, part.from + (view.to - part.at));
    for (let time = Math.ceil((from + offset_us) / step) * step - offset_us; time <= to && found.length < 200; time += step) {
      const at = part.at + (time - part.from);
      if (at - last < least * 0.98) continue;
      found.push({ time, at, step });
      last = at;
    }
  }
  return found;
}

/**
 * A window after zooming by `factor` around `center`, kept inside the axis.
 * @param {Axis} axis
 * @param {{from: number, to: number}} view
 * @param {number} center axis time
 * @param {number} factor below 1 shows less
 */
export function zoom(axis, view, center, factor) {
  const least = Math.min(axis.length, 1000);
  const size = Math.max(least, Math.min(axis.length, (view.to - view.from) * factor));
  const share = (center - view.from) / (view.to - view.from || 1);
  return clampView(axis, { from: center - share * size, to: center - share * size + size });
}

/** @param {Axis} axis @param {{from: number, to: number}} view */
export function clampView(axis, view) {
  const size = Math.min(axis.length, view.to - view.from);
  const from = Math.max(0, Math.min(axis.length - size, view.from));
  return { from, to: from + size };
}
