import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { type Again, type Job, runAgain } from "../../api/jobs";
import { changedInputs, editableInputs } from "../../domain/again";
import { commandOf } from "../../domain/command";
import type { JobGraph, Port } from "../../domain/job";
import { Check } from "../../ui/Check";
import { CommandLine } from "../../ui/CommandLine";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/Failure";

interface AgainDialogProps {
  verb: "resume" | "rerun" | "resubmit";
  workspace: string;
  job: Pick<Job, "name" | "display_name" | "experiment_name">;
  graph: JobGraph;
  /** Of a rerun: the step that it begins at. */
  step?: string;
  /** Of a parallel step only the mini-batches that failed or were not reached. */
  isFailedBatches?: boolean;
  onClose(): void;
}

const WORDS = {
  resume: {
    title: "Resume",
    button: "Resume",
    text: "A new job takes over every step that completed, and runs the others. It runs what this job ran: no file is read again.",
  },
  rerun: {
    title: "Run again from",
    button: "Run again",
    text: "A new job runs this step and every step that depends on it; the rest is taken over.",
  },
  failed: {
    title: "Run failed mini-batches again of",
    button: "Run again",
    text: "A new job runs the mini-batches that failed or were not reached, and then every step that depends on this one. What the other mini-batches returned and wrote is taken over.",
  },
  resubmit: {
    title: "Resubmit",
    button: "Submit",
    text: "A new job like this one. Steps that nothing changed for are reused.",
  },
} as const;

/** Makes a job from an earlier one, and opens it. */
export default function AgainDialog({
  verb,
  workspace,
  job,
  graph,
  step,
  isFailedBatches = false,
  onClose,
}: AgainDialogProps) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const inputs = verb === "resubmit" ? editableInputs(graph) : [];
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [name, setName] = useState(job.display_name);
  const [experiment, setExperiment] = useState(job.experiment_name);
  const [isLatest, setLatest] = useState(false);
  const [isForced, setForced] = useState(false);
  const changes = changedInputs(inputs, texts);
  const wishes: Again = {
    ...(isLatest ? { latest: true } : {}),
    // A stand-alone step has no name.
    ...(step ? { steps: [step] } : {}),
    ...(isFailedBatches ? { failed_batches: true } : {}),
    ...(Object.keys(changes).length > 0 ? { inputs: changes } : {}),
    ...(verb === "resubmit" && name !== job.display_name ? { display_name: name } : {}),
    ...(verb === "resubmit" && experiment !== job.experiment_name ? { experiment_name: experiment } : {}),
    ...(isForced ? { force_rerun: true } : {}),
  };
  const again = useMutation({
    mutationFn: () => runAgain(workspace, job.name, verb, wishes),
    onSuccess: (made) => {
      client.invalidateQueries({ queryKey: ["jobs", workspace] });
      onClose();
      navigate({
        to: "/jobs/$name",
        params: { name: made.name },
        search: workspace === "default" ? {} : { workspace },
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    again.mutate();
  };
  const words = WORDS[isFailedBatches ? "failed" : verb];
  return (
    <Dialog title={`${words.title} ${step || job.display_name}`} onClose={onClose} isWide={verb === "resubmit"}>
      <form onSubmit={submit} className="stack">
        <p>{words.text}</p>
        {verb === "resubmit" && (
          <div className="form-grid">
            <Row label="Display name" text={name} onText={setName} />
            <Row label="Experiment" text={experiment} onText={setExperiment} />
          </div>
        )}
        {inputs.length > 0 && (
          <fieldset className="inputs-set">
            <legend>Inputs</legend>
            <div className="form-grid">
              {inputs.map((port) => (
                <InputRow
                  key={port.name}
                  port={port}
                  text={texts[port.name]}
                  onText={(text) => setTexts({ ...texts, [port.name]: text })}
                />
              ))}
            </div>
          </fieldset>
        )}
        {verb === "resubmit" && inputs.length === 0 && <p className="muted">The job has no inputs of its own.</p>}
        {verb === "resubmit" && (
          <Check
            isOn={isForced}
            onChange={setForced}
            text="Run every step, also where an earlier result would stand for it"
          />
        )}
        <Check
          isOn={isLatest}
          onChange={setLatest}
          text="Take the newest versions of what it names, instead of those that it had"
        />
        <CommandLine text={commandOf(workspace, "job", verb, job.name, ...flagsOf(wishes))} />
        <Failure problem={again.error} />
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button primary" disabled={again.isPending}>
            {words.button}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Row({ label, text, onText }: { label: string; text: string; onText(text: string): void }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input id={id} className="field" value={text} onChange={(event) => onText(event.target.value)} />
    </>
  );
}

function InputRow({ port, text, onText }: { port: Port; text: string | undefined; onText(text: string): void }) {
  const id = useId();
  const before = port.value !== undefined ? String(port.value) : (port.path ?? port.uri ?? "");
  const shown = text ?? before;
  return (
    <>
      <label htmlFor={id}>
        {port.name}
        {port.type !== undefined && <span className="muted small"> {port.type}</span>}
      </label>
      {typeof port.value === "boolean" ? (
        <select id={id} className="field" value={shown} onChange={(event) => onText(event.target.value)}>
          <option>true</option>
          <option>false</option>
        </select>
      ) : (
        <input
          id={id}
          className={`field${shown !== before ? " changed-field" : ""}`}
          value={shown}
          inputMode={typeof port.value === "number" ? "decimal" : "text"}
          onChange={(event) => onText(event.target.value)}
        />
      )}
    </>
  );
}

function flagsOf(wishes: Again): string[] {
  return [
    ...(wishes.steps ?? []).flatMap((step) => ["--step", step]),
    ...Object.entries(wishes.inputs ?? {}).flatMap(([name, value]) => ["--input", `${name}=${value}`]),
    ...(wishes.display_name === undefined ? [] : ["--display-name", wishes.display_name]),
    ...(wishes.experiment_name === undefined ? [] : ["--experiment-name", wishes.experiment_name]),
    ...(wishes.failed_batches ? ["--failed-batches"] : []),
    ...(wishes.force_rerun ? ["--force-rerun"] : []),
    ...(wishes.latest ? ["--latest"] : []),
  ];
}
