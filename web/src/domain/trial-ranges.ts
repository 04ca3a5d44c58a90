/** Trials that are looked at: those whose values lie within what was chosen on the axes; how that stands in an address. */

import type { Axis, Trial, Value } from "./trials";

/** Of numbers a stretch, either end of which may be open; of words those that are meant. */
export type Range = { min: number | null; max: number | null } | { words: string[] };

/** Who drags to the end of an axis means all that is there. */
const NEAR_END = 0.03;

/** By the name of an axis. */
export type Ranges = Readonly<Record<string, Range>>;

export function isInside(trial: Trial, axes: readonly Axis[], ranges: Ranges): boolean {
  return axes.every((axis) => {
    const range = ranges[axis.name];
    return range === undefined || has(range, axis.read(trial));
  });
}

function has(range: Range, value: Value | null): boolean {
  if (value === null) {
    return false;
  }
  if ("words" in range) {
    return range.words.includes(String(value));
  }
  return (
    typeof value === "number" &&
    (range.min === null || value >= range.min) &&
    (range.max === null || value <= range.max)
  );
}

/** What a stretch of an axis means, from the share of its lower end to that of its upper one. Null: nothing. */
export function rangeOf(axis: Axis, low: number, high: number): Range | null {
  if (axis.words === null) {
    return {
      min: low < NEAR_END ? null : rounded(axis.valueAt(low)),
      max: high > 1 - NEAR_END ? null : rounded(axis.valueAt(high)),
    };
  }
  const words = axis.ticks.filter((tick) => tick.share >= low && tick.share <= high).map((tick) => tick.text);
  return words.length === 0 ? null : { words };
}

/** A stretch is drawn by hand: more digits would mean nothing. */
const rounded = (value: number): number => Number(value.toPrecision(4));

/** The stretches of an axis that a range covers, in shares; an open end reaches to the axis's own. */
export function stretchesOf(axis: Axis, range: Range): [low: number, high: number][] {
  if ("words" in range) {
    const half = 0.5 / Math.max(1, axis.words?.length ?? 1);
    return axis.ticks
      .filter((tick) => range.words.includes(tick.text))
      .map((tick) => [Math.max(0, tick.share - half * 0.8), Math.min(1, tick.share + half * 0.8)]);
  }
  const inside = (share: number) => Math.min(1, Math.max(0, share));
  const low = range.min === null ? 0 : inside(axis.shareOf(range.min));
  const high = range.max === null ? 1 : inside(axis.shareOf(range.max));
  return high < low ? [] : [[low, high]];
}

/** The same ranges with one of them changed; null takes it away, and so does one that is open on both sides. */
export function withRange(ranges: Ranges, name: string, range: Range | null): Ranges {
  const { [name]: _, ...others } = ranges;
  const isOpen =
    range === null || ("words" in range ? range.words.length === 0 : range.min === null && range.max === null);
  return isOpen ? others : { ...others, [name]: range };
}

/** `rate:0.01..0.1;kind:adam|sgd`; undefined for none. */
export function rangesText(ranges: Ranges): string | undefined {
  const parts = Object.entries(ranges).map(([name, range]) => {
    const said =
      "words" in range
        ? range.words.map(encodeURIComponent).join("|")
        : `${range.min === null ? "" : range.min}..${range.max === null ? "" : range.max}`;
    return `${encodeURIComponent(name)}:${said}`;
  });
  return parts.length === 0 ? undefined : parts.join(";");
}

/** What `rangesText` wrote; what cannot be understood is left out. *words*: names whose values are words. */
export function parseRanges(text: string | undefined, words: ReadonlySet<string>): Ranges {
  const found: Record<string, Range> = {};
  for (const part of (text ?? "").split(";")) {
    const at = part.indexOf(":");
    if (at > 0) {
      const [name, said] = [decoded(part.slice(0, at)), part.slice(at + 1)];
      const range = words.has(name) ? { words: said.split("|").map(decoded) } : numbers(said);
      if (range !== null) {
        found[name] = range;
      }
    }
  }
  return found;
}

function numbers(text: string): Range | null {
  const [low, high, ...more] = text.split("..");
  const [min, max] = [low, high].map((end) => (end === undefined || end.trim() === "" ? null : Number(end)));
  const isWrong = more.length > 0 || Number.isNaN(min) || Number.isNaN(max);
  return isWrong || min === undefined || max === undefined || (min === null && max === null) ? null : { min, max };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
