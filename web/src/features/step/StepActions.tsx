import { lazy, Suspense, useState } from "react";
import type { Job } from "../../api/jobs";
import { commandOf } from "../../domain/command";
import type { JobGraph, Step } from "../../domain/job";
import { isOver } from "../../domain/status";
import { CommandLine } from "../../ui/CommandLine";
import { Dialog } from "../../ui/Dialog";
import { Menu } from "../../ui/Menu";

const AgainDialog = lazy(() => import("../job/AgainDialog"));

interface StepActionsProps {
  step: Step;
  graph: JobGraph;
  /** The whole job. */
  job: Job;
  workspace: string;
}

/** What can be done with a step. */
export function StepActions({ step, graph, job, workspace }: StepActionsProps) {
  const [asked, setAsked] = useState<"rerun" | "commands" | null>(null);
  if (step.key === "") {
    return null;
  }
  return (
    <>
      <Menu
        label="Actions of the step"
        items={[
          {
            id: "rerun",
            label: "Run again from here",
            refusal: isOver(graph.job.label) ? undefined : "the job has not ended",
            onChoose: () => setAsked("rerun"),
          },
          { id: "commands", label: "Show as commands", onChoose: () => setAsked("commands") },
        ]}
      />
      {asked === "rerun" && (
        <Suspense>
          <AgainDialog
            verb="rerun"
            workspace={workspace}
            job={job}
            graph={graph}
            step={step.key}
            onClose={() => setAsked(null)}
          />
        </Suspense>
      )}
      {asked === "commands" && (
        <Dialog title={`${step.display_name} as commands`} onClose={() => setAsked(null)} isWide>
          {commandsOf(workspace, job.name, step).map(([what, line]) => (
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

/** What only some kinds of steps have. */
function more(workspace: string, root: string, step: Step): [string, string][] {
  const at = (...words: string[]): string => commandOf(workspace, "job", ...words, root, "--step", step.key);
  if (step.driver === "parallel") {
    return [
      ["How far it is, and which mini-batches failed", at("batches")],
      ["Only its failed mini-batches again", `${at("rerun")} --failed-batches`],
    ];
  }
  if (step.kind === "do_while" || step.kind === "parallel_for") {
    return [["What it repeated", at("runs")]];
  }
  return step.kind === "sweep" ? [["Its trials", commandOf(workspace, "job", "trials", step.name)]] : [];
}

function commandsOf(workspace: string, root: string, step: Step): [string, string][] {
  const line = (...words: string[]) => commandOf(workspace, "job", ...words);
  const shared: [string, string][] = [
    ["Everything on this page, as JSON", line("show", "-n", step.name)],
    ["Run it again, and what depends on it", line("rerun", root, "--step", step.key)],
    ["Why it ran, or was reused", line("why", root, "--step", step.key)],
  ];
  return step.kind === "pipeline"
    ? shared
    : [
        ...shared,
        ...more(workspace, root, step),
        ["Its log", line("stream", "-n", step.name)],
        ["Its logs and outputs", line("download", "-n", step.name, "--all")],
        ["Once more in this terminal, apart from the job", line("run-step", root, step.key)],
        ["A shell where it runs", line("run-step", root, step.key, "--shell")],
      ];
}
