import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type Run, type Runs, runsQuery } from "../../api/many";
import { inWorkspace } from "../../app/workspace";
import { commandOf } from "../../domain/command";
import type { Step } from "../../domain/job";
import { columnsOf, curvesOf, isPlace, sharedOf, standingText, textOf } from "../../domain/runs";
import { isOver } from "../../domain/status";
import { CommandLine } from "../../ui/CommandLine";
import { Duration } from "../../ui/Duration";
import { Skeleton } from "../../ui/Skeleton";
import { StatusPill } from "../../ui/StatusPill";
import { Trouble } from "../../ui/Trouble";
import { Chart } from "../metrics/Chart";
import "./runs.css";

const SHOWN_AT_FIRST = 100;

/** The iterations of a loop, or the items of a `parallel_for`: each is a job of its own. */
export default function RunsTab({ step, workspace }: { step: Step; workspace: string }) {
  const runs = useQuery(runsQuery(workspace, step.name, isOver(step.label)));
  if (runs.isError) {
    return <Trouble what="What it repeats" problem={runs.error} onRetry={() => runs.refetch()} />;
  }
  if (runs.data === undefined) {
    return <Skeleton lines={6} />;
  }
  return <Found runs={runs.data} workspace={workspace} />;
}

function Found({ runs, workspace }: { runs: Runs; workspace: string }) {
  const shared = sharedOf(runs.value);
  const curves = runs.of === "iteration" ? curvesOf(runs.value) : [];
  return (
    <div className="stack">
      <p>{standingText(runs)}</p>
      {shared.length > 0 && (
        <p className="muted breakable">
          Each was given {shared.map(([name, value]) => `${name} ${value}`).join(", ")}.
        </p>
      )}
      {runs.value.length === 0 ? (
        <p className="muted">None has begun.</p>
      ) : (
        <RunTable runs={runs} workspace={workspace} />
      )}
      {curves.length > 0 && (
        <div className="charts">
          {curves.map((one) => (
            <Chart key={one.id} title={one.label} xLabel="iteration" series={[one]} smoothing={0} isLog={false} />
          ))}
        </div>
      )}
      <CommandLine text={commandOf(workspace, "job", "runs", runs.name)} />
    </div>
  );
}

function RunTable({ runs, workspace }: { runs: Runs; workspace: string }) {
  const [text, setText] = useState("");
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const columns = useMemo(() => columnsOf(runs.value), [runs]);
  const wanted = runs.value.filter((run) =>
    [run.key, run.label, run.error ?? "", ...columns.map(({ from, name }) => textOf(run[from][name]))]
      .join(" ")
      .toLowerCase()
      .includes(text.trim().toLowerCase()),
  );
  const noun = runs.of === "item" ? "Item" : "Iteration";
  return (
    <>
      {runs.value.length > 5 && (
        <input
          className="field"
          type="search"
          placeholder="Name, state, value or error"
          aria-label={`Filter ${runs.of}s`}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      <div className="runs-frame">
        <table className="table">
          <thead>
            <tr>
              <th>{noun}</th>
              <th>Status</th>
              {columns.map(({ from, name }) => (
                <th key={`${from}.${name}`}>
                  <span className="small muted">{from === "values" ? "given" : "wrote"}</span> {name}
                </th>
              ))}
              <th className="number">Duration</th>
              <th>Error</th>
            </tr>
          </thead>
          <tbody>
            {wanted.slice(0, shown).map((run) => (
              <Row key={run.key} run={run} columns={columns} condition={runs.condition} workspace={workspace} />
            ))}
          </tbody>
        </table>
      </div>
      {wanted.length === 0 && <p className="muted">None is like that.</p>}
      {wanted.length > shown && (
        <button type="button" className="button" onClick={() => setShown(shown + 500)}>
          Show more of {wanted.length}
        </button>
      )}
    </>
  );
}

function Row({
  run,
  columns,
  condition,
  workspace,
}: {
  run: Run;
  columns: ReturnType<typeof columnsOf>;
  condition: string | null;
  workspace: string;
}) {
  return (
    <tr>
      <td className="run-key">
        {run.name === null ? (
          run.key
        ) : (
          <Link to="/jobs/$name" params={{ name: run.name }} search={inWorkspace(workspace)}>
            {run.key}
          </Link>
        )}
      </td>
      <td>
        <StatusPill label={run.label} />
      </td>
      {columns.map(({ from, name }) => {
        const value = run[from][name];
        const isCondition = from === "outputs" && name === condition && typeof value === "boolean";
        return (
          <td
            key={`${from}.${name}`}
            className={isPlace(value) ? "muted breakable" : "breakable"}
            title={isPlace(value) ? String(value) : undefined}
          >
            {isCondition ? `${value}: ${value ? "goes on" : "ends"}` : textOf(value)}
          </td>
        );
      })}
      <td className="number">
        <Duration card={run} />
      </td>
      <td className="breakable tone-bad">{run.error}</td>
    </tr>
  );
}
