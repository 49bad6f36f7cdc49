/** Where things stand in a chart: round steps of the upper axis, hours of the lower one. */

export const HEIGHT = 210;
export const MARGIN = { top: 12, right: 8, bottom: 26, left: 52 };
const STEPS = [1, 2, 2.5, 5, 10];
const HOUR_MS = 3_600_000;

/** Values from 0 to `most` or a little above, three to five of them, at round numbers; whole ones where `whole`. */
export function roundSteps(most, whole) {
  const wanted = Math.max(most, whole ? 4 : 1e-3) / 4;
  const size = 10 ** Math.floor(Math.log10(wanted));
  const found = STEPS.map((step) => step * size).find((step) => step >= wanted * 0.999 && (!whole || Number.isInteger(step)));
  const step = found ?? Math.ceil(wanted);
  return Array.from({ length: Math.max(2, Math.ceil((most || step) / step) + 1) }, (_, index) => index * step);
}

/** The positions of slots: `x(index)` is the left edge of one, `y(value)` a height, `at(x)` the slot under a point. */
export function scale(count, width, top) {
  const { left, right, bottom } = MARGIN;
  const slot = Math.max(1, width - left - right) / Math.max(1, count);
  return {
    slot,
    x: (index) => left + index * slot,
    y: (value) => MARGIN.top + (HEIGHT - MARGIN.top - bottom) * (1 - value / top),
    at: (x) => Math.max(0, Math.min(count - 1, Math.floor((x - left) / slot))),
  };
}

/** Which slots begin a labelled hour, so that labels do not touch: `[{index, text}]`. */
export function hourMarks(slots, width) {
  const room = Math.max(2, Math.floor((width - MARGIN.left) / 64));
  const hours = slots.length ? (Date.parse(slots.at(-1).at) - Date.parse(slots[0].at)) / HOUR_MS : 0;
  const every = [1, 2, 3, 4, 6, 12, 24, 48, 168].find((step) => hours / step <= room) ?? 168;
  const marks = [];
  for (const [index, { at }] of slots.entries()) {
    const moment = new Date(at);
    const fits = every < 24 ? moment.getHours() % every === 0 : moment.getHours() === 0;
    const begins = !index || new Date(slots[index - 1].at).getHours() !== moment.getHours();
    const far = !marks.length || (Date.parse(at) - Date.parse(slots[marks.at(-1).index].at)) / HOUR_MS >= every * 0.9;
    if (fits && begins && far) marks.push({ index, text: clock(at) });
  }
  return marks;
}

/** "14:15" in the reader's own way. */
export function clock(at) {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
