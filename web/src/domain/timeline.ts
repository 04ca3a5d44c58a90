/** Steps → bars over time, and which of them the job waited for. */

import type { JobGraph, Step } from "./job";

export interface Phase {
  name: "queued" | "preparing" | "running" | "finalizing";
  fromMs: number;
  toMs: number;
}

export interface Bar {
  step: Step;
  depth: number;
  fromMs: number;
  toMs: number;
  phases: Phase[];
  isCritical: boolean;
}

export interface Timeline {
  bars: Bar[];
  fromMs: number;
  toMs: number;
}

const ORDER = ["queued", "preparing", "running", "finalizing"] as const;
const ENDS = ["completed", "failed", "canceled", "skipped", "bypassed"];

/** Times are UTC milliseconds; what still runs ends at *nowMs*. Steps that never began have no bar. */
export function timelineOf(graph: JobGraph, nowMs: number): Timeline {
  const critical = criticalPath(graph, nowMs);
  const bars = graph.steps.flatMap((step): Bar[] => {
    const phases = phasesOf(step, nowMs);
    const began = phases[0]?.fromMs ?? msOf(step.started_at);
    if (began === null || began === undefined) {
      return [];
    }
    const ended = msOf(step.ended_at) ?? nowMs;
    const depth = step.key.split("/").length - 1;
    return [{ step, depth, fromMs: began, toMs: Math.max(began, ended), phases, isCritical: critical.has(step.key) }];
  });
  const fromMs = Math.min(...bars.map((bar) => bar.fromMs), msOf(graph.job.started_at) ?? Number.POSITIVE_INFINITY);
  const toMs = Math.max(...bars.map((bar) => bar.toMs), msOf(graph.job.ended_at) ?? 0);
  return Number.isFinite(fromMs)
    ? { bars, fromMs, toMs: Math.max(toMs, fromMs + 1) }
    : { bars: [], fromMs: nowMs, toMs: nowMs + 1 };
}

function phasesOf(step: Step, nowMs: number): Phase[] {
  const end = ENDS.map((name) => msOf(step.phases[name])).find((at) => at !== null) ?? msOf(step.ended_at) ?? nowMs;
  const starts = ORDER.flatMap((name) => {
    const at = msOf(step.phases[name]);
    return at === null ? [] : [{ name, at }];
  });
  return starts.map(({ name, at }, position) => ({
    name,
    fromMs: at,
    toMs: Math.max(at, starts[position + 1]?.at ?? end),
  }));
}

/** From the step that ended last, each time the one it waited for that ended last. */
export function criticalPath(graph: JobGraph, nowMs: number): Set<string> {
  const steps = new Map(
    graph.steps.filter((step) => step.kind !== "pipeline" && step.started_at !== null).map((step) => [step.key, step]),
  );
  const above = new Map<string, string[]>();
  for (const edge of graph.edges) {
    above.set(edge.to, [...(above.get(edge.to) ?? []), edge.from]);
  }
  const endOf = (key: string) => msOf(steps.get(key)?.ended_at) ?? nowMs;
  const last = (keys: Iterable<string>) =>
    [...keys]
      .filter((key) => steps.has(key))
      .reduce<string | null>((best, key) => (best === null || endOf(key) > endOf(best) ? key : best), null);
  const path = new Set<string>();
  for (let key = last(steps.keys()); key !== null && !path.has(key); key = last(above.get(key) ?? [])) {
    path.add(key);
  }
  return path;
}

function msOf(time: string | null | undefined): number | null {
  return time ? Date.parse(time) : null;
}
