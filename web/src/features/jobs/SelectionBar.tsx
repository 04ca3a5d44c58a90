import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { actOnJobs, type Job, type JobDone, type Verb } from "../../api/jobs";
import { isOver } from "../../domain/status";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/Failure";
import { tell } from "../../ui/notices";

const COMPARED_MAX = 8;
/** What can be taken back, and by what. Canceling cannot, so that asks first. */
const WORDS = {
  archive: { done: "Archived", back: "restore" },
  restore: { done: "Restored", back: "archive" },
} as const;

/** What can be done to the chosen jobs, all at once. */
export function SelectionBar({ workspace, jobs, onDone }: { workspace: string; jobs: readonly Job[]; onDone(): void }) {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [refused, setRefused] = useState<JobDone[]>([]);
  const reload = () => {
    client.invalidateQueries({ queryKey: ["job-counts", workspace] });
    client.invalidateQueries({ queryKey: ["job", workspace] });
    return client.invalidateQueries({ queryKey: ["jobs", workspace] });
  };
  const act = useMutation({
    mutationFn: ({ names, verb }: { names: string[]; verb: Verb }) => actOnJobs(workspace, names, verb),
    onSuccess: (done, { verb }) => {
      const left = done.filter((one) => one.error !== null);
      const changed = done.filter((one) => one.error === null).map((one) => one.name);
      if (verb !== "cancel" && changed.length > 0) {
        tell(`${WORDS[verb].done} ${changed.length === 1 ? "1 job" : `${changed.length} jobs`}.`, async () => {
          await actOnJobs(workspace, changed, WORDS[verb].back);
          await reload();
        });
      }
      setRefused(left);
      if (left.length === 0) {
        onDone();
      }
    },
    onSettled: () => {
      setAsking(false);
      return reload();
    },
  });
  if (jobs.length === 0) {
    return null;
  }
  const running = jobs.filter((job) => !isOver(job.label));
  const over = jobs.filter((job) => isOver(job.label) && !job.archived);
  const archived = jobs.filter((job) => job.archived);
  const names = (some: readonly Job[]) => some.map((job) => job.name);
  return (
    <div className="selection" role="toolbar" aria-label="Chosen jobs">
      <span>{jobs.length} chosen</span>
      <button
        type="button"
        className="button"
        disabled={running.length === 0 || act.isPending}
        onClick={() => setAsking(true)}
      >
        Cancel {running.length || ""}
      </button>
      <button
        type="button"
        className="button"
        disabled={over.length === 0 || act.isPending}
        onClick={() => act.mutate({ names: names(over), verb: "archive" })}
      >
        Archive {over.length || ""}
      </button>
      {archived.length > 0 && (
        <button
          type="button"
          className="button"
          disabled={act.isPending}
          onClick={() => act.mutate({ names: names(archived), verb: "restore" })}
        >
          Restore {archived.length}
        </button>
      )}
      {jobs.length >= 2 && jobs.length <= COMPARED_MAX && (
        <Link
          className="button"
          to="/compare"
          search={({ workspace: where }) => ({ workspace: where, jobs: names([...jobs].reverse()) })}
        >
          Compare {jobs.length}
        </Link>
      )}
      <button type="button" className="button plain" onClick={onDone}>
        Clear
      </button>
      <Failure problem={act.error} />
      {refused.map((one) => (
        <span key={one.name} className="tone-bad" role="alert">
          {one.error?.message}
        </span>
      ))}
      {isAsking && (
        <Dialog
          title={running.length === 1 ? "Cancel 1 job?" : `Cancel ${running.length} jobs?`}
          onClose={() => setAsking(false)}
        >
          <p>Steps that run are ended, and those that wait never start. What they wrote is kept.</p>
          <ul className="plain-list">
            {running.slice(0, 10).map((job) => (
              <li key={job.name}>{job.display_name}</li>
            ))}
            {running.length > 10 && <li className="muted">and {running.length - 10} more</li>}
          </ul>
          <div className="dialog-foot">
            <button type="button" className="button" onClick={() => setAsking(false)}>
              Let them run
            </button>
            <button
              type="button"
              className="button danger"
              disabled={act.isPending}
              onClick={() => act.mutate({ names: names(running), verb: "cancel" })}
            >
              Cancel them
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
