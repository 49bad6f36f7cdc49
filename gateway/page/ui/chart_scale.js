/** Where things stand in a chart: round steps of the upright axis, times of the level one. */

export const HEIGHT = 210;
export const MARGIN = { top: 12, right: 8, bottom: 26, left: 52 };
const STEPS = [1, 2, 2.5, 5, 10];
const TIMES_S = [10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800];
const MINUTE_MS = 60_000;
const MARKS_MIN = [10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880];
const LABEL_PX = 58;

/** Values from 0 to `most` or a little above, three to six of them, at round numbers; whole ones for counts. */
export function roundSteps(most, { counts }) {
  const wanted = Math.max(most / 4, counts ? 1 : 1e-3);
  const size = 10 ** Math.floor(Math.log10(wanted));
  const decimal = STEPS.map((step) => step * size).filter((step) => !counts || Number.isInteger(step));
  // Seconds are counted in tens, minutes in sixties: 50, 100, 150 s would be read by nobody.
  const step = (counts || wanted < 10 ? decimal : TIMES_S).find((one) => one >= wanted * 0.999) ?? wanted;
  return Array.from({ length: Math.max(2, Math.ceil(most / step) + 1) }, (_, index) => index * step);
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

/** The slots that are labelled with their time, as many as do not touch: `[{index, text}]`. */
export function timeMarks(slots, width) {
  if (slots.length < 2) return [];
  const all_min = (Date.parse(slots.at(-1).at) - Date.parse(slots[0].at)) / MINUTE_MS;
  const room = Math.max(2, Math.floor((width - MARGIN.left) / LABEL_PX));
  const every_min = MARKS_MIN.find((each) => all_min / each <= room) ?? MARKS_MIN.at(-1);
  // Counted in the reader's own time: midnight is theirs.
  const turn = ({ at }) => Math.floor((Date.parse(at) / MINUTE_MS - new Date(at).getTimezoneOffset()) / every_min);
  const first = (slot, index) => index > 0 && turn(slot) !== turn(slots[index - 1]);
  return slots.flatMap((slot, index) => (first(slot, index) ? [{ index, text: short(slot.at, every_min) }] : []));
}

function short(at, every_min) {
  if (every_min < 60) return clock(at);
  const parts = every_min < 1440 ? { hour: "numeric" } : { weekday: "short" };
  return new Date(at).toLocaleString(undefined, parts);
}

/** "22 Nov 2026, 14:15" in the reader's own way. */
export function slotTime(at) {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** "14:15" in the reader's own way. */
export function clock(at) {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
