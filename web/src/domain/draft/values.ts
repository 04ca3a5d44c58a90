/** Edits of what a step is given and what becomes of its outputs: values, wires, promotions, settings. */

import type { Edit } from "./edit";
import { ofPipelineInput, ofPipelineOutput, ofStepOutput } from "./expression";
import { freeName, portNameProblem } from "./name";
import { located } from "./parts";
import type { Step, StepInput, Value, WireEnd, YamlPath } from "./pipeline";
import { isMapping } from "./scalar";
import { plainOf } from "./tree";
import { interfaceOf, pipelinePath, stepsIn, type Work } from "./work";
import { Refusal, removeEntries, replaceRaw, replaceValue, setValue } from "./write";

type Of<Kind extends Edit["kind"]> = Extract<Edit, { kind: Kind }>;

/** Where an input of a step is, or would be, written. */
export function inputPath(step: Step, input: string): YamlPath {
  const written = step.inputs.find((one) => one.name === input);
  if (written !== undefined) {
    return [...step.path, ...written.keys];
  }
  const isOwn = input === (step.kind === "parallel_for" ? "items" : "condition");
  const isControl = step.kind === "if_else" || step.kind === "do_while" || step.kind === "parallel_for";
  return isControl && isOwn ? [...step.path, input] : [...step.path, "inputs", ...input.split(".")];
}

export function setInput(work: Work, { step: key, input, value }: Of<"set-input">): void {
  const step = work.step(key);
  const path = inputPath(step, input);
  assertName(input);
  work.change(setValue(work.draft, path, value));
}

export function unsetInput(work: Work, { step: key, input }: Of<"unset-input">): void {
  const path = inputPath(work.step(key), input);
  work.change(removeEntries(work.draft, path.slice(0, -1), [String(path.at(-1))]));
}

function assertName(name: string): void {
  const problem = portNameProblem(name);
  if (problem !== null) {
    throw new Refusal(problem);
  }
}

/** Join two ends. That they fit is asked before, of `canConnect`. */
export function connect(work: Work, { from, to }: Of<"connect">): void {
  if (to.kind === "pipeline-output" && from.kind === "step-output") {
    promote(work, from.step, from.output, to.output);
  } else if (to.kind === "step-input" && (from.kind === "step-output" || from.kind === "pipeline-input")) {
    const step = work.step(to.step);
    setBinding(work, step, to.input, expressionOf(work, step, from));
  } else if (to.kind === "step" && from.kind === "step") {
    const step = work.step(to.step);
    const names = waitedFor(step);
    const name = work.step(from.step).name;
    if (!names.includes(name)) {
      work.change(setValue(work.draft, [...step.path, "depends_on"], [...names, name]));
    }
  } else {
    throw new Refusal("a wire goes from an output of a step, or an input of the pipeline, to an input of a step");
  }
}

function expressionOf(work: Work, reader: Step, from: WireEnd): string {
  if (from.kind === "pipeline-input") {
    return ofPipelineInput(from.input);
  }
  const source = work.step(from.kind === "step-output" ? from.step : "");
  if (source.scope !== reader.scope) {
    throw new Refusal(
      "these two steps are in different pipelines: lead the value through the inputs and outputs of the inner one",
    );
  }
  return ofStepOutput(source.name, from.kind === "step-output" ? from.output : "");
}

/** Bind an input; one that is written as a mapping keeps its type and mode. */
function setBinding(work: Work, step: Step, input: string, expression: string): void {
  const path = inputPath(step, input);
  const node = located(work.draft.parts, path)?.node;
  const binding = step.inputs.find((one) => one.name === input)?.binding;
  const isBound = node?.kind === "map" && (binding?.kind === "pipeline-input" || binding?.kind === "step-output");
  work.change(setValue(work.draft, isBound ? [...path, "path"] : path, expression));
}

function waitedFor(step: Step): string[] {
  return step.dependsOn.map((key) => (step.scope === "" ? key : key.slice(step.scope.length + 1)));
}

function promote(work: Work, key: string, output: string, name: string): void {
  const step = work.step(key);
  for (const other of stepsIn(work.draft, step.scope)) {
    for (const { name: port } of other.outputs.filter(({ promotedTo }) => promotedTo === name)) {
      if (other.key !== key || port !== output) {
        demote(work, other.key, port);
      }
    }
  }
  if (!interfaceOf(work.draft, step.scope).outputs.some((one) => one.name === name)) {
    work.change(setValue(work.draft, [...pipelinePath(work.draft, step.scope), "outputs", name], null));
  }
  const path = [...step.path, "outputs", output];
  const node = located(work.draft.parts, path)?.node;
  work.change(setValue(work.draft, node?.kind === "map" ? [...path, "path"] : path, ofPipelineOutput(name)));
}

/** Let an output be its step's alone. The name stays where other things are said of it, or where a command is written. */
function demote(work: Work, key: string, output: string): void {
  const step = work.step(key);
  const path = [...step.path, "outputs", output];
  const node = located(work.draft.parts, path)?.node;
  if (node?.kind === "map") {
    removeField(work, path, "path");
  } else {
    work.change(
      step.component === null
        ? replaceValue(work.draft, path, null)
        : removeEntries(work.draft, path.slice(0, -1), [output]),
    );
  }
}

export function disconnect(work: Work, { to, from }: Of<"disconnect">): void {
  if (to.kind === "step-input") {
    unsetInput(work, { kind: "unset-input", step: to.step, input: to.input });
  } else if (to.kind === "pipeline-output") {
    for (const step of stepsIn(work.draft, to.scope)) {
      for (const output of step.outputs.filter(({ promotedTo }) => promotedTo === to.output)) {
        demote(work, step.key, output.name);
      }
    }
  } else if (to.kind === "step") {
    const step = work.step(to.step);
    const gone = from?.kind === "step" ? work.step(from.step).name : null;
    const kept = waitedFor(step).filter((name) => gone !== null && name !== gone);
    work.change(
      kept.length > 0
        ? setValue(work.draft, [...step.path, "depends_on"], kept)
        : removeEntries(work.draft, step.path, ["depends_on"]),
    );
  }
}

export function promoteInput(work: Work, edit: Of<"promote-input">): void {
  const { input, port } = edit;
  const step = work.step(edit.step);
  const written = step.inputs.find((one) => one.name === input);
  assertCanPromote(written);
  assertName(edit.name);
  const name = freeName(
    edit.name,
    interfaceOf(work.draft, step.scope).inputs.map((one) => one.name),
  );
  const path = [...pipelinePath(work.draft, step.scope), "inputs", ...name.split(".")];
  const node = located(work.draft.parts, inputPath(step, input));
  const value = edit.value ?? (node === undefined ? null : plainOf(node.node));
  const isPlainText = edit.value === undefined && node?.node.kind === "scalar" && node.node.style !== "block";
  const raw = isPlainText ? work.draft.text.slice(node.node.from + node.base, node.node.to + node.base) : "";
  if (step.scope === "") {
    work.change(setValue(work.draft, path, value));
    // `1.0` stays `1.0`, and quotes stay quotes.
    work.change(raw === "" ? [] : replaceRaw(work.draft, path, raw));
  } else {
    work.change(setValue(work.draft, path, declared(value, port?.type)));
  }
  work.change(setValue(work.draft, inputPath(work.step(edit.step), input), ofPipelineInput(name)));
}

function assertCanPromote(written: StepInput | undefined): void {
  const kind = written?.binding.kind ?? "empty";
  if (kind !== "empty" && kind !== "literal" && kind !== "data") {
    throw new Refusal(`input \`${written?.name}\` is bound already: disconnect it first`);
  }
}

/** A port with a value as its default. */
function declared(value: Value, type: string | undefined): Value {
  if (isMapping(value)) {
    return { type: value.type ?? type ?? "uri_folder" };
  }
  const guessed =
    typeof value === "number"
      ? Number.isInteger(value)
        ? "integer"
        : "number"
      : typeof value === "boolean"
        ? "boolean"
        : "string";
  return value === null ? { type: type ?? "string" } : { type: type ?? guessed, default: value };
}

export function promoteOutput(work: Work, { step: key, output, name, value }: Of<"promote-output">): void {
  const step = work.step(key);
  assertName(name);
  const free = freeName(
    name,
    interfaceOf(work.draft, step.scope).outputs.map((one) => one.name),
  );
  const path = [...pipelinePath(work.draft, step.scope), "outputs", free];
  work.change(setValue(work.draft, path, value ?? (step.scope === "" ? null : { type: "uri_folder" })));
  promote(work, key, output, free);
}

export function setOutputField(work: Work, { step: key, output, field, value }: Of<"set-output-field">): void {
  const step = work.step(key);
  const path = [...step.path, "outputs", output];
  const written = step.outputs.find((one) => one.name === output);
  if (value === null) {
    removeField(work, path, field);
    return;
  }
  if (written?.promotedTo != null && field === "path") {
    throw new Refusal(`output \`${output}\` becomes \`${written.promotedTo}\` of the pipeline: set its path there`);
  }
  const node = located(work.draft.parts, path)?.node;
  const isExpression = node?.kind === "scalar" && typeof node.value === "string";
  work.change(
    isExpression
      ? replaceValue(work.draft, path, { [field]: value, path: node.value })
      : setValue(work.draft, [...path, field], value),
  );
}

/** Take a field away; what it was a field of stays, with nothing behind its name if need be. */
function removeField(work: Work, path: YamlPath, field: string): void {
  const node = located(work.draft.parts, path)?.node;
  if (node?.kind === "map" && node.entries.some((entry) => entry.key === field)) {
    const isLast = node.entries.length === 1;
    work.change(isLast ? replaceValue(work.draft, path, null) : removeEntries(work.draft, path, [field]));
  }
}

const PORTS = new Set(["inputs", "outputs"]);

export function setField(work: Work, { step: key, field, value }: Of<"set-field">): void {
  const around = key === "" ? [] : work.step(key).path;
  const path = [...around, ...field];
  if (value !== null) {
    work.change(setValue(work.draft, path, value));
  } else if (field.length > 2 && PORTS.has(field[0] ?? "")) {
    removeField(work, path.slice(0, -1), String(path.at(-1)));
  } else if (located(work.draft.parts, path) !== undefined) {
    work.change(removeEntries(work.draft, path.slice(0, -1), [String(path.at(-1))]));
  }
}
