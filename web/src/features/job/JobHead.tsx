import { Link } from "@tanstack/react-router";
import type { Job } from "../../api/jobs";
import { countByLabel, type JobGraph } from "../../domain/job";
import { lookOf } from "../../domain/status";
import { Ago } from "../../ui/Ago";
import { Copy } from "../../ui/Copy";
import { Duration } from "../../ui/Duration";
import { EditableText } from "../../ui/EditableText";
import { Failure } from "../../ui/Failure";
import { StatusPill } from "../../ui/StatusPill";
import { JobActions } from "./JobActions";
import { useJobChange } from "./useJobChange";

interface JobHeadProps {
  graph: JobGraph;
  job: Job | undefined;
  workspace: string;
  onSelect(key: string): void;
}

/** What the job is, how far it has come, and on failure why, before anything else. */
export function JobHead({ graph, job, workspace, onSelect }: JobHeadProps) {
  const { job: card } = graph;
  const rename = useJobChange(workspace, card);
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
        <EditableText
          text={card.display_name}
          label="display name"
          onSave={(text) => rename.mutate({ display_name: text })}
        >
          <h1>{card.display_name}</h1>
        </EditableText>
        <StatusPill label={card.label} isFramed />
        <span className="muted">
          {card.kind === "pipeline" && `${counts.get("Completed") ?? 0} of ${total} steps · `}
          <Duration card={card} />
          {reused > 0 && ` · ${reused} reused`}
          {job !== undefined && (
            <>
              {" · "}
              <Ago time={job.creation_context.created_at} /> · {job.creation_context.created_by} ·{" "}
              <Link to="/" search={({ workspace: where }) => ({ workspace: where, experiment: job.experiment_name })}>
                {job.experiment_name}
              </Link>
            </>
          )}
        </span>
        <span className="space" />
        <Copy text={card.name} label={card.name} />
        {job !== undefined && <JobActions workspace={workspace} job={job} graph={graph} />}
      </div>
      {job?.archived && <p className="notice">Archived: lists leave it out. Nothing of it was removed.</p>}
      <Failure problem={rename.error} />
      <Origin job={job} />
      {card.kind === "pipeline" && total > 0 && <Progress counts={counts} total={total} />}
      <Warnings job={job} />
      <RootCause graph={graph} job={job} onSelect={onSelect} />
    </div>
  );
}

const ORIGINS = [
  ["pipeyard.resumed_from", "Goes on with"],
  ["pipeyard.rerun_of", "Steps run again of"],
  ["pipeyard.resubmitted_from", "Resubmitted from"],
] as const;

/** The job that this one was made from. */
function Origin({ job }: { job: Job | undefined }) {
  const found = ORIGINS.find(([property]) => job?.properties[property] !== undefined);
  const name = found && job?.properties[found[0]];
  if (found === undefined || name === undefined || job === undefined) {
    return null;
  }
  return (
    <p className="muted small">
      {found[1]}{" "}
      <Link to="/jobs/$name" params={{ name }} search={({ workspace }) => ({ workspace })}>
        {name}
      </Link>
      {" · "}
      <Link to="/compare" search={({ workspace }) => ({ workspace, jobs: [name, job.name] })}>
        what is different
      </Link>
    </p>
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
          {skipped > 0 && `; ${skipped} never ran because of it`}
          {". "}
          <button type="button" className="link" onClick={() => onSelect(first.key)}>
            Read its log
          </button>
        </>
      )}
    </div>
  );
}
