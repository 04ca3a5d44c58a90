import { Link } from "@tanstack/react-router";
import type { Job } from "../../api/jobs";
import type { Step } from "../../domain/job";
import { Skeleton } from "../../ui/Skeleton";

/** Why the step ran, or whose result was used instead. The words are the server's: `pipeyard job why` prints the same. */
export function WhyTab({ job, step }: { job: Job | undefined; step: Step }) {
  if (job === undefined) {
    return <Skeleton lines={4} />;
  }
  const { reuse } = job;
  if (!reuse) {
    return (
      <p className="muted">
        {step.ended_at === null ? "Not decided yet: the step waits for its inputs." : "Nothing was recorded about it."}
      </p>
    );
  }
  const source = reuse.source_job;
  return (
    <div className="stack">
      {reuse.decision === "reused" && source ? (
        <p>
          Its result is that of{" "}
          <Link to="/jobs/$name" params={{ name: source }}>
            {source}
          </Link>
          : everything that it depends on was equal.
        </p>
      ) : (
        <p>It ran.</p>
      )}
      <ul className="reasons">
        {(reuse.reasons ?? []).map((reason) => (
          <li key={`${reason.code} ${reason.message}`}>
            {reason.message}
            {reason.hint && <span className="muted small"> {reason.hint}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
