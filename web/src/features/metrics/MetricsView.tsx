import { useQuery } from "@tanstack/react-query";
import { stepMetricsQuery } from "../../api/metrics";
import type { JobGraph } from "../../domain/job";
import { isOver } from "../../domain/status";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { MetricCharts } from "./MetricCharts";
import { NoMetrics } from "./NoMetrics";
import "./metrics.css";

/** What all steps of a job logged: steps that logged the same metric are in one chart. */
export default function MetricsView({ graph, workspace }: { graph: JobGraph; workspace: string }) {
  const isEnded = isOver(graph.job.label);
  const metrics = useQuery(stepMetricsQuery(workspace, graph.job.name, isEnded));
  if (metrics.isError) {
    return <Trouble what="The metrics" problem={metrics.error} onRetry={() => metrics.refetch()} />;
  }
  if (metrics.data === undefined) {
    return <Skeleton lines={5} />;
  }
  const curves = metrics.data.flatMap(({ step, job, metrics: own }) =>
    own.map(({ key, count }) => ({ key, count, job, label: step || graph.job.display_name })),
  );
  return (
    <div className="sheet wide-sheet">
      {curves.length === 0 ? <NoMetrics isOver={isEnded} /> : <MetricCharts workspace={workspace} curves={curves} />}
    </div>
  );
}
