import { useQuery } from "@tanstack/react-query";
import { metricsQuery, paramsQuery } from "../../api/metrics";
import { numberText } from "../../domain/chart";
import type { Step } from "../../domain/job";
import { isOver } from "../../domain/status";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { MetricCharts } from "./MetricCharts";
import { NoMetrics } from "./NoMetrics";
import "./metrics.css";

/** What one step logged. */
export default function MetricsTab({ step, workspace }: { step: Step; workspace: string }) {
  const metrics = useQuery(metricsQuery(workspace, step.name, isOver(step.label)));
  const params = useQuery(paramsQuery(workspace, step.name));
  if (metrics.isError) {
    return <Trouble what="The metrics" problem={metrics.error} onRetry={() => metrics.refetch()} />;
  }
  if (metrics.data === undefined) {
    return <Skeleton lines={5} />;
  }
  const logged = Object.entries(params.data ?? {});
  return (
    <div className="stack">
      {metrics.data.length === 0 ? (
        <NoMetrics isOver={isOver(step.label)} />
      ) : (
        <>
          <table className="table">
            <thead>
              <tr>
                <th>Metric</th>
                <th className="number">Latest</th>
                <th className="number">Lowest</th>
                <th className="number">Highest</th>
                <th className="number">Points</th>
              </tr>
            </thead>
            <tbody>
              {metrics.data.map((one) => (
                <tr key={one.key}>
                  <td className="breakable">{one.key}</td>
                  <td className="number">{numberText(Number(one.latest))}</td>
                  <td className="number muted">{one.min === null ? "" : numberText(Number(one.min))}</td>
                  <td className="number muted">{one.max === null ? "" : numberText(Number(one.max))}</td>
                  <td className="number muted">{one.count.toLocaleString()}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <MetricCharts
            workspace={workspace}
            curves={metrics.data.map(({ key, count }) => ({ key, count, job: step.name, label: key }))}
          />
        </>
      )}
      {logged.length > 0 && (
        <>
          <h2>Parameters</h2>
          <dl className="facts">
            {logged.map(([key, value]) => (
              <div key={key} style={{ display: "contents" }}>
                <dt>{key}</dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  );
}
