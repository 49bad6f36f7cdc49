/** What a chart draws: its axes, stacked bars, lines with gaps where nothing is known. */
import { html } from "../html.js";
import { HEIGHT, timeMarks, MARGIN } from "./chart_scale.js";

/** Lines at the round steps with what they stand for, and the times below. */
export function Axes({ slots, steps, width, place, axis }) {
  return html`
    <g class="axes">
      ${steps.map(
        (step) => html`
          <line key=${`line-${step}`} x1=${MARGIN.left} x2=${width - MARGIN.right} y1=${place.y(step)} y2=${place.y(step)} />
          <text key=${step} x=${MARGIN.left - 8} y=${place.y(step) + 4} text-anchor="end">${axis(step)}</text>
        `,
      )}
      ${timeMarks(slots, width).map(
        ({ index, text }) => html`<text key=${index} x=${place.x(index)} y=${HEIGHT - 6} text-anchor="middle">${text}</text>`,
      )}
    </g>
  `;
}

/** For each slot the values of all series on top of each other. */
export function Bars({ slots, series, place }) {
  const gap = place.slot > 4 ? 1 : 0;
  return slots.map((slot, index) => {
    let below = 0;
    return series.map(({ key, look }) => {
      const value = slot.values[key] ?? 0;
      const [low, high] = [place.y(below), place.y(below + value)];
      below += value;
      if (!value) return null;
      return html`
        <rect key=${`${index}-${key}`} class=${`fill ${look}`} x=${place.x(index) + gap / 2} y=${high}
          width=${place.slot - gap} height=${Math.max(1, low - high)} />
      `;
    });
  });
}

/** A line per series; a slot of which nothing is known breaks it, one alone between two such slots is a dot. */
export function Lines({ slots, series, place }) {
  return series.map(({ key, look }) => {
    let pen = "M";
    const path = slots
      .map((slot, index) => {
        const value = slot.values[key];
        if (value == null) {
          pen = "M";
          return "";
        }
        const step = `${pen}${(place.x(index) + place.slot / 2).toFixed(1)} ${place.y(value).toFixed(1)}${pen === "M" ? "h0" : ""}`;
        pen = "L";
        return step;
      })
      .join("");
    return path && html`<path key=${key} class=${`line ${look}`} d=${path} />`;
  });
}
