/** A job as the server tells of it. Times are ISO 8601 texts in UTC, durations seconds. */

import { withoutMark } from "./status";

export interface Problem {
  code?: string;
  message: string;
  exit_code?: number;
  signal?: string;
  failed_step?: string;
}

/** What changes of a step or job while it runs. */
export interface Card {
  key: string;
  name: string;
  root: string;
  kind: string;
  display_name: string;
  status: string;
  label: string;
  started_at: string | null;
  ended_at: string | null;
  duration_seconds: number | null;
  error: Problem | null;
  attempt: number | null;
  phases: Record<string, string>;
  reused_from: string | null;
}

export interface Source {
  job: string;
  node: string;
  output: string;
}

export interface Port {
  name: string;
  type?: string;
  mode?: string;
  value?: string | number | boolean;
  path?: string;
  uri?: string;
  source?: Source;
  /** Of an output: the data or model of which it becomes a version. */
  registers?: string;
}

export interface Step extends Card {
  component: string | null;
  /** Which program of ours runs in its place: `parallel`, `spark`, `data_transfer`. */
  driver: string | null;
  compute: string | null;
  inputs: Port[];
  outputs: Port[];
}

export interface Edge {
  from: string;
  output: string;
  to: string;
  input: string;
}

export interface JobGraph {
  job: Card;
  steps: Step[];
  edges: Edge[];
  /** Steps that wait for others without reading anything of them. */
  order?: { from: string; to: string }[];
  inputs: Port[];
  outputs: Port[];
  /** Equal to that of a stream's beginning when nothing was missed in between; null of a job that has ended. */
  mark?: string | null;
}

/** Take cards that changed into a graph; cards of other jobs are left alone. Returns the same graph if nothing changed. */
export function withCards(graph: JobGraph, cards: readonly Card[]): JobGraph {
  const changed = new Map(cards.filter((card) => card.root === graph.job.root).map((card) => [card.name, card]));
  if (changed.size === 0) {
    return graph;
  }
  const own = changed.get(graph.job.name);
  return {
    ...graph,
    job: own ?? graph.job,
    steps: graph.steps.map((step) => {
      const card = changed.get(step.name);
      return card === undefined ? step : { ...step, ...card };
    }),
  };
}

export const parentOf = (key: string): string => key.slice(0, Math.max(0, key.lastIndexOf("/")));
export const lastPart = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

/** How many steps (not groups) are in each state, by label. */
export function countByLabel(steps: readonly Card[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const step of steps) {
    if (step.kind !== "pipeline") {
      const label = withoutMark(step.label);
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
  }
  return counts;
}
