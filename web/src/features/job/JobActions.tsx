import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { createDraft } from "../../api/drafts";
import { actOnJob, type Job, type Verb } from "../../api/jobs";
import { commandOf } from "../../domain/command";
import type { JobGraph } from "../../domain/job";
import { isOver, withoutMark } from "../../domain/status";
import { CommandLine } from "../../ui/CommandLine";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/Failure";
import { Menu } from "../../ui/Menu";
import { tell } from "../../ui/notices";

const AgainDialog = lazy(() => import("./AgainDialog"));

interface JobActionsProps {
  workspace: string;
  job: Job;
  graph: JobGraph;
}

/** What can be done to a job. Only what cannot be undone asks first. */
export function JobActions({ workspace, job, graph }: JobActionsProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"cancel" | "resume" | "resubmit" | "commands" | null>(null);
  const reload = () => {
    client.invalidateQueries({ queryKey: ["jobs", workspace] });
    client.invalidateQueries({ queryKey: ["job-counts", workspace] });
    return client.invalidateQueries({ queryKey: ["job", workspace] });
  };
  const act = useMutation({
    mutationFn: (verb: Verb) => actOnJob(workspace, job.name, verb),
    onSuccess: (_, verb) => {
      setAsked(null);
      if (verb !== "cancel") {
        tell(`${verb === "archive" ? "Archived" : "Restored"} ${job.display_name}.`, async () => {
          await actOnJob(workspace, job.name, verb === "archive" ? "restore" : "archive");
          await reload();
        });
      }
    },
    onSettled: () => reload(),
  });
  const edit = useMutation({
    mutationFn: () => createDraft(workspace, { job: job.name }),
    onSuccess: (draft) =>
      navigate({
        to: "/designer/$draft",
        params: { draft: draft.id },
        search: workspace === "default" ? {} : { workspace },
      }),
  });
  const hasEnded = isOver(job.label);
  const notEnded = hasEnded ? undefined : "the job has not ended";
  return (
    <>
      {act.isError && asked !== "cancel" && <span className="tone-bad">{act.error.message}</span>}
      {edit.isError && <span className="tone-bad">{edit.error.message}</span>}
      {!hasEnded && (
        <button
          type="button"
          className="button"
          disabled={act.isPending || job.label === "CancelRequested"}
          onClick={() => setAsked("cancel")}
        >
          Cancel
        </button>
      )}
      <button type="button" className="button" onClick={() => setAsked("resubmit")}>
        Resubmit
      </button>
      <Menu
        label="More actions"
        items={[
          {
            id: "resume",
            label: "Resume where it ended",
            refusal: notEnded ?? (withoutMark(job.label) === "Completed" ? "it has completed" : undefined),
            onChoose: () => setAsked("resume"),
          },
          {
            id: "archive",
            label: job.archived ? "Restore" : "Archive",
            refusal: job.archived ? undefined : notEnded,
            onChoose: () => act.mutate(job.archived ? "restore" : "archive"),
          },
          { id: "edit", label: "Edit a copy in the Designer", onChoose: () => edit.mutate() },
          {
            id: "compare",
            label: "Compare with another job",
            onChoose: () =>
              navigate({
                to: "/compare",
                search: { ...(workspace === "default" ? {} : { workspace }), jobs: [job.name] },
              }),
          },
          {
            id: "lineage",
            label: "Show its lineage",
            onChoose: () =>
              navigate({
                to: "/lineage/$",
                params: { _splat: `jobs/${job.name}` },
                search: workspace === "default" ? {} : { workspace },
              }),
          },
          null,
          { id: "commands", label: "Show as commands", onChoose: () => setAsked("commands") },
        ]}
      />
      {asked === "cancel" && (
        <Dialog title={`Cancel ${job.display_name}?`} onClose={() => setAsked(null)}>
          <p>Steps that run are ended, and those that wait never start. What they wrote is kept, to look at.</p>
          <CommandLine text={commandOf(workspace, "job", "cancel", "-n", job.name)} />
          <Failure problem={act.error} />
          <div className="dialog-foot">
            <button type="button" className="button" onClick={() => setAsked(null)}>
              Let it run
            </button>
            <button
              type="button"
              className="button danger"
              disabled={act.isPending}
              onClick={() => act.mutate("cancel")}
            >
              Cancel the job
            </button>
          </div>
        </Dialog>
      )}
      {(asked === "resume" || asked === "resubmit") && (
        <Suspense>
          <AgainDialog verb={asked} workspace={workspace} job={job} graph={graph} onClose={() => setAsked(null)} />
        </Suspense>
      )}
      {asked === "commands" && (
        <Dialog title="As commands" onClose={() => setAsked(null)} isWide>
          {commandsOf(workspace, job).map(([what, line]) => (
            <div key={what}>
              <p className="muted small">{what}</p>
              <CommandLine text={line} />
            </div>
          ))}
        </Dialog>
      )}
    </>
  );
}

function commandsOf(workspace: string, job: Job): [string, string][] {
  const line = (...words: string[]) => commandOf(workspace, "job", ...words);
  return [
    ["Everything on this page, as JSON", line("show", "-n", job.name)],
    ["Follow it to its end", line("stream", "-n", job.name)],
    ["Its steps", line("list", "-p", job.name, "-o", "table")],
    ["Why each step ran, or was reused", line("why", job.name)],
    ["All logs and outputs", line("download", "-n", job.name, "--all")],
    ["End it", line("cancel", "-n", job.name)],
    ["Go on where it ended", line("resume", job.name)],
    ["Once more with other inputs", line("resubmit", job.name, "--input", "NAME=VALUE")],
    ["What is different in another job", line("compare", job.name, "OTHER")],
    ["What it was made of, and what was made of it", line("lineage", job.name)],
    ["Tag it", line("update", "-n", job.name, "--set", "tags.NAME=VALUE")],
    [
      job.archived ? "Show it in lists again" : "Hide it from lists",
      line(job.archived ? "restore" : "archive", "-n", job.name),
    ],
  ];
}
