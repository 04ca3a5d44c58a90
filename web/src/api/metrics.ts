/** What jobs have logged: numbers with their history, and parameters. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ChartPoint } from "../domain/chart";
import { ask, part } from "./client";
import type { MetricList, StepMetricsList } from "./schema.gen";

/** JSON has no NaN: those come as texts. */
type Logged = number | "NaN" | "Infinity" | "-Infinity";

const one = (workspace: string, name: string): string => `/workspaces/${part(workspace)}/jobs/${part(name)}`;

/** While the job runs it logs on. */
const POLL_MS = 2000;
const POINTS = 1000;

export const metricsQuery = (workspace: string, name: string, isOver: boolean) =>
  queryOptions({
    queryKey: ["metrics", workspace, name],
    queryFn: async ({ signal }) => (await ask<MetricList>(`${one(workspace, name)}/metrics`, { signal })).value,
    refetchInterval: isOver ? false : POLL_MS,
  });

export const stepMetricsQuery = (workspace: string, name: string, isOver: boolean) =>
  queryOptions({
    queryKey: ["metrics", workspace, name, "steps"],
    queryFn: async ({ signal }) =>
      (await ask<StepMetricsList>(`${one(workspace, name)}/steps/metrics`, { signal })).value,
    refetchInterval: isOver ? false : POLL_MS,
  });

export const paramsQuery = (workspace: string, name: string) =>
  queryOptions({
    queryKey: ["params", workspace, name],
    queryFn: async ({ signal }) =>
      (await ask<{ value: Record<string, string> }>(`${one(workspace, name)}/params`, { signal })).value,
  });

export interface History {
  bySteps: ChartPoint[];
  /** Seconds since the first point. */
  byTime: ChartPoint[];
}

interface Point {
  value: Logged;
  step: number;
  timestamp: number;
}

export const historyQuery = (workspace: string, name: string, key: string, count: number) =>
  queryOptions({
    // A longer history is another one.
    queryKey: ["metrics", workspace, name, "of", key, count],
    queryFn: async ({ signal }) => {
      const path = key.split("/").map(part).join("/");
      const { value } = await ask<{ value: Point[] }>(`${one(workspace, name)}/metrics/${path}?max_points=${POINTS}`, {
        signal,
      });
      return historyOf(value);
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });

export function historyOf(points: readonly Point[]): History {
  const start = Math.min(...points.map((point) => point.timestamp));
  const sorted = (of: (point: Point) => number) =>
    points.map((point) => ({ x: of(point), y: Number(point.value) })).sort((a, b) => a.x - b.x);
  return { bySteps: sorted((point) => point.step), byTime: sorted((point) => (point.timestamp - start) / 1000) };
}
