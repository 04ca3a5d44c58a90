import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { archiveJob, cancelJob, type Job, restoreJob } from "../../api/jobs";
import { countByLabel, type JobGraph } from "../../domain/job";
import { isOver, lookOf } from "../../domain/status";
import { Ago } from "../../ui/Ago";
import { Copy } from "../../ui/Copy";
import { Duration } from "../../ui/Duration";
import { StatusPill } from "../../ui/StatusPill";

interface JobHeadProps {
  graph: JobGraph;
  job: Job | undefined;
  workspace: string;
  onSelect(key: string): void;
}

/** What the job is, how far it has come, and on failure why, before anything else. */
export function JobHead({ graph, job, workspace, onSelect }: JobHeadProps) {
  const { job: card } = graph;
  const counts = countByLabel(graph.steps);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const reused = graph.steps.filter((step) => step.reused_from !== null).length;
  return (
    <div className="job-head">
      <div className="job-title">
        <Link to="/" search={workspace === "default" ? {} : { workspace }} className="muted">
          Jobs
        </Link>
        <span className="muted" aria-hidden="true">
          /
        </span>
        <h1>{card.display_name}</h1>
        <StatusPill label={card.label} isFramed />
        <span className="muted">
          {card.kind === "pipeline" && `${counts.get("Completed") ?? 0} of ${total} steps · `}
          <Duration card={card} />
          {reused > 0 && ` · ${reused} reused`}
          {job !== undefined && (
            <>
              {" · "}
              <Ago time={job.creation_context.created_at} /> · {job.creation_context.created_by} ·{" "}
              <Link to="/" search={{ experiment: job.experiment_name }}>
                {job.experiment_name}
              </Link>
            </>
          )}
        </span>
        <span className="space" />
        <Copy text={card.name} label={card.name} />
        <Actions workspace={workspace} job={job} />
      </div>
      {card.kind === "pipeline" && total > 0 && <Progress counts={counts} total={total} />}
      <Warnings job={job} />
      <RootCause graph={graph} job={job} onSelect={onSelect} />
    </div>
  );
}

function Actions({ workspace, job }: { workspace: string; job: Job | undefined }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (verb: typeof cancelJob) => verb(workspace, job?.name ?? ""),
    onSettled: () => client.invalidateQueries({ queryKey: ["job", workspace] }),
  });
  if (job === undefined) {
    return null;
  }
  return (
    <>
      {act.isError && <span className="tone-bad">{act.error.message}</span>}
      {!isOver(job.label) ? (
        <button
          type="button"
          className="button"
          disabled={act.isPending || job.label === "CancelRequested"}
          onClick={() => act.mutate(cancelJob)}
        >
          Cancel
        </button>
      ) : (
        <button
          type="button"
          className="button"
          disabled={act.isPending}
          onClick={() => act.mutate(job.archived ? restoreJob : archiveJob)}
        >
          {job.archived ? "Restore" : "Archive"}
        </button>
      )}
    </>
  );
}

function Progress({ counts, total }: { counts: ReadonlyMap<string, number>; total: number }) {
  const text = [...counts].map(([label, count]) => `${count} ${label}`).join(", ");
  return (
    <div className="progress" role="img" aria-label={text} title={text}>
      {[...counts].map(([label, count]) => (
        <span
          key={label}
          className={`tone-${lookOf(label).tone}${label === "NotStarted" ? " empty-part" : ""}`}
          style={{ flexGrow: count / total }}
        />
      ))}
    </div>
  );
}

function Warnings({ job }: { job: Job | undefined }) {
  const warnings = job?.warnings ?? [];
  return warnings.length === 0 ? null : (
    <details className="notice">
      <summary>
        {warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`}: {warnings[0]?.message}
      </summary>
      <ul>
        {warnings.slice(1).map((warning) => (
          <li key={warning.message}>{warning.message}</li>
        ))}
      </ul>
    </details>
  );
}

/** The first step that failed, in its own words. */
function RootCause({ graph, job, onSelect }: { graph: JobGraph; job: Job | undefined; onSelect(key: string): void }) {
  if (graph.job.label !== "Failed") {
    return null;
  }
  const failed = graph.steps
    .filter((step) => step.label === "Failed" && step.kind !== "pipeline")
    .sort((a, b) => (a.ended_at ?? "").localeCompare(b.ended_at ?? ""));
  const first = failed[0];
  const skipped = graph.steps.filter((step) => step.label === "Skipped").length;
  return (
    <div className="notice bad" role="alert">
      {first === undefined ? (
        (job?.error?.message ?? graph.job.error?.message)
      ) : (
        <>
          <strong>{first.display_name}</strong> failed: {first.error?.message ?? "no reason was given"}
          {failed.length > 1 && `; ${failed.length - 1} more failed`}
          {skipped > 0 && `; ${skipped} never ran because of it`}{" "}
          <button type="button" className="link" onClick={() => onSelect(first.key)}>
            Read its log
          </button>
        </>
      )}
    </div>
  );
}
