/** A chart over time: read by eye, by pointer, with the arrow keys, by a screen reader, or as a table. */
import { html, useId, useLayoutEffect, useRef, useState } from "../html.js";
import { Axes, Bars, Lines } from "./chart_marks.js";
import { HEIGHT, roundSteps, scale, slotTime } from "./chart_scale.js";
import { FiguresTable } from "./chart_table.js";

const MOVES = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 8, PageDown: -8 };

/** The width of an element, in pixels, as it changes. */
function useWidth(element) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watch.observe(element.current);
    return () => watch.disconnect();
  }, []);
  return width;
}

function highest(slots, series, stacked) {
  const of = (slot) => series.map(({ key }) => slot.values[key] ?? 0);
  return slots.reduce((most, slot) => {
    const values = of(slot);
    return Math.max(most, stacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values));
  }, 0);
}

/**
 * `slots`: `[{at, values: {key: number | null}}]`, the oldest first. `series`: `[{key, label, look}]`, `look` one of
 * one, two, bad, off. `kind`: "bars" (stacked counts) or "lines" (seconds). `format` says a value, `axis` a round one,
 * `summary` the whole in a sentence.
 */
export function Chart({ title, summary, slots, series, kind, format, axis = format }) {
  const box = useRef(null);
  const width = useWidth(box);
  const id = useId();
  const [at, setAt] = useState(null);
  const stacked = kind === "bars";
  const steps = roundSteps(highest(slots, series, stacked), { counts: stacked });
  const place = scale(slots.length, width, steps.at(-1));
  const shown = at == null ? null : Math.min(at, slots.length - 1);

  function onKey(event) {
    const from = shown ?? slots.length - 1;
    const to = { Home: 0, End: slots.length - 1 }[event.key] ?? (event.key in MOVES ? from + MOVES[event.key] : null);
    if (event.key === "Escape") setAt(null);
    if (to == null) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(slots.length - 1, shown == null && event.key in MOVES ? from : to)));
  }

  const said = (slot) => `${slotTime(slot.at)}: ${series.map((one) => `${format(slot.values[one.key])} ${one.label}`).join(", ")}`;
  const reading = slots[shown ?? slots.length - 1];
  return html`
    <figure class="chart">
      <figcaption>
        <span class="chart-title">${title}</span>
        <span class="legend">
          ${series.map((one) => html`<span key=${one.key}><i class=${`swatch ${one.look} ${kind}`}></i>${one.label}</span>`)}
        </span>
      </figcaption>
      <div class="plot" ref=${box}>
        <svg width=${width} height=${HEIGHT} role="img" aria-labelledby=${`${id}-title ${id}-desc`}>
          <title id=${`${id}-title`}>${title}</title>
          <desc id=${`${id}-desc`}>${summary}</desc>
          ${width > 0 &&
          html`
            <${Axes} slots=${slots} steps=${steps} width=${width} place=${place} axis=${axis} />
            <${stacked ? Bars : Lines} slots=${slots} series=${series} place=${place} />
            ${shown != null && html`<${Crosshair} slot=${slots[shown]} index=${shown} ...${{ series, place, stacked }} />`}
          `}
        </svg>
        ${slots.length > 0 &&
        html`
          <div
            class="plot-reader" tabindex="0" role="slider" aria-label=${`${title}: point in time`} aria-valuemin="0"
            aria-valuemax=${slots.length - 1} aria-valuenow=${shown ?? slots.length - 1} aria-valuetext=${said(reading)}
            onKeyDown=${onKey}
            onFocus=${(event) => event.target.matches(":focus-visible") && setAt(shown ?? slots.length - 1)}
            onBlur=${() => setAt(null)}
            onPointerMove=${(event) => setAt(place.at(event.clientX - event.currentTarget.getBoundingClientRect().left))}
            onPointerLeave=${() => setAt(null)}
          ></div>
        `}
        ${shown != null && html`<${Tip} slot=${slots[shown]} x=${place.x(shown) + place.slot / 2} ...${{ series, width, format }} />`}
      </div>
      <p class="hint">${summary}</p>
      <${FiguresTable} title=${title} slots=${slots} series=${series} format=${format} />
    </figure>
  `;
}

function Crosshair({ slot, index, series, place, stacked }) {
  const x = place.x(index) + place.slot / 2;
  return html`
    <g class="crosshair">
      <line x1=${x} x2=${x} y1=${place.y(0)} y2="0" />
      ${!stacked &&
      series.map(
        ({ key, look }) =>
          slot.values[key] != null && html`<circle key=${key} class=${`dot ${look}`} cx=${x} cy=${place.y(slot.values[key])} r="4" />`,
      )}
    </g>
  `;
}

function Tip({ slot, x, series, width, format }) {
  const side = x > width / 2 ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` };
  return html`
    <div class="tip" style=${side} aria-hidden="true">
      <strong>${slotTime(slot.at)}</strong>
      ${series.map((one) => html`<span key=${one.key}>
        <i class=${`swatch ${one.look}`}></i>${one.label}<b>${format(slot.values[one.key])}</b></span>`)}
    </div>
  `;
}
