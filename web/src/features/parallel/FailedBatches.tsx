import { lazy, Suspense, useState } from "react";
import type { FailedMiniBatch, Parallel } from "../../api/many";
import { commandOf } from "../../domain/command";
import type { JobGraph, Step } from "../../domain/job";
import { leftOf, whatIsIn } from "../../domain/parallel";
import { isOver } from "../../domain/status";
import { CommandLine } from "../../ui/CommandLine";
import { TextFile } from "./TextFile";

const AgainDialog = lazy(() => import("../job/AgainDialog"));

const SHOWN_AT_FIRST = 50;

interface FailedProps {
  progress: Parallel;
  failed: readonly FailedMiniBatch[];
  step: Step;
  graph: JobGraph;
  workspace: string;
}

/** What failed for good, with its error and what it printed; and how to run only that again. */
export function FailedBatches({ progress, failed, step, graph, workspace }: FailedProps) {
  const [text, setText] = useState("");
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const counts = progress.mini_batches;
  const missing = counts.failed + (progress.state === "running" ? 0 : (leftOf(counts) ?? 0));
  const wanted = failed.filter((one) =>
    `${one.index} ${whatIsIn(one)} ${one.error}`.toLowerCase().includes(text.trim().toLowerCase()),
  );
  if (missing === 0) {
    return null;
  }
  return (
    <section aria-label="Failed mini-batches" className="stack">
      <div className="row">
        <h2>Failed mini-batches</h2>
        <span className="muted">{counts.failed}</span>
        <span className="space" />
        {failed.length > 1 && (
          <input
            className="field"
            type="search"
            placeholder="File or error"
            aria-label="Filter failed mini-batches"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <RunAgain step={step} graph={graph} workspace={workspace} />
      </div>
      {failed.length === 0 ? (
        <p className="muted">None failed; some were not reached.</p>
      ) : (
        <div className="batch-frame">
          <table className="table">
            <thead>
              <tr>
                <th>Mini-batch</th>
                <th>What is in it</th>
                <th className="number">Items</th>
                <th className="number">Tries</th>
                <th>Error</th>
                <th>
                  <span className="hidden">Log</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {wanted.slice(0, shown).map((one) => (
                <Row key={one.index} failed={one} progress={progress} workspace={workspace} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {failed.length > 0 && wanted.length === 0 && <p className="muted">None has that in its files or its error.</p>}
      {wanted.length > shown && (
        <button type="button" className="button" onClick={() => setShown(shown + 200)}>
          Show more of {wanted.length}
        </button>
      )}
      {counts.failed > failed.length && (
        <p className="muted small">Only the first {failed.length} were kept with their errors.</p>
      )}
    </section>
  );
}

function Row({ failed, progress, workspace }: { failed: FailedMiniBatch; progress: Parallel; workspace: string }) {
  const [isOpen, setOpen] = useState(false);
  const which = progress.step === "" ? [] : ["--step", progress.step];
  const id = `batch-log-${failed.index}`;
  return (
    <>
      <tr>
        <td>{failed.index}</td>
        <td className="breakable">{whatIsIn(failed)}</td>
        <td className="number">{failed.items}</td>
        <td className="number">{failed.tries}</td>
        <td className="breakable batch-error tone-bad">{failed.error.trim().split("\n").at(-1)}</td>
        <td>
          {failed.log !== null && (
            <button
              type="button"
              className="button small"
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setOpen(!isOpen)}
            >
              Log<span className="hidden"> of mini-batch {failed.index}</span>
            </button>
          )}
        </td>
      </tr>
      {isOpen && failed.log !== null && (
        <tr id={id}>
          <td colSpan={6}>
            <TextFile
              workspace={workspace}
              name={progress.name}
              path={failed.log}
              label={`Log of mini-batch ${failed.index}`}
            />
            <CommandLine
              text={commandOf(workspace, "job", "batches", progress.job, ...which, "--log", String(failed.index))}
            />
          </td>
        </tr>
      )}
    </>
  );
}

function RunAgain({ step, graph, workspace }: { step: Step; graph: JobGraph; workspace: string }) {
  const [isAsked, setAsked] = useState(false);
  const isEnded = isOver(graph.job.label);
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={!isEnded}
        title={isEnded ? undefined : "The job has not ended"}
        onClick={() => setAsked(true)}
      >
        Run only these again
      </button>
      {isAsked && (
        <Suspense>
          <AgainDialog
            verb="rerun"
            workspace={workspace}
            job={{ ...graph.job, experiment_name: "" }}
            graph={graph}
            step={step.key}
            isFailedBatches
            onClose={() => setAsked(false)}
          />
        </Suspense>
      )}
    </>
  );
}
