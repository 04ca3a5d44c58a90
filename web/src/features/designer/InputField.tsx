import { IconArrowUpRight } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { Edit } from "../../domain/draft/edit";
import type { Binding, Step, Value, WireEnd } from "../../domain/draft/pipeline";
import { isDataType, type StepPort } from "../../domain/draft/ports";
import { endKey, endName } from "../../domain/draft/spots";
import { ChoiceField, TextField } from "./fields";

interface InputFieldProps {
  step: Step;
  port: StepPort;
  /** Ends that may feed it. */
  sources: readonly WireEnd[];
  /** References of registered data, or models. */
  references: readonly string[];
  isReadOnly: boolean;
  problem: string | null;
  onEdit(edit: Edit): void;
}

const NOTHING = "nothing";
const VALUE = "value";
const TEXT = "text";

/** One input of a step: what feeds it, or the value that it has. */
export function InputField({ step, port, sources, references, isReadOnly, problem, onEdit }: InputFieldProps) {
  const binding = step.inputs.find((one) => one.name === port.name)?.binding ?? null;
  // A way that was chosen and has no value yet is nothing that the text could say.
  const [chosen, setChosen] = useState<string | null>(null);
  const bound = wayOf(binding, step.scope);
  const way = chosen ?? bound;
  const choices = useMemo(
    (): [string, string][] => [
      [NOTHING, port.declared?.default === undefined ? "Not given" : `Default: ${String(port.declared.default)}`],
      [VALUE, port.type !== null && isDataType(port.type) ? "Data at a path" : "A value"],
      [TEXT, "An expression"],
      ...sources.map((end): [string, string] => [endKey(end), sourceWords(end)]),
    ],
    [port, sources],
  );
  const base = { step: step.key, input: port.name };
  const choose = (wanted: string) => {
    const end = sources.find((one) => endKey(one) === wanted);
    setChosen(null);
    if (end !== undefined) {
      onEdit({ kind: "connect", from: end, to: { kind: "step-input", ...base } });
    } else if (wanted === NOTHING) {
      onEdit({ kind: "unset-input", ...base });
    } else {
      setChosen(wanted);
    }
  };
  const save = (value: Value) => {
    setChosen(null);
    onEdit({ kind: "set-input", ...base, value });
  };
  const type = [port.type, port.isOptional ? "optional" : ""].filter(Boolean).join(", ");
  return (
    <fieldset className="input-set">
      <legend>
        {port.name} <span className="muted small">{type}</span>
      </legend>
      {port.declared?.description && <p className="muted small">{port.declared.description}</p>}
      <ChoiceField label="Source" value={way} choices={choices} isDisabled={isReadOnly} onSave={choose} />
      {way === VALUE && (
        <ValueField
          port={port}
          binding={binding}
          references={references}
          isReadOnly={isReadOnly}
          problem={problem}
          onSave={save}
        />
      )}
      {way === TEXT && (
        <TextField
          label="Expression"
          isMono
          value={binding?.kind === "text" ? binding.text : ""}
          placeholder="${{parent.inputs.name}}"
          isDisabled={isReadOnly}
          problem={problem}
          onSave={save}
        />
      )}
      {way !== VALUE && way !== TEXT && problem !== null && <p className="tone-bad small">{problem}</p>}
      <div className="row">
        <button
          type="button"
          className="button plain small"
          disabled={isReadOnly || bound.startsWith("input|")}
          onClick={() =>
            onEdit({
              kind: "promote-input",
              ...base,
              name: port.name,
              ...(port.declared === null ? {} : { port: port.declared }),
            })
          }
        >
          <IconArrowUpRight size={14} aria-hidden="true" /> Make it an input of the pipeline
        </button>
      </div>
    </fieldset>
  );
}

function wayOf(binding: Binding | null, scope: string): string {
  switch (binding?.kind) {
    case undefined:
    case "empty":
      return NOTHING;
    case "literal":
    case "data":
      return VALUE;
    case "pipeline-input":
      return endKey({ kind: "pipeline-input", scope, input: binding.input });
    case "step-output":
      return endKey({ kind: "step-output", step: binding.step, output: binding.output });
    default:
      return TEXT;
  }
}

const sourceWords = (end: WireEnd): string =>
  end.kind === "pipeline-input"
    ? `Pipeline input ${end.input}`
    : end.kind === "step-output"
      ? `${end.step} · ${end.output}`
      : endName(end);

interface ValueFieldProps {
  port: StepPort;
  binding: Binding | null;
  references: readonly string[];
  isReadOnly: boolean;
  problem: string | null;
  onSave(value: Value): void;
}

function ValueField({ port, binding, references, isReadOnly, problem, onSave }: ValueFieldProps) {
  const { declared, type } = port;
  if (type !== null && isDataType(type)) {
    return (
      <TextField
        label="Path"
        isMono
        value={binding?.kind === "data" ? binding.path : ""}
        placeholder="azureml:name:version, a folder, or an address"
        list={references}
        isDisabled={isReadOnly}
        problem={problem}
        onSave={(path) => onSave(type === null ? path : { type, path })}
      />
    );
  }
  const value = binding?.kind === "literal" ? String(binding.value) : "";
  const choices = type === "boolean" ? ["true", "false"] : (declared?.enum ?? []).map(String);
  if (choices.length > 0) {
    return (
      <ChoiceField
        label="Value"
        value={value}
        choices={choices.map((one) => [one, one] as const)}
        isDisabled={isReadOnly}
        onSave={(text) => onSave(typed(text, type))}
      />
    );
  }
  const isNumber = type === "number" || type === "integer";
  return (
    <TextField
      label={rangeWords(declared?.min, declared?.max)}
      value={value}
      placeholder={declared?.default === undefined ? "" : String(declared.default)}
      inputMode={isNumber ? "decimal" : "text"}
      isDisabled={isReadOnly}
      problem={problem ?? null}
      onSave={(text) => onSave(typed(text, type))}
    />
  );
}

function rangeWords(min: unknown, max: unknown): string {
  if (min === undefined && max === undefined) {
    return "Value";
  }
  return `Value, ${[min === undefined ? "" : `from ${String(min)}`, max === undefined ? "" : `up to ${String(max)}`].filter(Boolean).join(" ")}`;
}

/** A text as the value that its type means; what is no such value stays as it is, and the server says so. */
export function typed(text: string, type: string | null): Value {
  if (type === "boolean" && (text === "true" || text === "false")) {
    return text === "true";
  }
  if ((type === "number" || type === "integer") && text.trim() !== "" && Number.isFinite(Number(text))) {
    return Number(text);
  }
  return text;
}
