import { useMutation, useQueryClient } from "@tanstack/react-query";
import { archiveJob, cancelJob, type Job, restoreJob } from "../../api/jobs";
import { isOver } from "../../domain/status";

/** What can be done to the chosen jobs, all at once. */
export function SelectionBar({ workspace, jobs, onDone }: { workspace: string; jobs: readonly Job[]; onDone(): void }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: async ({ names, verb }: { names: string[]; verb: typeof cancelJob }) => {
      for (const name of names) {
        await verb(workspace, name);
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs", workspace] }),
    onSuccess: onDone,
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
        onClick={() => act.mutate({ names: names(running), verb: cancelJob })}
      >
        Cancel {running.length || ""}
      </button>
      <button
        type="button"
        className="button"
        disabled={over.length === 0 || act.isPending}
        onClick={() => act.mutate({ names: names(over), verb: archiveJob })}
      >
        Archive {over.length || ""}
      </button>
      {archived.length > 0 && (
        <button
          type="button"
          className="button"
          disabled={act.isPending}
          onClick={() => act.mutate({ names: names(archived), verb: restoreJob })}
        >
          Restore {archived.length}
        </button>
      )}
      <button type="button" className="button plain" onClick={onDone}>
        Clear
      </button>
      {act.isError && <span className="tone-bad">{act.error.message}</span>}
    </div>
  );
}
