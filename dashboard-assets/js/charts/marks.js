// @ts-check
/** Upright lines with a word each, drawn over a chart of bars: where something begins. */
import { color } from "./colors.js";

/** @typedef {{at: number, label: string, dashed?: boolean}} Mark `at` counts bars; a half lies between two */

/** @param {() => Mark[]} marks */
export const uprights = (marks) => ({
  id: "uprights",
  /** @param {any} chart */
  afterDatasetsDraw({ ctx, chartArea, scales: { x } }) {
    ctx.save();
    ctx.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    marks().forEach(({ at, label, dashed }, row) => {
      const place = Math.max(chartArea.left, Math.min(chartArea.right, x.getPixelForValue(at)));
      ctx.strokeStyle = color(dashed ? "accent" : "text");
      ctx.fillStyle = ctx.strokeStyle;
      ctx.setLineDash(dashed ? [4, 3] : []);
      ctx.beginPath();
      ctx.moveTo(place, chartArea.top);
      ctx.lineTo(place, chartArea.bottom);
      ctx.stroke();
      // The words lie on the side that has room for them.
      const isRight = place + 8 + ctx.measureText(label).width > chartArea.right;
      ctx.textAlign = isRight ? "right" : "left";
      ctx.fillText(label, place + (isRight ? -6 : 6), chartArea.top + 12 + row * 16);
    });
    ctx.restore();
  },
});
