/** Values for tests: a step, a graph, a catalogue. */

import type { Catalogue } from "./domain/draft/catalogue";
import type { Edge, JobGraph, Step } from "./domain/job";

export function step(key: string, more: Partial<Step> = {}): Step {
  return {
    key,
    name: `job-${key}`,
    root: "root",
    kind: "command",
    display_name: key,
    status: "NotStarted",
    label: "NotStarted",
    started_at: null,
    ended_at: null,
    duration_seconds: null,
    error: null,
    attempt: null,
    phases: {},
    reused_from: null,
    component: null,
    driver: null,
    compute: null,
    inputs: [],
    outputs: [],
    ...more,
  };
}

export const edge = (from: string, to: string): Edge => ({ from, output: "out", to, input: "in" });

export function graphOf(steps: Step[], edges: Edge[] = [], more: Partial<JobGraph> = {}): JobGraph {
  return { job: step("", { kind: "pipeline", name: "root" }), steps, edges, inputs: [], outputs: [], ...more };
}

/** A time so many milliseconds after a fixed one, and that one. */
export const START_MS = Date.parse("2026-11-23T12:00:00.000Z");
export const time = (afterMs: number): string => new Date(START_MS + afterMs).toISOString();

/** Of a workspace in which nothing is registered. */
export const NO_CATALOGUE: Catalogue = {
  components: new Map(),
  computes: [],
  datastores: [],
  data: [],
  models: [],
  environments: [],
};
