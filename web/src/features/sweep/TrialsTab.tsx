import { IconTrophy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { trialsQuery } from "../../api/trials";
import { inWorkspace } from "../../app/workspace";
import { numberText } from "../../domain/chart";
import type { Step } from "../../domain/job";
import { isOver } from "../../domain/status";
import { namesOf, type Order, type Sweep, sorted, standing, valueText } from "../../domain/trials";
import { Skeleton } from "../../ui/Skeleton";
import { StatusPill } from "../../ui/StatusPill";
import { Trouble } from "../../ui/Trouble";
import { MetricCharts } from "../metrics/MetricCharts";
import { ParallelCoordinates } from "./ParallelCoordinates";
import { Scatter } from "./Scatter";
import "./sweep.css";

const CURVES_MAX = 40;

/** What a sweep tried, and what came of it. */
export default function TrialsTab({ step, workspace }: { step: Step; workspace: string }) {
  const sweep = useQuery(trialsQuery(workspace, step.name, isOver(step.label)));
  const [lit, setLit] = useState<number | null>(null);
  if (sweep.isError) {
    return <Trouble what="The trials" problem={sweep.error} onRetry={() => sweep.refetch()} />;
  }
  if (sweep.data === undefined) {
    return <Skeleton lines={6} />;
  }
  if (sweep.data.value.length === 0) {
    return <p className="muted">No trial has begun.</p>;
  }
  const props = { sweep: sweep.data, lit, onLight: setLit };
  return (
    <div className="stack">
      <Best sweep={sweep.data} workspace={workspace} />
      <TrialsTable {...props} workspace={workspace} />
      <div className="trials-charts">
        <ParallelCoordinates {...props} />
        <Scatter {...props} />
      </div>
      <Curves sweep={sweep.data} workspace={workspace} />
    </div>
  );
}

function Best({ sweep, workspace }: { sweep: Sweep; workspace: string }) {
  const best = sweep.value.find((trial) => trial.is_best);
  return (
    <div>
      <p className="muted">{standing(sweep)}</p>
      {best !== undefined && best.metric !== null && (
        <p>
          <IconTrophy size={16} aria-hidden="true" /> The best is{" "}
          <Link to="/jobs/$name" params={{ name: best.name }} search={inWorkspace(workspace)}>
            trial {best.index}
          </Link>{" "}
          with {sweep.primary_metric} <strong>{numberText(best.metric)}</strong>:{" "}
          {Object.entries(best.values)
            .map(([name, value]) => `${name} ${valueText(value)}`)
            .join(", ")}
        </p>
      )}
    </div>
  );
}

interface ShownProps {
  sweep: Sweep;
  lit: number | null;
  onLight(index: number | null): void;
}

function TrialsTable({ sweep, lit, onLight, workspace }: ShownProps & { workspace: string }) {
  const [order, setOrder] = useState<Order>({ by: "index", isDown: false });
  const names = useMemo(() => namesOf(sweep), [sweep]);
  const rows = useMemo(() => sorted(sweep.value, order), [sweep, order]);
  const columns = [
    { by: "index", label: "Trial" },
    { by: "status", label: "Status" },
    { by: "metric", label: sweep.primary_metric },
    { by: "rank", label: "Rank" },
    ...names.map((name) => ({ by: `value:${name}`, label: name })),
  ];
  const turn = (by: string) => setOrder((was) => ({ by, isDown: was.by === by && !was.isDown }));
  return (
    <div className="trials-frame">
      <table className="table">
        <thead>
          <tr>
            {columns.map(({ by, label }) => (
              <th
                key={by}
                aria-sort={order.by === by ? (order.isDown ? "descending" : "ascending") : undefined}
                className={by === "index" || by === "status" ? undefined : "number"}
              >
                <button type="button" className="button plain" onClick={() => turn(by)}>
                  {label}
                  {order.by === by && <span aria-hidden="true">{order.isDown ? " ▾" : " ▴"}</span>}
                </button>
              </th>
            ))}
            <th>Note</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((trial) => (
            <tr
              key={trial.name}
              className={lit === trial.index ? "lit" : undefined}
              onPointerEnter={() => onLight(trial.index)}
              onPointerLeave={() => onLight(null)}
            >
              <td>
                <Link to="/jobs/$name" params={{ name: trial.name }} search={inWorkspace(workspace)}>
                  {trial.index}
                </Link>
              </td>
              <td>
                <StatusPill label={trial.label} />
              </td>
              <td className="number">{trial.metric === null ? "" : numberText(trial.metric)}</td>
              <td className="number">{trial.rank ?? ""}</td>
              {names.map((name) => (
                <td key={name} className="number">
                  {valueText(trial.values[name])}
                </td>
              ))}
              <td className="muted breakable">{trial.is_best ? "best" : (trial.stop_reason ?? trial.error ?? "")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Curves({ sweep, workspace }: { sweep: Sweep; workspace: string }) {
  const curves = sorted(sweep.value, { by: "rank", isDown: false })
    .filter((trial) => trial.points > 0)
    .slice(0, CURVES_MAX)
    .map((trial) => ({
      key: sweep.primary_metric,
      job: trial.name,
      label: `trial ${trial.index}`,
      count: trial.points,
    }));
  if (curves.length === 0) {
    return null;
  }
  return <MetricCharts workspace={workspace} curves={curves} />;
}
