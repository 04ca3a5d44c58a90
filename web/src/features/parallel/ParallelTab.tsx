import { useQuery } from "@tanstack/react-query";
import { type Parallel, parallelQuery } from "../../api/many";
import type { JobGraph, Step } from "../../domain/job";
import { factsOf, leftOf, progressText } from "../../domain/parallel";
import { isOver } from "../../domain/status";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { FailedBatches } from "./FailedBatches";
import { Workers } from "./Workers";
import "./parallel.css";

interface ParallelTabProps {
  step: Step;
  graph: JobGraph;
  workspace: string;
}

/** How far a parallel step is, what failed in it, and who works on what. */
export default function ParallelTab({ step, graph, workspace }: ParallelTabProps) {
  const progress = useQuery(parallelQuery(workspace, step.name, isOver(step.label)));
  if (progress.isError) {
    return <Trouble what="The mini-batches" problem={progress.error} onRetry={() => progress.refetch()} />;
  }
  if (progress.data === undefined) {
    return <Skeleton lines={6} />;
  }
  if (progress.data.state === "waiting") {
    return (
      <p className="muted">
        {isOver(step.label)
          ? "It ended before it worked on any mini-batch."
          : "No mini-batch yet: they are made when the step begins to run."}
      </p>
    );
  }
  const { message, state, failed, crew } = progress.data;
  return (
    <div className="stack">
      <Progress progress={progress.data} />
      {message !== null && <p className={state === "failed" ? "notice bad" : "notice"}>{message}</p>}
      {state === "interrupted" && (
        <p className="notice">It was ended from outside; what is shown is what it had said last.</p>
      )}
      <FailedBatches progress={progress.data} failed={failed} step={step} graph={graph} workspace={workspace} />
      {crew.length > 0 && <Workers crew={crew} name={step.name} workspace={workspace} />}
    </div>
  );
}

function Progress({ progress }: { progress: Parallel }) {
  const counts = progress.mini_batches;
  const text = progressText(progress);
  const total = counts.total ?? counts.done + counts.failed;
  const own = counts.done - counts.taken;
  const share = (count: number) => `${total === 0 ? 0 : (100 * count) / total}%`;
  return (
    <section aria-label="Progress" className="stack">
      <div
        className={`batch-bar${progress.state === "running" ? " moves" : ""}`}
        role="progressbar"
        aria-label="Mini-batches that have ended"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={counts.done + counts.failed}
        aria-valuetext={text}
      >
        <span className="taken" style={{ width: share(counts.taken) }} />
        <span className="done" style={{ width: share(own) }} />
        <span className="failed" style={{ width: share(counts.failed) }} />
      </div>
      <p>
        {text}
        {leftOf(counts) === 0 && counts.failed === 0 && <span className="tone-good"> Nothing is left.</span>}
      </p>
      <dl className="facts">
        {factsOf(progress).map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
