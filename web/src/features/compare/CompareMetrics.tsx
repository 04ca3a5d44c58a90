import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Comparison } from "../../api/compare";
import { stepMetricsQuery } from "../../api/metrics";
import { isOver } from "../../domain/status";
import { Skeleton } from "../../ui/Skeleton";
import { type Curve, MetricCharts } from "../metrics/MetricCharts";
import { NoMetrics } from "../metrics/NoMetrics";

/** Curves of all jobs over one another, a chart for each metric of each step. */
export default function CompareMetrics({ found, workspace }: { found: Comparison; workspace: string }) {
  const answers = useQueries({
    queries: found.jobs.map((job) => stepMetricsQuery(workspace, job.name, isOver(job.label))),
  });
  const loaded = answers.map((answer) => answer.data);
  const curves = useMemo(() => {
    const steps = new Set(loaded.flatMap((one) => (one ?? []).map(({ step }) => step)));
    return loaded.flatMap((one, place) =>
      (one ?? []).flatMap(({ step, job, metrics }): (Curve & { group: string })[] =>
        metrics.map(({ key, count }) => ({
          key,
          count,
          job,
          label: found.jobs[place]?.display_name ?? job,
          group: steps.size > 1 && step !== "" ? `${step}: ${key}` : key,
        })),
      ),
    );
  }, [loaded, found]);
  if (answers.some((answer) => answer.isPending)) {
    return <Skeleton lines={6} />;
  }
  return curves.length === 0 ? (
    <NoMetrics isOver />
  ) : (
    <div className="stack">
      <MetricCharts workspace={workspace} curves={curves} />
    </div>
  );
}
