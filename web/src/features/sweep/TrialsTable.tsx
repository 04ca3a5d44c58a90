import { IconTrophy } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { inWorkspace } from "../../app/workspace";
import { numberText } from "../../domain/chart";
import { namesOf, type Order, type Sweep, sorted, type Trial, valueText, wordOf } from "../../domain/trials";
import { Duration } from "../../ui/Duration";
import { StatusPill } from "../../ui/StatusPill";

const SHOWN_AT_FIRST = 100;

interface TrialsTableProps {
  sweep: Sweep;
  /** Those that are looked at. */
  trials: readonly Trial[];
  lit: number | null;
  onLight(index: number | null): void;
  workspace: string;
}

export function TrialsTable({ sweep, trials, lit, onLight, workspace }: TrialsTableProps) {
  const [order, setOrder] = useState<Order>({ by: "index", isDown: false });
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const names = useMemo(() => namesOf(sweep), [sweep]);
  const rows = useMemo(() => sorted(trials, order), [trials, order]);
  const columns = [
    { by: "index", label: "Trial" },
    { by: "status", label: "Status" },
    { by: "metric", label: sweep.primary_metric },
    { by: "rank", label: "Rank" },
    ...names.map((name) => ({ by: `value:${name}`, label: name })),
    { by: "duration", label: "Duration" },
  ];
  const turn = (by: string) => setOrder((was) => ({ by, isDown: was.by === by && !was.isDown }));
  return (
    <>
      <div className="trials-frame">
        <table className="table" aria-label="Trials">
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
            {rows.slice(0, shown).map((trial) => (
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
                  <State trial={trial} />
                </td>
                <td className="number">{trial.metric === null ? "" : numberText(trial.metric)}</td>
                <td className="number">{trial.rank ?? ""}</td>
                {names.map((name) => (
                  <td key={name} className="number">
                    {valueText(trial.values[name])}
                  </td>
                ))}
                <td className="number">
                  <Duration card={trial} />
                </td>
                <td className="muted breakable trial-note">
                  {trial.is_best ? (
                    <span className="tone-good">
                      <IconTrophy size={14} aria-hidden="true" /> best
                    </span>
                  ) : (
                    (trial.stop_reason ?? trial.error ?? "")
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p className="muted">No trial is like that.</p>}
      {rows.length > shown && (
        <button type="button" className="button" onClick={() => setShown(shown + 500)}>
          Show more of {rows.length}
        </button>
      )}
    </>
  );
}

/** A trial that a policy stopped was not canceled by anybody, and is no failure. */
function State({ trial }: { trial: Trial }) {
  if (wordOf(trial) !== "stopped") {
    return <StatusPill label={trial.label} />;
  }
  return (
    <span className="pill tone-stopped">
      <span aria-hidden="true">◗</span>
      Stopped early
    </span>
  );
}
