/** Trials of a sweep: their order, and where each lies on the axes of its hyperparameters. */

import { numberText, type Scale, scaleOf } from "./chart";
import { isOver } from "./status";

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
  /** Why a policy stopped it early. */
  stop_reason: string | null;
  error: string | null;
  started_at: string | null;
  ended_at: string | null;
  duration_seconds: number | null;
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
  read(trial: Trial): Value | null;
  /** 0 at the bottom, 1 at the top; null: the trial has no such value. */
  at(trial: Trial): number | null;
  ticks: { share: number; text: string }[];
  /** Of an axis of words: all of them. */
  words: readonly string[] | null;
  /** Of an axis of numbers: what is at a share of it, and back. */
  valueAt(share: number): number;
  shareOf(value: number): number;
  isLog: boolean;
  /** Whether there is anything that a logarithm has: numbers above zero. */
  mayBeLog: boolean;
}

/** Axes by name that are to be logarithmic, or not; of others their values decide. */
export type LogChoices = Readonly<Record<string, boolean>>;

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
export function axesOf(sweep: Sweep, logs: LogChoices = {}): Axis[] {
  const axes = namesOf(sweep).map((name) => axisOf(name, sweep.value, (trial) => trial.values[name] ?? null, logs));
  return [...axes, axisOf(sweep.primary_metric, sweep.value, (trial) => trial.metric, logs)];
}

/** The trials in the order in which they began. */
export function orderAxis(sweep: Sweep): Axis {
  return axisOf("trial", sweep.value, (trial) => trial.index, { trial: false });
}

type Read = (trial: Trial) => Value | null;

function axisOf(name: string, trials: readonly Trial[], read: Read, logs: LogChoices): Axis {
  const values = trials.map(read).filter((value) => value !== null);
  return values.every((value) => typeof value === "number")
    ? numericAxis(name, values as number[], read, logs[name])
    : wordAxis(name, values, read);
}

const NOWHERE = { ticks: [], at: () => null, valueAt: () => 0, shareOf: () => 0, isLog: false, mayBeLog: false };

function numericAxis(name: string, values: readonly number[], read: Read, wish: boolean | undefined): Axis {
  const mayBeLog = values.length > 0 && values.every((value) => value > 0);
  const isLog = mayBeLog && (wish ?? isWide(values));
  const scale: Scale | null = scaleOf(values, isLog, 4);
  if (scale === null) {
    return { name, read, words: null, ...NOWHERE };
  }
  const ticks = scale.ticks.map((tick) => ({ share: scale.at(tick), text: numberText(tick) }));
  return {
    name,
    read,
    at: (trial) => {
      const value = read(trial);
      return typeof value === "number" && Number.isFinite(value) ? scale.at(value) : null;
    },
    ticks,
    words: null,
    valueAt: (share) =>
      isLog ? scale.min * (scale.max / scale.min) ** share : scale.min + share * (scale.max - scale.min),
    shareOf: (value) => (isLog && value <= 0 ? 0 : scale.at(value)),
    isLog,
    mayBeLog,
  };
}

function wordAxis(name: string, values: readonly Value[], read: Read): Axis {
  const words = [...new Set(values.map(String))].sort();
  const share = (word: string) => (words.indexOf(word) + 0.5) / words.length;
  return {
    ...NOWHERE,
    name,
    read,
    at: (trial) => {
      const value = read(trial);
      return value === null ? null : share(String(value));
    },
    ticks: words.map((word) => ({ share: share(word), text: word })),
    words,
  };
}

/** Values over two powers of ten, all above zero, are looked at by their logarithms. */
function isWide(values: readonly number[]): boolean {
  return values.length > 0 && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 100;
}

export type Order = { by: string; isDown: boolean };

/**
 * How good a trial is among all, from 0 for the worst to 1 for the best, as the axis of the metric has it; null: it
 * reached nothing that is a number.
 */
export function goodnessOf(sweep: Sweep, metric: Axis | undefined): (trial: Trial) => number | null {
  return (trial) => {
    const share = metric?.at(trial) ?? null;
    return share === null || sweep.goal === "maximize" ? share : 1 - share;
  };
}

/** After each trial, in the order in which they began, the best that any had reached by then. */
export function bestSoFar(sweep: Sweep): { trial: Trial; best: number }[] {
  const better = sweep.goal === "maximize" ? Math.max : Math.min;
  let best: number | null = null;
  return [...sweep.value]
    .sort((one, other) => one.index - other.index)
    .flatMap((trial) => {
      if (trial.metric === null || !Number.isFinite(trial.metric) || trial.label.startsWith("Failed")) {
        return [];
      }
      best = best === null ? trial.metric : better(best, trial.metric);
      return [{ trial, best }];
    });
}

/** The word by which trials are counted and chosen. */
export function wordOf(trial: Trial): "completed" | "stopped" | "failed" | "canceled" | "running" | "waiting" {
  if (trial.stop_reason !== null) {
    return "stopped";
  }
  if (isOver(trial.label)) {
    return trial.label.startsWith("Completed") ? "completed" : trial.label === "Failed" ? "failed" : "canceled";
  }
  return trial.started_at === null ? "waiting" : "running";
}

/** Whether a trial has a text in its number, state, values or note. */
export function isFound(trial: Trial, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const values = Object.entries(trial.values).map(([name, value]) => `${name}=${valueText(value)}`);
  const said = [`trial ${trial.index}`, trial.label, ...values, trial.stop_reason ?? "", trial.error ?? ""];
  return wanted === "" || said.join(" ").toLowerCase().includes(wanted);
}

/** Values as a pipeline or a command's file takes them. */
export function yamlOf(values: Readonly<Record<string, Value>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? JSON.stringify(value) : String(value)}\n`)
    .join("");
}

/** The trials in an order: by number, rank, metric, status, or the value of a hyperparameter. What has none goes last. */
export function sorted(trials: readonly Trial[], { by, isDown }: Order): Trial[] {
  const keyOf = (trial: Trial): Value | null => {
    if (by === "rank" || by === "metric" || by === "index") {
      return trial[by];
    }
    if (by === "duration") {
      return trial.duration_seconds;
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
