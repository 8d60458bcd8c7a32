// @ts-check
/** Paints the timeline onto its canvas: only what the window shows. */
import { color } from "../charts/colors.js";
import { clean, cut } from "../text.js";
import { date, duration, time } from "../format.js";
import { ticks, toAxis } from "./axis.js";
import { ROW, waitOf } from "./lanes.js";
import { toolKind } from "./kinds.js";

/** @typedef {import("./lanes.js").Model} Model */
/** @typedef {import("./lanes.js").Placed} Placed */
/** @typedef {import("../types.js").Mark} Mark */
/** @typedef {{model: Model, axis: import("./axis.js").Axis, view: {from: number, to: number}, width: number, height: number, scroll: number,
 *   marks: Mark[], chosen: string|null}} Scene */

export const AXIS = 28;
const FONT = "12px system-ui, sans-serif";

/** @param {Scene} scene @param {number} at real time */
export const xOf = (scene, at) => ((toAxis(scene.axis, at) - scene.view.from) / (scene.view.to - scene.view.from)) * scene.width;

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 */
export function draw(ctx, scene) {
  const { width, height } = scene;
  ctx.clearRect(0, 0, width, height);
  ctx.fillStyle = color("surface");
  ctx.fillRect(0, 0, width, height);
  ctx.font = FONT;
  ctx.textBaseline = "middle";
  ctx.save();
  ctx.translate(0, AXIS - scene.scroll);
  background(ctx, scene);
  for (const lane of scene.model.lanes) {
    if (lane.y + lane.height < scene.scroll - AXIS || lane.y > scene.scroll + height) continue;
    if (lane.run) running(ctx, scene, lane);
    for (const call of lane.calls) paint(ctx, scene, call, lane.y);
  }
  ctx.restore();
  head(ctx, scene);
}

/** @param {CanvasRenderingContext2D} ctx @param {Scene} scene */
function background(ctx, scene) {
  const { model, axis, view, width } = scene;
  const main = model.lanes[0];
  ctx.fillStyle = color("turn");
  for (const [from, to] of model.turns) {
    const x = xOf(scene, from);
    ctx.fillRect(x, 0, Math.max(1, xOf(scene, to) - x), main?.height ?? 0);
  }
  ctx.fillStyle = color("line");
  for (const tick of ticksOf(scene)) ctx.fillRect(Math.round(((tick.at - view.from) / (view.to - view.from)) * width), 0, 1, model.height);
  for (const lane of model.lanes) ctx.fillRect(0, lane.y + lane.height - 1, width, 1);
  for (const part of axis.segments) {
    if (!part.folded || part.at + part.width < view.from || part.at > view.to) continue;
    const x = ((part.at - view.from) / (view.to - view.from)) * width;
    const wide = (part.width / (view.to - view.from)) * width;
    ctx.fillStyle = color("sunken");
    ctx.fillRect(x, 0, wide, model.height);
    zigzag(ctx, x, model.height);
    zigzag(ctx, x + wide, model.height);
  }
}

/** @param {Scene} scene */
const ticksOf = ({ axis, view, width, model }) => ticks(axis, view, width, 84, -new Date(model.from / 1000).getTimezoneOffset() * 60_000_000);

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} height */
function zigzag(ctx, x, height) {
  ctx.strokeStyle = color("line-strong");
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let y = 0, side = 0; y <= height; y += 4, side = 1 - side) ctx.lineTo(x + (side ? 2 : -2), y);
  ctx.stroke();
}

/** @param {CanvasRenderingContext2D} ctx @param {Scene} scene @param {import("./lanes.js").Lane} lane */
function running(ctx, scene, lane) {
  const x = xOf(scene, lane.from);
  const end = xOf(scene, lane.to);
  if (end < 0 || x > scene.width) return;
  ctx.fillStyle = color("turn");
  ctx.fillRect(x, lane.y, Math.max(2, end - x), lane.height - 1);
  ctx.fillStyle = color("kind-agent");
  ctx.fillRect(x, lane.y, 2, lane.height - 1);
}

/** @param {CanvasRenderingContext2D} ctx @param {Scene} scene @param {Placed} call @param {number} top */
function paint(ctx, scene, call, top) {
  const { span } = call;
  const x = xOf(scene, call.from);
  if (x > scene.width) return;
  const end = xOf(scene, call.to);
  if (end < -3) return;
  const y = top + 5 + call.row * ROW + 1;
  const wide = Math.max(2.5, end - x - 1);
  const tall = ROW - 3;
  const failed = span.status === "failed";
  const weak = span.status === "interrupted" || span.status === "lost";
  ctx.fillStyle = failed ? color("failed") : weak ? color("unknown") : color(`kind-${toolKind(span.tool_name)}`);
  ctx.globalAlpha = weak ? 0.55 : 1;
  box(ctx, x, y, wide, tall);
  ctx.globalAlpha = 1;
  const wait = waitOf(call);
  if (wait) waiting(ctx, scene, wait, y, tall);
  if (span.status === "open") {
    ctx.fillStyle = color("surface");
    for (let gap = end - 3; gap > Math.max(x + 3, end - 14); gap -= 4) ctx.fillRect(gap, y, 1.5, tall);
  }
  if (wide > 26) label(ctx, span, Math.max(x, 0), y, Math.min(end, scene.width) - Math.max(x, 0), wait !== null || weak);
  if (scene.chosen === span.tool_use_id) {
    ctx.strokeStyle = color("text");
    ctx.lineWidth = 2;
    ctx.strokeRect(x - 1.5, y - 1.5, wide + 3, tall + 3);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} wide @param {number} tall */
function box(ctx, x, y, wide, tall) {
  if (wide < 6) {
    ctx.fillRect(x, y, wide, tall);
    return;
  }
  ctx.beginPath();
  ctx.roundRect(x, y, wide, tall, 3);
  ctx.fill();
}

/** @param {CanvasRenderingContext2D} ctx @param {Scene} scene @param {[number, number]} wait @param {number} y @param {number} tall */
function waiting(ctx, scene, wait, y, tall) {
  const x = xOf(scene, wait[0]);
  const wide = Math.max(2, xOf(scene, wait[1]) - x);
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, wide, tall);
  ctx.clip();
  ctx.fillStyle = color("waiting-soft");
  ctx.fillRect(x, y, wide, tall);
  ctx.strokeStyle = color("waiting");
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  const first = Math.max(x, -20) - tall;
  for (let at = first - (first % 6); at < Math.min(x + wide, scene.width + 20); at += 6) {
    ctx.moveTo(at, y + tall);
    ctx.lineTo(at + tall, y);
  }
  ctx.stroke();
  ctx.strokeRect(x, y, wide, tall);
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {import("../types.js").Span} span @param {number} x @param {number} y @param {number} wide @param {boolean} mixed */
function label(ctx, span, x, y, wide, mixed) {
  const sign = span.status === "failed" ? "✕ " : span.status === "denied" ? "⊘ " : "";
  const text = cut(sign + clean(span.tool_name) + (wide > 120 && span.summary ? `  ${clean(span.summary)}` : ""), Math.floor((wide - 8) / 6.4));
  if (text.length < 2) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, wide - 3, ROW);
  ctx.clip();
  if (mixed) {
    ctx.fillStyle = color("surface");
    ctx.fillRect(x + 2, y + 1, Math.min(wide, ctx.measureText(text).width + 6), ROW - 5);
  }
  ctx.fillStyle = mixed ? color("text") : color("on-kind");
  ctx.fillText(text, x + 5, y + (ROW - 3) / 2 + 0.5);
  ctx.restore();
}

/** The clock on top with the marks. @param {CanvasRenderingContext2D} ctx @param {Scene} scene */
function head(ctx, scene) {
  const { axis, view, width } = scene;
  ctx.fillStyle = color("surface");
  ctx.fillRect(0, 0, width, AXIS);
  ctx.textAlign = "center";
  const folds = axis.segments.filter((part) => part.folded && part.at + part.width >= view.from && part.at <= view.to).map((part) => foldLabel(ctx, scene, part));
  for (const tick of ticksOf(scene)) {
    const x = ((tick.at - view.from) / (view.to - view.from)) * width;
    ctx.fillStyle = color("line");
    ctx.fillRect(Math.round(x), AXIS - 6, 1, 6);
    ctx.fillStyle = color("muted");
    const covered = folds.some((fold) => Math.abs(fold.x - x) < fold.wide / 2 + 34);
    if (x > 26 && x < width - 26 && !covered) ctx.fillText(tickText(tick), x, 10);
  }
  for (const fold of folds) {
    ctx.fillStyle = color("sunken");
    box(ctx, fold.x - fold.wide / 2, 1, fold.wide, 18);
    ctx.fillStyle = color("muted");
    ctx.fillText(fold.text, fold.x, 10);
  }
  ctx.textAlign = "left";
  ctx.fillStyle = color("line");
  ctx.fillRect(0, AXIS - 1, width, 1);
  const prompts = scene.marks.filter((mark) => mark.kind === "prompt");
  const near = prompts.filter((mark) => { const x = xOf(scene, mark.at); return x >= 0 && x <= width; }).length;
  // Lines that stand closer than 24 px say nothing and cover the calls.
  const lines = near * 24 < width;
  for (const mark of scene.marks) drawMark(ctx, scene, mark, lines);
}

/** How long a folded gap is, and where that stands. @param {CanvasRenderingContext2D} ctx @param {Scene} scene @param {import("./axis.js").Segment} part */
function foldLabel(ctx, { view, width }, part) {
  const text = `idle ${duration(part.to - part.from)}`;
  const wide = ctx.measureText(text).width + 12;
  const middle = ((part.at + part.width / 2 - view.from) / (view.to - view.from)) * width;
  return { text, wide, x: Math.max(wide / 2 + 1, Math.min(width - wide / 2 - 1, middle)) };
}

/** @param {{time: number, step: number}} tick */
function tickText({ time: at, step }) {
  if (step >= 86_400e6) return date(at).slice(5);
  if (step >= 60e6) return time(at);
  return step >= 1e6 ? time(at, true) : `${time(at, true)}.${String(Math.floor((at % 1e6) / 1000)).padStart(3, "0")}`;
}

const SHAPES = /** @type {Record<string, [string, string]>} */ ({
  prompt: ["down", "accent"], task_notification: ["down", "kind-agent"], stop: ["bar", "ok"], stop_failure: ["cross", "failed"], session_start: ["bar", "unknown"],
  session_end: ["square", "unknown"], compact: ["diamond", "claude"], model_switch: ["diamond", "accent"], notification: ["round", "waiting"],
});

/** @param {CanvasRenderingContext2D} ctx @param {Scene} scene @param {Mark} mark @param {boolean} line */
function drawMark(ctx, scene, mark, line) {
  const x = xOf(scene, mark.at);
  if (x < -8 || x > scene.width + 8) return;
  const [shape, role] = (Object.hasOwn(SHAPES, mark.kind) ? SHAPES[mark.kind] : undefined) ?? ["round", "unknown"];
  const y = AXIS - 6;
  ctx.fillStyle = color(role);
  ctx.strokeStyle = color(role);
  ctx.lineWidth = 2;
  ctx.beginPath();
  if (shape === "down") {
    ctx.moveTo(x - 5, y - 4);
    ctx.lineTo(x + 5, y - 4);
    ctx.lineTo(x, y + 5);
  } else if (shape === "diamond") {
    ctx.moveTo(x, y - 5);
    ctx.lineTo(x + 5, y);
    ctx.lineTo(x, y + 5);
    ctx.lineTo(x - 5, y);
  } else if (shape === "bar") ctx.rect(x - 1, y - 5, 2, 10);
  else if (shape === "square") ctx.rect(x - 3.5, y - 3.5, 7, 7);
  else if (shape === "cross") {
    ctx.moveTo(x - 4, y - 4);
    ctx.lineTo(x + 4, y + 4);
    ctx.moveTo(x + 4, y - 4);
    ctx.lineTo(x - 4, y + 4);
    ctx.stroke();
  } else ctx.arc(x, y, 4, 0, 7);
  ctx.fill();
  if (line && mark.kind === "prompt") {
    ctx.globalAlpha = 0.35;
    ctx.fillRect(x - 0.5, AXIS, 1, scene.height);
    ctx.globalAlpha = 1;
  }
  if (scene.chosen === mark.event_id) {
    ctx.strokeStyle = color("text");
    ctx.strokeRect(x - 7, y - 7, 14, 14);
  }
}
