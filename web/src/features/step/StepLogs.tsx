import type { Job } from "../../api/jobs";
import type { StepSearch } from "../../app/router";
import type { Step } from "../../domain/job";
import { ranksOf } from "../../domain/ranks";
import type { Change } from "../job/JobPage";
import { LogViewer } from "./LogViewer";

interface StepLogsProps {
  step: Step;
  /** The step's own JSON, once it is loaded. */
  job: Job | undefined;
  workspace: string;
  search: StepSearch;
  onChange: Change;
}

/** The log of a step; where several processes share it, that of one of them: of the first that failed, else of rank 0. */
export function StepLogs({ step, job, workspace, search, onChange }: StepLogsProps) {
  const ranks = ranksOf(job);
  const failed = ranks.find((one) => one.hasFailed)?.rank;
  const chosen = ranks.find((one) => one.rank === search.rank)?.rank ?? failed ?? 0;
  const rank = ranks.length === 0 ? undefined : chosen;
  const viewer = (
    <LogViewer
      // Another log is another book, and no line of the one before is marked in it.
      key={rank ?? "alone"}
      workspace={workspace}
      name={step.name}
      line={search.line}
      isBegun={step.started_at !== null || step.ended_at !== null}
      rank={rank}
      onLine={(line) => onChange({ line })}
    />
  );
  if (rank === undefined) {
    return viewer;
  }
  return (
    <div className="ranked-log">
      <label className="row">
        <span className="muted small">Process</span>
        <select
          className="field"
          value={rank}
          onChange={(event) => onChange({ rank: Number(event.target.value), line: undefined })}
        >
          {ranks.map((one) => (
            <option key={one.rank} value={one.rank}>
              {one.hasFailed ? `${one.label}: failed first` : one.label}
            </option>
          ))}
        </select>
      </label>
      {viewer}
    </div>
  );
}
