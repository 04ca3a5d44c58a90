import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { type DraftPlan, type Palette, planDraft, type Submission, submitDraft } from "../../api/drafts";
import { inWorkspace } from "../../app/workspace";
import type { PipelineInput } from "../../domain/draft/pipeline";
import type { Draft } from "../../domain/draft/read";
import { durationText } from "../../domain/format";
import { Check } from "../../ui/Check";
import { CommandLine } from "../../ui/CommandLine";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/Failure";
import { TextField } from "./fields";
import { typed } from "./InputField";
import { textOf, valueAt } from "./StepInspector";

const QUIET_MS = 300;

interface SubmitDialogProps {
  workspace: string;
  id: string;
  draft: Draft;
  palette: Palette | undefined;
  /** Saves what was edited; the revision, or null if it could not be saved. */
  onFlush(): Promise<number | null>;
  onClose(): void;
}

/** What a draft would become: what is reused, what runs and why; and the job itself. */
export default function SubmitDialog({ workspace, id, draft, palette, onFlush, onClose }: SubmitDialogProps) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const { value, inputs } = draft.pipeline;
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [wishes, setWishes] = useState<Submission>({});
  const body: Submission = { ...wishes, ...givenInputs(inputs, texts) };
  const plan = usePlan(workspace, id, draft.text, body);
  const submit = useMutation({
    mutationFn: async () => {
      const revision = await onFlush();
      if (revision === null) {
        throw new Error("the draft could not be saved, and what is not saved cannot be submitted");
      }
      return submitDraft(workspace, id, { ...body, revision });
    },
    onSuccess: (made) => {
      client.invalidateQueries({ queryKey: ["jobs", workspace] });
      navigate({ to: "/jobs/$name", params: { name: made.job }, search: inWorkspace(workspace) });
    },
  });
  const set = (name: keyof Submission) => (text: string) =>
    setWishes(({ [name]: _, ...rest }) => (text === "" ? rest : { ...rest, [name]: text }));
  const written = (...path: string[]) => textOf(valueAt(value, path));
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit.mutate();
  };
  return (
    <Dialog title="Submit" onClose={onClose} isWide>
      <form className="stack submit-form" onSubmit={onSubmit}>
        <div className="submit-columns">
          <div className="stack">
            <TextField
              label="Display name"
              value={wishes.display_name ?? written("display_name")}
              onSave={set("display_name")}
            />
            <TextField
              label="Experiment"
              value={wishes.experiment_name ?? written("experiment_name")}
              list={palette?.experiments}
              onSave={set("experiment_name")}
            />
            <TextField
              label="Description"
              rows={2}
              value={wishes.description ?? written("description")}
              onSave={set("description")}
            />
            <TextField
              label="Default compute"
              value={wishes.default_compute ?? written("settings", "default_compute")}
              list={palette?.computes.map((one) => one.name)}
              placeholder="this machine"
              onSave={set("default_compute")}
            />
            {inputs.length > 0 && (
              <fieldset className="inputs-set stack">
                <legend>Inputs</legend>
                {inputs.map((input) => (
                  <TextField
                    key={input.name}
                    label={input.type === null ? input.name : `${input.name}, ${input.type}`}
                    value={texts[input.name] ?? before(input)}
                    onSave={(text) => setTexts({ ...texts, [input.name]: text })}
                  />
                ))}
              </fieldset>
            )}
            <Check
              text="Go on with other steps when one fails"
              isOn={wishes.continue_on_step_failure ?? written("settings", "continue_on_step_failure") === "true"}
              onChange={(isOn) => setWishes({ ...wishes, continue_on_step_failure: isOn })}
            />
            <Check
              text="Run every step, also where an earlier result would stand for it"
              isOn={wishes.force_rerun ?? written("settings", "force_rerun") === "true"}
              onChange={(isOn) => setWishes({ ...wishes, force_rerun: isOn })}
            />
          </div>
          <PlanView plan={plan.plan} problem={plan.problem} isPending={plan.isPending} />
        </div>
        <Failure problem={submit.error} />
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button primary" disabled={submit.isPending || plan.plan === null}>
            Submit
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const before = (input: PipelineInput): string => input.path ?? textOf(input.value);

/** The inputs that were given something else than the text says. */
function givenInputs(inputs: readonly PipelineInput[], texts: Readonly<Record<string, string>>): Submission {
  const changes = inputs.flatMap((input): [string, unknown][] => {
    const text = texts[input.name];
    return text === undefined || text === before(input)
      ? []
      : [[input.name, input.path === null ? typed(text, input.type) : text]];
  });
  return changes.length === 0 ? {} : { inputs: Object.fromEntries(changes) };
}

interface Planned {
  plan: DraftPlan | null;
  problem: unknown;
  isPending: boolean;
}

/** The server's dry run, asked again a moment after each change. */
function usePlan(workspace: string, id: string, text: string, body: Submission): Planned {
  const [planned, setPlanned] = useState<Planned>({ plan: null, problem: null, isPending: true });
  const asked = JSON.stringify(body);
  useEffect(() => {
    const stop = new AbortController();
    setPlanned((now) => ({ ...now, isPending: true }));
    const timer = setTimeout(() => {
      planDraft(workspace, id, { ...(JSON.parse(asked) as Submission), text }, stop.signal)
        .then((plan) => setPlanned({ plan, problem: null, isPending: false }))
        .catch((problem) => {
          if (!stop.signal.aborted) {
            setPlanned({ plan: null, problem, isPending: false });
          }
        });
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [workspace, id, text, asked]);
  return planned;
}

function PlanView({ plan, problem, isPending }: Planned) {
  return (
    <section className="plan stack" aria-label="What would happen" aria-busy={isPending}>
      <h3>What would happen</h3>
      {isPending && plan === null && <p className="muted">Asking the server</p>}
      <Failure problem={problem} />
      {plan !== null && (
        <>
          <p role="status">
            {countWords(plan)}
            {plan.seconds !== null && plan.running > 0 && (
              <span className="muted">
                {" "}
                About {durationText(plan.seconds)} of work, by earlier runs
                {plan.without_time > 0 && `; ${plan.without_time} never ran`}.
              </span>
            )}
          </p>
          <ul className="plan-steps">
            {plan.steps.map((step) => (
              <li key={step.step}>
                <strong>{step.step}</strong>{" "}
                {step.source !== null ? (
                  <span className="tone-good">will reuse {step.source.job}</span>
                ) : (
                  <span>will run</span>
                )}
                {step.reasons.map((reason) => (
                  <span className="muted" key={reason.message}>
                    {" "}
                    {reason.message}
                  </span>
                ))}
              </li>
            ))}
          </ul>
          <CommandLine text={plan.command} />
        </>
      )}
    </section>
  );
}

function countWords({ steps, reused, running }: DraftPlan): string {
  const words = [reused > 0 ? `${reused} will be reused` : "", running > 0 ? `${running} will run` : ""].filter(
    Boolean,
  );
  return `${steps.length} ${steps.length === 1 ? "step" : "steps"}${words.length === 0 ? "" : `: ${words.join(", ")}`}.`;
}
