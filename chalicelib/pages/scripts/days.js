// Business days (YYYY-MM-DD) and moments in the book's time zone, wherever the browser is.
import { TIME_ZONE } from "./config.js";

const DAY_MS = 86_400_000;
const parts = new Intl.DateTimeFormat("en-CA", {
  timeZone: TIME_ZONE,
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** The business day of a moment. */
export function dayOf(moment) {
  return wallClock(moment).slice(0, 10);
}

/** Date and time of a moment on the clocks of the book's time zone: 2026-11-23T14:05:09. */
export function wallClock(moment) {
  const read = Object.fromEntries(parts.formatToParts(moment).map(({ type, value }) => [type, value]));
  return `${read.year}-${read.month}-${read.day}T${read.hour}:${read.minute}:${read.second}`;
}

/** The moment at which the clocks of the book's time zone show this: RFC 3339, with its offset. */
export function instantOf(clock) {
  const text = clock.length === 16 ? `${clock}:00` : clock;
  const asUtc = Date.parse(`${text}Z`);
  // The offset at the moment itself differs from this one only around a change of the clocks.
  let offset = offsetMs(new Date(asUtc));
  offset = offsetMs(new Date(asUtc - offset));
  const minutes = Math.abs(offset) / 60_000;
  const two = (number) => String(number).padStart(2, "0");
  const sign = offset < 0 ? "-" : "+";
  return `${text}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The day that is `count` days after another one. */
export function addDays(day, count) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

/** How many days there are from one to another, both included. */
export function countDays(from, to) {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
}

/** The first day of a day's month. */
export function firstOfMonth(day) {
  return `${day.slice(0, 7)}-01`;
}

/** The last day of a day's month. */
export function lastOfMonth(day) {
  return addDays(addMonths(firstOfMonth(day), 1), -1);
}

/** The same day in another month, or the last one of a shorter month. */
export function addMonths(day, count) {
  const [year, month, date] = day.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + count, 1));
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, length));
  return first.toISOString().slice(0, 10);
}

/** A day in words; `style` has options of Intl.DateTimeFormat. */
export function dayText(day, locale, style = { weekday: "short", day: "2-digit", month: "2-digit" }) {
  return new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" }).format(
    Date.parse(`${day}T00:00:00Z`),
  );
}

/** Date and time of a moment, in words: seg., 23/11/2026 14:05. */
export function momentText(moment, locale) {
  const clock = wallClock(new Date(moment));
  const style = { weekday: "short", day: "2-digit", month: "2-digit", year: "numeric" };
  return `${dayText(clock.slice(0, 10), locale, style)} ${clock.slice(11, 16)}`;
}

/** The time of a moment on the clocks of the book's time zone: 14:05. */
export function timeText(moment) {
  return wallClock(new Date(moment)).slice(11, 16);
}

function offsetMs(moment) {
  const whole = Math.floor(moment.getTime() / 1000) * 1000;
  return Date.parse(`${wallClock(moment)}Z`) - whole;
}
