import { useMemo, useState } from "react";
import type { Palette } from "../../api/drafts";
import type { Catalogue } from "../../domain/draft/catalogue";
import type { Edit, OutputField } from "../../domain/draft/edit";
import type { Step, Value, WireEnd } from "../../domain/draft/pipeline";
import { portsOf } from "../../domain/draft/ports";
import type { Draft } from "../../domain/draft/read";
import { ChoiceField, PairsField, TextField } from "./fields";
import { InputField } from "./InputField";
import { InsideOf } from "./InsideOf";
import type { Folds } from "./useFolds";
import { VersionField } from "./VersionField";

export interface InspectorProps {
  workspace: string;
  draft: Draft;
  catalogue: Catalogue;
  palette: Palette | undefined;
  isReadOnly: boolean;
  /** Of a field, in the words of the server; those that are about the step as a whole have the field "". */
  problemsOf(step: string, field: string): readonly string[];
  sourcesOf(end: WireEnd): readonly WireEnd[];
  onEdit(edit: Edit): void;
  /** Of a step whose component is a file: ask what to register it as. */
  onRegister(step: string): void;
}

/** Everything that a step says, as a form made of its component's interface. */
export function StepInspector(props: InspectorProps & { step: Step; folds: Folds; onOpenInside(key: string): void }) {
  const { workspace, folds, draft, catalogue, palette, step, isReadOnly, problemsOf, sourcesOf, onEdit, onOpenInside } =
    props;
  const ports = useMemo(() => portsOf(step, draft, catalogue), [step, draft, catalogue]);
  const [isAdding, setAdding] = useState("");
  const references = useMemo(() => [...catalogue.data, ...catalogue.models], [catalogue]);
  return (
    <section className="inspector" aria-label={`Step ${step.name}`}>
      <TextField
        label="Name of the step"
        value={step.name}
        isDisabled={isReadOnly}
        onSave={(name) => onEdit({ kind: "rename-step", step: step.key, name })}
      />
      {problemsOf(step.key, "").map((text) => (
        <p key={text} className="tone-bad small">
          {text}
        </p>
      ))}
      <VersionField {...props} />
      <InsideOf
        workspace={workspace}
        step={step}
        folds={folds}
        isReadOnly={isReadOnly}
        onOpenInside={onOpenInside}
        onEdit={onEdit}
      />
      <h3>Inputs</h3>
      {ports.inputs.length === 0 && <p className="muted">It has none.</p>}
      {ports.inputs.map((port) => (
        <InputField
          key={port.name}
          step={step}
          port={port}
          sources={sourcesOf({ kind: "step-input", step: step.key, input: port.name })}
          references={references}
          isReadOnly={isReadOnly}
          problem={
            problemsOf(step.key, `inputs.${port.name}`)[0] ?? (port.isLacking ? "It has to be given something." : null)
          }
          onEdit={onEdit}
        />
      ))}
      {!ports.isKnown && (
        <div className="pair">
          <input
            className="field"
            aria-label="New input"
            placeholder="New input"
            value={isAdding}
            disabled={isReadOnly}
            onChange={(event) => setAdding(event.target.value)}
          />
          <button
            type="button"
            className="button"
            disabled={isReadOnly || isAdding.trim() === ""}
            onClick={() => {
              onEdit({ kind: "set-input", step: step.key, input: isAdding.trim(), value: "" });
              setAdding("");
            }}
          >
            Add
          </button>
        </div>
      )}
      <h3>Outputs</h3>
      {ports.outputs.length === 0 && <p className="muted">It has none.</p>}
      {ports.outputs.map((port) => (
        <OutputSet
          key={port.name}
          step={step}
          name={port.name}
          type={port.type}
          isReadOnly={isReadOnly}
          onEdit={onEdit}
        />
      ))}
      <details className="inspector-more" open={hasSettings(step)}>
        <summary>Where and how it runs</summary>
        <RunSettings step={step} palette={palette} isReadOnly={isReadOnly} onEdit={onEdit} />
      </details>
    </section>
  );
}

const SETTINGS = [
  "compute",
  "environment_variables",
  "resources",
  "limits",
  "retry",
  "reuse",
  "display_name",
  "comment",
];
const hasSettings = (step: Step): boolean => SETTINGS.some((name) => step.value[name] !== undefined);

const MODES: readonly (readonly [string, string])[] = [
  ["", "As usual"],
  ["rw_mount", "Written in place (rw_mount)"],
  ["upload", "Sent when the step has ended (upload)"],
];

interface OutputSetProps {
  step: Step;
  name: string;
  type: string | null;
  isReadOnly: boolean;
  onEdit(edit: Edit): void;
}

function OutputSet({ step, name, type, isReadOnly, onEdit }: OutputSetProps) {
  const output = step.outputs.find((one) => one.name === name);
  const set = (field: OutputField) => (value: string) =>
    onEdit({ kind: "set-output-field", step: step.key, output: name, field, value: value === "" ? null : value });
  return (
    <fieldset className="input-set">
      <legend>
        {name} <span className="muted small">{type}</span>
      </legend>
      <ChoiceField
        label="Mode"
        value={output?.mode ?? ""}
        choices={MODES}
        isDisabled={isReadOnly}
        onSave={set("mode")}
      />
      <TextField
        label="Path"
        isMono
        value={output?.path ?? ""}
        placeholder="where the job keeps it"
        isDisabled={isReadOnly}
        onSave={set("path")}
      />
      <TextField
        label="Register as"
        value={output?.asset ?? ""}
        placeholder="not registered"
        isDisabled={isReadOnly}
        onSave={set("name")}
      />
      {output?.asset && (
        <TextField
          label="Version"
          value={output.version ?? ""}
          placeholder="the next one"
          isDisabled={isReadOnly}
          onSave={set("version")}
        />
      )}
      <div className="row">
        {output?.promotedTo ? (
          <span className="muted small">It is the output {output.promotedTo} of the pipeline.</span>
        ) : (
          <button
            type="button"
            className="button plain small"
            disabled={isReadOnly}
            onClick={() => onEdit({ kind: "promote-output", step: step.key, output: name, name })}
          >
            Make it an output of the pipeline
          </button>
        )}
      </div>
    </fieldset>
  );
}

interface RunSettingsProps {
  step: Step;
  palette: Palette | undefined;
  isReadOnly: boolean;
  onEdit(edit: Edit): void;
}

function RunSettings({ step, palette, isReadOnly, onEdit }: RunSettingsProps) {
  const at = (...field: string[]): string => textOf(valueAt(step.value, field));
  const set =
    (...field: string[]) =>
    (text: string) =>
      onEdit({ kind: "set-field", step: step.key, field, value: text === "" ? null : plain(text) });
  const common = { isDisabled: isReadOnly };
  return (
    <>
      <TextField
        {...common}
        label="Compute"
        value={at("compute")}
        placeholder="that of the pipeline"
        list={palette?.computes.map((one) => `azureml:${one.name}`)}
        onSave={set("compute")}
      />
      <TextField {...common} label="Display name" value={at("display_name")} onSave={set("display_name")} />
      <TextField
        {...common}
        label="Instances"
        inputMode="numeric"
        value={at("resources", "instance_count")}
        placeholder="1"
        onSave={set("resources", "instance_count")}
      />
      <TextField
        {...common}
        label="Seconds at most"
        inputMode="numeric"
        value={at("limits", "timeout")}
        placeholder="no limit"
        onSave={set("limits", "timeout")}
      />
      <TextField
        {...common}
        label="Tries after a failure"
        inputMode="numeric"
        value={at("retry", "max")}
        placeholder="0"
        onSave={set("retry", "max")}
      />
      <ChoiceField
        {...common}
        label="An earlier result"
        value={at("reuse")}
        choices={[
          ["", "Stands for it if nothing changed"],
          ["false", "Never stands for it"],
        ]}
        onSave={set("reuse")}
      />
      <PairsField
        {...common}
        label="Environment variables"
        word="variable"
        pairs={pairsOf(step.value.environment_variables)}
        onSave={(name, value) =>
          onEdit({ kind: "set-field", step: step.key, field: ["environment_variables", name], value })
        }
      />
      <TextField {...common} label="Comment" rows={2} value={at("comment")} onSave={set("comment")} />
    </>
  );
}

export function valueAt(value: Value | undefined, path: readonly string[]): Value | undefined {
  let at: Value | undefined = value;
  for (const key of path) {
    at = typeof at === "object" && at !== null && !Array.isArray(at) ? (at as Record<string, Value>)[key] : undefined;
  }
  return at;
}

export const textOf = (value: Value | undefined): string =>
  value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);

export const pairsOf = (value: Value | undefined): Record<string, string> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, textOf(one as Value)]))
    : {};

/** What YAML would read the text as. */
const plain = (text: string): Value =>
  text === "true" || text === "false" ? text === "true" : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
