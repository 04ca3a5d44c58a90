/** Trials of a sweep: their order, and where each lies on the axes of its hyperparameters. */

import { numberText, type Scale, scaleOf } from "./chart";

export type Value = string | number | boolean;

export interface Trial {
  index: number;
  name: string;
  values: Record<string, Value>;
  label: string;
  /** The best value that it logged so far; null: none that is a number. */
  metric: number | null;
  /** How often it logged the metric. */
  points: number;
  rank: number | null;
  is_best: boolean;
  stop_reason: string | null;
  error: string | null;
}

export interface Sweep {
  name: string;
  goal: "minimize" | "maximize";
  primary_metric: string;
  search_space: Record<string, unknown>;
  max_total_trials: number;
  counts: Record<string, number>;
  value: Trial[];
}

export interface Axis {
  name: string;
  /** 0 at the bottom, 1 at the top; null: the trial has no such value. */
  at(trial: Trial): number | null;
  ticks: { share: number; text: string }[];
}

/** Hyperparameters in the order of the file, then those that only some trials have. */
export function namesOf(sweep: Sweep): string[] {
  const names = new Set(Object.keys(sweep.search_space));
  for (const trial of sweep.value) {
    for (const name of Object.keys(trial.values)) {
      names.add(name);
    }
  }
  return [...names].filter((name) => sweep.value.some((trial) => name in trial.values));
}

/** An axis for each hyperparameter, and at the end one for the metric. */
export function axesOf(sweep: Sweep): Axis[] {
  const axes = namesOf(sweep).map((name) => axisOf(name, sweep.value, (trial) => trial.values[name] ?? null));
  return [...axes, axisOf(sweep.primary_metric, sweep.value, (trial) => trial.metric)];
}

function axisOf(name: string, trials: readonly Trial[], read: (trial: Trial) => Value | null): Axis {
  const values = trials.map(read).filter((value) => value !== null);
  return values.every((value) => typeof value === "number")
    ? numericAxis(name, values as number[], read)
    : wordAxis(name, values, read);
}

function numericAxis(name: string, values: readonly number[], read: (trial: Trial) => Value | null): Axis {
  const scale: Scale | null = scaleOf(values, isWide(values), 4);
  if (scale === null) {
    return { name, at: () => null, ticks: [] };
  }
  const ticks = scale.ticks.map((tick) => ({ share: scale.at(tick), text: numberText(tick) }));
  return {
    name,
    at: (trial) => {
      const value = read(trial);
      return typeof value === "number" && Number.isFinite(value) ? scale.at(value) : null;
    },
    ticks,
  };
}

function wordAxis(name: string, values: readonly Value[], read: (trial: Trial) => Value | null): Axis {
  const words = [...new Set(values.map(String))].sort();
  const share = (word: string) => (words.indexOf(word) + 0.5) / words.length;
  return {
    name,
    at: (trial) => {
      const value = read(trial);
      return value === null ? null : share(String(value));
    },
    ticks: words.map((word) => ({ share: share(word), text: word })),
  };
}

/** Values over two powers of ten, all above zero, are looked at by their logarithms. */
function isWide(values: readonly number[]): boolean {
  return values.length > 0 && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 100;
}

export type Order = { by: string; isDown: boolean };

/** The trials in an order: by number, rank, metric, status, or the value of a hyperparameter. What has none goes last. */
export function sorted(trials: readonly Trial[], { by, isDown }: Order): Trial[] {
  const keyOf = (trial: Trial): Value | null => {
    if (by === "rank" || by === "metric" || by === "index") {
      return trial[by];
    }
    return by === "status" ? trial.label : (trial.values[by.slice("value:".length)] ?? null);
  };
  return [...trials].sort((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)];
    if (a === null || b === null) {
      return a === b ? one.index - other.index : a === null ? 1 : -1;
    }
    const way = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return way === 0 ? one.index - other.index : isDown ? -way : way;
  });
}

/** How a sweep stands, in a sentence. */
export function standing(sweep: Sweep): string {
  const words = Object.entries(sweep.counts).filter(([word, count]) => word !== "total" && count > 0);
  const counted = words.map(([word, count]) => `${count} ${word}`).join(", ");
  return `${sweep.value.length} of at most ${sweep.max_total_trials} trials${counted === "" ? "" : `: ${counted}`}`;
}

export function valueText(value: Value | undefined): string {
  return value === undefined ? "" : typeof value === "number" ? numberText(value) : String(value);
}
