import { useState } from "react";
import type { PipelineInput, PipelineOutput, Value } from "../../domain/draft/pipeline";
import { isDataType } from "../../domain/draft/ports";
import { ChoiceField, PairsField, TextField } from "./fields";
import { typed } from "./InputField";
import { type InspectorProps, pairsOf, textOf, valueAt } from "./StepInspector";

const TYPES = [
  "string",
  "number",
  "integer",
  "boolean",
  "uri_file",
  "uri_folder",
  "mltable",
  "mlflow_model",
  "custom_model",
];
const OUTPUT_TYPES = ["uri_folder", "uri_file", "mltable", "mlflow_model", "custom_model"];
const SWITCH = [
  ["", "No"],
  ["true", "Yes"],
] as const;

/** What the pipeline says of itself, or an inline pipeline: names, inputs and outputs, settings. */
export function PipelineInspector(props: InspectorProps & { scope: string }) {
  const { draft, palette, scope, isReadOnly, onEdit } = props;
  const { pipeline } = draft;
  const around = scope === "" ? pipeline : pipeline.byKey.get(scope)?.inner;
  const value = pipeline.value;
  const at = (...field: string[]) => textOf(valueAt(value, field));
  const set =
    (...field: string[]) =>
    (text: string) =>
      onEdit({ kind: "set-field", step: "", field, value: text === "" ? null : text === "true" ? true : text });
  const common = { isDisabled: isReadOnly };
  return (
    <section className="inspector" aria-label={scope === "" ? "Pipeline" : `Pipeline ${scope}`}>
      <h2>{scope === "" ? "Pipeline" : scope}</h2>
      {scope === "" && (
        <>
          <TextField {...common} label="Display name" value={at("display_name")} onSave={set("display_name")} />
          <TextField
            {...common}
            label="Experiment"
            value={at("experiment_name")}
            list={palette?.experiments}
            onSave={set("experiment_name")}
          />
          <TextField {...common} label="Description" rows={2} value={at("description")} onSave={set("description")} />
        </>
      )}
      <h3>Inputs</h3>
      {around?.inputs.map((input) => (
        <PipelineInputSet key={input.name} {...props} input={input} />
      ))}
      <NewPort
        word="input"
        types={TYPES}
        isReadOnly={isReadOnly}
        onAdd={(name, type) =>
          onEdit({ kind: "set-pipeline-input", scope, name, value: newInput(type, pipeline.kind === "component") })
        }
      />
      <h3>Outputs</h3>
      {around?.outputs.map((output) => (
        <PipelineOutputSet key={output.name} {...props} output={output} />
      ))}
      <NewPort
        word="output"
        types={OUTPUT_TYPES}
        isReadOnly={isReadOnly}
        onAdd={(name, type) => onEdit({ kind: "set-pipeline-output", scope, name, value: { type } })}
      />
      {scope === "" && (
        <>
          <h3>Settings</h3>
          <TextField
            {...common}
            label="Default compute"
            value={at("settings", "default_compute")}
            placeholder="none"
            list={palette?.computes.map((one) => `azureml:${one.name}`)}
            onSave={set("settings", "default_compute")}
          />
          <ChoiceField
            {...common}
            label="Go on when a step fails"
            value={at("settings", "continue_on_step_failure")}
            choices={SWITCH}
            onSave={set("settings", "continue_on_step_failure")}
          />
          <ChoiceField
            {...common}
            label="Run every step again"
            value={at("settings", "force_rerun")}
            choices={SWITCH}
            onSave={set("settings", "force_rerun")}
          />
          <PairsField
            {...common}
            label="Tags"
            word="tag"
            pairs={pairsOf(value.tags)}
            onSave={(name, text) => onEdit({ kind: "set-field", step: "", field: ["tags", name], value: text })}
          />
        </>
      )}
    </section>
  );
}

/** What an input is before it is given anything: a job has values, a component declares types. */
function newInput(type: string, isDeclared: boolean): Value {
  if (isDeclared || !["string", "number", "integer", "boolean"].includes(type)) {
    return isDeclared ? { type } : { type, path: "" };
  }
  return { string: "", number: 0, integer: 0, boolean: false }[type] ?? "";
}

function PipelineInputSet(props: InspectorProps & { scope: string; input: PipelineInput }) {
  const { scope, input, catalogue, isReadOnly, problemsOf, onEdit } = props;
  const isData = input.path !== null || (input.type !== null && isDataType(input.type));
  const save = (value: Value) => onEdit({ kind: "set-pipeline-input", scope, name: input.name, value });
  return (
    <fieldset className="input-set">
      <legend>
        {input.name} <span className="muted small">{input.type}</span>
      </legend>
      <TextField
        label="Name"
        value={input.name}
        isDisabled={isReadOnly}
        onSave={(to) => onEdit({ kind: "rename-pipeline-input", scope, name: input.name, to })}
      />
      {isData ? (
        <TextField
          label="Path"
          isMono
          value={input.path ?? ""}
          list={[...catalogue.data, ...catalogue.models]}
          placeholder="azureml:name:version, a folder, or an address"
          isDisabled={isReadOnly}
          problem={problemsOf("", `inputs.${input.name}`)[0]}
          onSave={(path) => save({ type: input.type ?? "uri_folder", path })}
        />
      ) : (
        <TextField
          label="Value"
          value={textOf(input.value)}
          isDisabled={isReadOnly}
          problem={problemsOf("", `inputs.${input.name}`)[0]}
          onSave={(text) => save(typed(text, input.type))}
        />
      )}
      <Remove
        name={input.name}
        isReadOnly={isReadOnly}
        onRemove={() => onEdit({ kind: "remove-pipeline-input", scope, name: input.name })}
      />
    </fieldset>
  );
}

function PipelineOutputSet(props: InspectorProps & { scope: string; output: PipelineOutput }) {
  const { scope, output, isReadOnly, onEdit } = props;
  return (
    <fieldset className="input-set">
      <legend>
        {output.name} <span className="muted small">{output.type}</span>
      </legend>
      <TextField
        label="Name"
        value={output.name}
        isDisabled={isReadOnly}
        onSave={(to) => onEdit({ kind: "rename-pipeline-output", scope, name: output.name, to })}
      />
      <Remove
        name={output.name}
        isReadOnly={isReadOnly}
        onRemove={() => onEdit({ kind: "remove-pipeline-output", scope, name: output.name })}
      />
    </fieldset>
  );
}

function Remove({ name, isReadOnly, onRemove }: { name: string; isReadOnly: boolean; onRemove(): void }) {
  return (
    <div className="row">
      <button
        type="button"
        className="button plain small"
        aria-label={`Remove ${name}`}
        disabled={isReadOnly}
        onClick={onRemove}
      >
        Remove
      </button>
    </div>
  );
}

interface NewPortProps {
  word: string;
  types: readonly string[];
  isReadOnly: boolean;
  onAdd(name: string, type: string): void;
}

function NewPort({ word, types, isReadOnly, onAdd }: NewPortProps) {
  const [name, setName] = useState("");
  const [type, setType] = useState(types[0] as string);
  const add = () => {
    if (name.trim() !== "") {
      onAdd(name.trim(), type);
      setName("");
    }
  };
  return (
    <div className="pair">
      <input
        className="field"
        aria-label={`New ${word}`}
        placeholder={`New ${word}`}
        value={name}
        disabled={isReadOnly}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && add()}
      />
      <select
        className="field"
        aria-label={`Type of the new ${word}`}
        value={type}
        disabled={isReadOnly}
        onChange={(event) => setType(event.target.value)}
      >
        {types.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <button type="button" className="button" disabled={isReadOnly || name.trim() === ""} onClick={add}>
        Add
      </button>
    </div>
  );
}
