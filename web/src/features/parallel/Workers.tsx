import { useState } from "react";
import type { ParallelWorker } from "../../api/many";
import { durationText } from "../../domain/format";
import { TextFile } from "./TextFile";

const SHOWN_AT_FIRST = 32;
const MARKS: Record<string, [tone: string, mark: string]> = {
  working: ["busy", "▶"],
  idle: ["waiting", "…"],
  starting: ["preparing", "◐"],
  ended: ["skipped", "■"],
};

interface WorkersProps {
  crew: readonly ParallelWorker[];
  name: string;
  workspace: string;
}

/** Who works on what, instance by instance. A worker that died is replaced in its place. */
export function Workers({ crew, name, workspace }: WorkersProps) {
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const instances = new Set(crew.map((one) => one.instance)).size;
  return (
    <section aria-label="Workers" className="stack">
      <div className="row">
        <h2>Workers</h2>
        <span className="muted">
          {crew.length}
          {instances > 1 && ` on ${instances} instances`}
        </span>
      </div>
      <div className="batch-frame">
        <table className="table">
          <thead>
            <tr>
              <th>Instance</th>
              <th>Worker</th>
              <th>State</th>
              <th className="number">Done</th>
              <th className="number">Items</th>
              <th className="number">Failed tries</th>
              <th className="number">At work</th>
              <th>
                <span className="hidden">Log</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {crew.slice(0, shown).map((one) => (
              <Row key={one.worker} worker={one} name={name} workspace={workspace} />
            ))}
          </tbody>
        </table>
      </div>
      {crew.length > shown && (
        <button type="button" className="button" onClick={() => setShown(crew.length)}>
          Show all {crew.length}
        </button>
      )}
    </section>
  );
}

function Row({ worker, name, workspace }: { worker: ParallelWorker; name: string; workspace: string }) {
  const [isOpen, setOpen] = useState(false);
  const [tone, mark] = MARKS[worker.state] ?? ["waiting", "?"];
  const who = `worker ${worker.process} of instance ${worker.instance}`;
  const of = { workspace, name, isLive: worker.state !== "ended" };
  return (
    <>
      <tr>
        <td>{worker.instance}</td>
        <td>{worker.process}</td>
        <td>
          <span className={`pill tone-${tone}`}>
            <span aria-hidden="true">{mark}</span>
            {worker.state}
          </span>
          {worker.mini_batch !== null && (
            <span className="muted">
              {" "}
              on mini-batch {worker.mini_batch}
              {worker.seconds !== null && ` for ${durationText(worker.seconds)}`}
            </span>
          )}
          {worker.restarts > 0 && (
            <span className="muted small"> replaced {worker.restarts === 1 ? "once" : `${worker.restarts} times`}</span>
          )}
        </td>
        <td className="number">{worker.done}</td>
        <td className="number">{worker.items}</td>
        <td className="number">{worker.failed || ""}</td>
        <td className="number">{durationText(worker.busy_seconds)}</td>
        <td>
          <button type="button" className="button small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Log<span className="hidden"> of {who}</span>
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={8} className="worker-logs">
            <p className="muted small">Output</p>
            <TextFile {...of} path={worker.log} label={`Output of ${who}`} />
            <p className="muted small">Errors</p>
            <TextFile {...of} path={worker.error_log} label={`Errors of ${who}`} />
          </td>
        </tr>
      )}
    </>
  );
}
