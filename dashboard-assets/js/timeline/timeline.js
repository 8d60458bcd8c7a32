// @ts-check
/** The timeline of a session: canvas, names of lanes, zoom by wheel, keys and drag, choice by click and arrows. */
import { el, foreign, remake } from "../dom.js";
import { icon, stateIcon } from "../icons.js";
import { onTheme } from "../charts/colors.js";
import { clean, cut } from "../text.js";
import { duration, exact } from "../format.js";
import { buildAxis, clampView, toAxis, zoom } from "./axis.js";
import { buildModel } from "./lanes.js";
import { AXIS, draw, xOf } from "./draw.js";
import { hit } from "./hit.js";
import { markWord } from "./kinds.js";

/** @typedef {import("../types.js").Span} Span */
/** @typedef {import("../types.js").Mark} Mark */
/** @typedef {{span: Span}|{mark: Mark}} Chosen */

/** @param {(chosen: Chosen|null) => void} onchoose */
export function timeline(onchoose) {
  const canvas = el("canvas", { tabindex: "0", role: "application", "aria-roledescription": "timeline", "aria-label": "Timeline of the session. Arrow keys go from call to call, plus and minus zoom, 0 shows all. The list view has the same facts." });
  const names = el("div", { class: "names" });
  const area = el("div", { class: "area" }, names, canvas);
  const node = el("div", { class: "timeline" }, area);
  const tip = el("div", { class: "tip", hidden: true });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {import("./draw.js").Scene|null} */
  let scene = null;
  /** @type {Span[]} */
  let ordered = [];
  let whole = true;
  let frame = 0;

  const paint = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (scene) draw(ctx, scene);
    });
  };
  const size = () => {
    if (!scene) return;
    const width = Math.max(80, area.clientWidth - names.offsetWidth);
    const height = Math.min(scene.model.height + AXIS, Math.max(120, Math.min(innerHeight * 0.64, 720)));
    const ratio = Math.min(devicePixelRatio || 1, 2);
    Object.assign(scene, { width, height });
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    area.style.height = `${scene.model.height + AXIS}px`;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint();
  };
  /** @param {{from: number, to: number}} view */
  const look = (view) => {
    if (!scene) return;
    scene.view = view;
    whole = view.to - view.from >= scene.axis.length * 0.9999;
    paint();
  };
  const at = (/** @type {number} */ x) => (scene ? scene.view.from + (x / scene.width) * (scene.view.to - scene.view.from) : 0);
  const zoomBy = (/** @type {number} */ factor, /** @type {number} */ x = middle()) => scene && look(zoom(scene.axis, scene.view, at(x), factor));
  /** Where keys zoom: at the chosen call if it is in the window, else in the middle. */
  const middle = () => {
    if (!scene) return 0;
    const span = ordered.find((one) => one.tool_use_id === scene?.chosen);
    const x = span ? xOf(scene, span.started_at) : -1;
    return x >= 0 && x <= scene.width ? x : scene.width / 2;
  };
  const pan = (/** @type {number} */ pixels) => {
    if (!scene) return;
    const by = (pixels / scene.width) * (scene.view.to - scene.view.from);
    look(clampView(scene.axis, { from: scene.view.from + by, to: scene.view.to + by }));
  };

  canvas.addEventListener("wheel", (event) => {
    if (!scene || event.ctrlKey) return;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
      if (whole) return;
      event.preventDefault();
      pan(event.deltaX || event.deltaY);
      return;
    }
    // Fully zoomed out, the wheel scrolls the page as it does elsewhere.
    if (whole && event.deltaY > 0) return;
    event.preventDefault();
    zoomBy(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.004), event.offsetX);
  }, { passive: false });

  /** @type {{x: number, moved: boolean}|null} */
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button === 0) drag = { x: event.offsetX, moved: false };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!scene) return;
    if (drag && event.buttons === 1) {
      const by = drag.x - event.offsetX;
      if (!drag.moved && Math.abs(by) < 4) return;
      if (!drag.moved) canvas.setPointerCapture(event.pointerId);
      drag = { x: event.offsetX, moved: true };
      canvas.classList.add("drag");
      pan(by);
      return;
    }
    const found = hit(scene, event.offsetX, event.offsetY);
    canvas.classList.toggle("over", found !== null);
    showTip(found, event);
  });
  canvas.addEventListener("pointerup", (event) => {
    canvas.classList.remove("drag");
    const moved = drag?.moved;
    drag = null;
    if (scene && !moved) choose(hit(scene, event.offsetX, event.offsetY));
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("dblclick", (event) => {
    const found = scene && hit(scene, event.offsetX, event.offsetY);
    if (scene && found && "span" in found) {
      const from = toAxis(scene.axis, found.span.started_at);
      const to = toAxis(scene.axis, found.span.ended_at ?? scene.model.to);
      const pad = Math.max(500, (to - from) * 0.3);
      look(clampView(scene.axis, { from: from - pad, to: to + pad }));
    } else zoomBy(0.4, event.offsetX);
  });
  node.addEventListener("scroll", () => {
    if (scene) scene.scroll = node.scrollTop;
    paint();
  });

  /** @param {Chosen|null} found @param {PointerEvent} event */
  function showTip(found, event) {
    tip.hidden = found === null;
    if (!found) return;
    remake(tip, found, () => ("span" in found
      ? [el("b", null, foreign(found.span.tool_name), ` · ${found.span.status}`), foreign(cut(clean(found.span.summary), 160)), el("div", { class: "muted" }, length(found.span), " · ", exact(found.span.started_at).slice(11, 19))]
      : [el("b", null, markWord(found.mark.kind)), foreign(cut(clean(found.mark.text), 160)), el("div", { class: "muted" }, exact(found.mark.at).slice(11, 19))]));
    tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 12)}px`;
    tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 12)}px`;
  }

  /** @param {Chosen|null} found */
  function choose(found) {
    mark(found);
    onchoose(found);
  }
  /** @param {Chosen|null} found */
  function mark(found) {
    if (!scene) return;
    scene.chosen = found === null ? null : "span" in found ? found.span.tool_use_id : found.mark.event_id;
    paint();
  }
  /** @param {number} by */
  function step(by) {
    if (!scene || ordered.length === 0) return;
    const here = ordered.findIndex((span) => span.tool_use_id === scene?.chosen);
    const span = ordered[here < 0 ? (by > 0 ? 0 : ordered.length - 1) : Math.max(0, Math.min(ordered.length - 1, here + by))];
    if (!span) return;
    const place = toAxis(scene.axis, span.started_at);
    const wide = scene.view.to - scene.view.from;
    if (place < scene.view.from || place > scene.view.to) look(clampView(scene.axis, { from: place - wide / 2, to: place + wide / 2 }));
    const lane = scene.model.lanes.find((one) => one.key === (span.agent_id ?? ""));
    if (lane && (lane.y < node.scrollTop || lane.y + lane.height > node.scrollTop + scene.height - AXIS)) node.scrollTop = Math.max(0, lane.y - 40);
    choose({ span });
  }

  /** @param {string} key @returns {boolean} */
  function key(key) {
    if (!scene || node.offsetParent === null) return false;
    if (key === "+" || key === "=") zoomBy(0.6);
    else if (key === "-" || key === "_") zoomBy(1 / 0.6);
    else if (key === "0") look({ from: 0, to: scene.axis.length });
    else if (key === "ArrowRight") step(1);
    else if (key === "ArrowLeft") step(-1);
    else if (key === "[" || key === "]") pan(key === "]" ? 120 : -120);
    else return false;
    return true;
  }

  const off = onTheme(paint);
  const watch = new ResizeObserver(size);
  watch.observe(node);
  document.body.append(tip);

  return {
    node,
    key,
    mark,
    zoom: zoomBy,
    fit: () => scene && look({ from: 0, to: scene.axis.length }),
    /** @param {import("../types.js").SessionDetail} detail */
    update(detail) {
      const model = buildModel(detail);
      const axis = buildAxis(model.busy, model.from, model.to);
      const view = scene && !whole ? clampView(axis, scene.view) : { from: 0, to: axis.length };
      scene = { model, axis, view, width: scene?.width ?? 600, height: scene?.height ?? 200, scroll: node.scrollTop, marks: detail.marks, chosen: scene?.chosen ?? null };
      ordered = detail.spans;
      remake(names, model.lanes.map((lane) => [lane.key, lane.y, lane.height, lane.run?.status]), () => model.lanes.map(laneName));
      size();
    },
    destroy() {
      cancelAnimationFrame(frame);
      watch.disconnect();
      off();
      tip.remove();
    },
  };
}

/** @param {import("./lanes.js").Lane} lane */
function laneName(lane) {
  const { run } = lane;
  const node = el("div", { class: `lane d${lane.depth}` }, run ? icon(stateIcon(run.status)) : null, run ? el("b", { class: "cut", title: `${clean(run.agent_type)}: ${clean(run.description)} (${run.mode}, ${run.status})` }, foreign(run.agent_type)) : el("b", null, lane.key === "" ? "Main" : "Agent"), run?.description ? foreign(run.description, "cut muted") : null);
  node.style.top = `${AXIS + lane.y}px`;
  node.style.height = `${lane.height}px`;
  return node;
}

/** @param {Span} span */
const length = (span) => (span.ended_at === null ? "still running" : duration(span.ended_at - span.started_at));
