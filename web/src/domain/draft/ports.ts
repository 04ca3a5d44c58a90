/** What a step takes and gives: what its component declares, and what the text adds to that. */

import type { ComponentPort } from "../interface";
import type { Catalogue, ComponentFacts } from "./catalogue";
import type { PipelineInput, PipelineOutput, Step, WireEnd } from "./pipeline";
import type { Draft } from "./read";
import { interfaceOf } from "./work";
import { Refusal } from "./write";

export interface StepPort {
  name: string;
  /** Null where nothing says it. */
  type: string | null;
  /** Null where only the text has it. */
  declared: ComponentPort | null;
  isOptional: boolean;
  /** An input that has to be given something, and is given nothing. */
  isLacking: boolean;
}

export interface StepPorts {
  inputs: readonly StepPort[];
  outputs: readonly StepPort[];
  /** Whether what it runs is known, so that nothing else is an input or output of it. */
  isKnown: boolean;
}

/** The component that a step runs, where it is known. */
export function factsOf(step: Step, catalogue: Catalogue): ComponentFacts | undefined {
  const use = step.component;
  return use?.kind === "registered" || use?.kind === "file" ? catalogue.components.get(use.text) : undefined;
}

/** The inputs and outputs of a step, declared ones first, in the order of their declaration. */
export function portsOf(step: Step, draft: Draft, catalogue: Catalogue): StepPorts {
  if (step.kind === "do_while" || step.kind === "parallel_for") {
    return repeatedPorts(step, draft, catalogue);
  }
  const known = portsKnown.get(step);
  if (known?.catalogue === catalogue) {
    return known.ports;
  }
  const ports = ownPorts(step, draft, catalogue);
  portsKnown.set(step, { catalogue, ports });
  return ports;
}

// A step that did not change is the same object, and asked for its ports again and again.
const portsKnown = new WeakMap<Step, { catalogue: Catalogue; ports: StepPorts }>();

function ownPorts(step: Step, draft: Draft, catalogue: Catalogue): StepPorts {
  const declared = declarationOf(step, draft, catalogue);
  const inputs = Object.entries(declared?.inputs ?? {}).map(([name, port]) => declaredInput(step, name, port));
  const outputs = Object.entries(declared?.outputs ?? {}).map(([name, port]) => declaredOutput(name, port));
  for (const { name } of step.inputs) {
    if (!inputs.some((port) => port.name === name)) {
      const type = step.kind === "if_else" && name === "condition" ? "boolean" : impliedType(step, name);
      inputs.push({ name, type, declared: null, isOptional: true, isLacking: false });
    }
  }
  if (step.kind === "if_else" && !inputs.some((port) => port.name === "condition")) {
    inputs.push({ name: "condition", type: "boolean", declared: null, isOptional: false, isLacking: true });
  }
  for (const { name, type } of step.outputs) {
    if (!outputs.some((port) => port.name === name)) {
      const implied = step.component === null ? (type ?? "uri_folder") : type;
      outputs.push({ name, type: implied, declared: null, isOptional: true, isLacking: false });
    }
  }
  return { inputs, outputs, isKnown: declared !== null };
}

type Declaration = {
  inputs: Readonly<Record<string, ComponentPort>>;
  outputs: Readonly<Record<string, ComponentPort>>;
};

function declarationOf(step: Step, draft: Draft, catalogue: Catalogue): Declaration | null {
  const facts = factsOf(step, catalogue);
  if (facts !== undefined) {
    return facts;
  }
  if (step.inner !== null) {
    const { inputs, outputs } = interfaceOf(draft, step.key);
    return {
      inputs: Object.fromEntries(inputs.map((one) => [one.name, portOf(one)])),
      outputs: Object.fromEntries(outputs.map((one) => [one.name, { type: one.type ?? "uri_folder" }])),
    };
  }
  if (step.component?.kind === "inline") {
    const written = (step.value.component ?? step.value.trial) as Partial<Declaration>;
    return { inputs: written.inputs ?? {}, outputs: written.outputs ?? {} };
  }
  return null;
}

const portOf = (input: PipelineInput): ComponentPort => ({
  type: input.type ?? "string",
  ...(input.isOptional ? { optional: true } : {}),
  ...(input.value === null ? {} : { default: input.value }),
  ...(input.description === null ? {} : { description: input.description }),
});

function declaredInput(step: Step, name: string, port: ComponentPort): StepPort {
  const binding = step.inputs.find((one) => one.name === name || name.startsWith(`${one.name}.`))?.binding;
  const isOptional = port.optional === true || port.default !== undefined;
  // A sweep gives what its search space names.
  const isSwept = name in Object(step.value.search_space);
  const isGiven = isSwept || (binding !== undefined && binding.kind !== "empty");
  return { name, type: typeWord(port.type), declared: port, isOptional, isLacking: !isOptional && !isGiven };
}

const declaredOutput = (name: string, port: ComponentPort): StepPort => ({
  name,
  type: typeWord(port.type) ?? "uri_folder",
  declared: port,
  isOptional: true,
  isLacking: false,
});

// Old words for types, as `pipeyard/spec/decode_value.py` reads them.
const ALIASES: Readonly<Record<string, string>> = {
  path: "uri_folder",
  float: "number",
  double: "number",
  int: "integer",
  bool: "boolean",
  str: "string",
};

export const typeWord = (type: string | null | undefined): string | null =>
  type == null ? null : (ALIASES[type.toLowerCase()] ?? type.toLowerCase());

/** Of a step that declares nothing: what its input is given. */
function impliedType(step: Step, name: string): string | null {
  const binding = step.inputs.find((one) => one.name === name)?.binding;
  if (binding?.kind === "data") {
    return typeWord(binding.type) ?? "uri_folder";
  }
  if (binding?.kind === "literal") {
    return typeOfValue(binding.value);
  }
  return binding !== undefined && "type" in binding ? typeWord(binding.type) : null;
}

function typeOfValue(value: string | number | boolean): string {
  if (typeof value === "number") {
    return Number.isInteger(value) ? "integer" : "number";
  }
  return typeof value;
}

/** A step that repeats another has that one's outputs; of each item together, as a table or a text. */
function repeatedPorts(step: Step, draft: Draft, catalogue: Catalogue): StepPorts {
  const body = draft.pipeline.byKey.get(step.blocks[0]?.steps[0] ?? "");
  const isLoop =
    body === undefined || body.key === step.key || body.kind === "do_while" || body.kind === "parallel_for";
  const inner = isLoop ? { inputs: [], outputs: [], isKnown: false } : portsOf(body, draft, catalogue);
  const together = (type: string | null): string | null =>
    step.kind === "do_while" || type === null ? type : isDataType(type) ? "mltable" : "string";
  const own =
    step.kind === "do_while"
      ? []
      : [{ name: "items", type: "string", declared: null, isOptional: false, isLacking: step.inputs.length === 0 }];
  return {
    inputs: own,
    outputs: inner.outputs.map((port) => ({ ...port, type: together(port.type) })),
    isKnown: inner.isKnown,
  };
}

const DATA = new Set(["uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model"]);

/** Whether values of a type are bytes somewhere; the others are written in the text. */
export const isDataType = (type: string): boolean => DATA.has(type);

/** The type at an end of a wire; null where nothing says it. */
export function typeOfEnd(draft: Draft, end: WireEnd, catalogue: Catalogue): string | null {
  switch (end.kind) {
    case "step-input":
    case "step-output": {
      const step = draft.pipeline.byKey.get(end.step);
      const ports = step === undefined ? null : portsOf(step, draft, catalogue);
      const name = end.kind === "step-input" ? end.input : end.output;
      const port = (end.kind === "step-input" ? ports?.inputs : ports?.outputs)?.find((one) => one.name === name);
      return port?.type ?? null;
    }
    case "pipeline-input":
      return typeOfInput(pipelinePorts(draft, end.scope).inputs.find((one) => one.name === end.input));
    case "pipeline-output":
      return typeWord(pipelinePorts(draft, end.scope).outputs.find((one) => one.name === end.output)?.type);
    case "step":
      return null;
  }
}

const typeOfInput = (input: PipelineInput | undefined): string | null =>
  input === undefined ? null : (typeWord(input.type) ?? (input.path === null ? null : "uri_folder"));

/** The inputs and outputs of the pipeline of a scope; none where there is no such scope. */
export function pipelinePorts(
  draft: Draft,
  scope: string,
): { inputs: readonly PipelineInput[]; outputs: readonly PipelineOutput[] } {
  try {
    return interfaceOf(draft, scope);
  } catch (error) {
    if (error instanceof Refusal) {
      return { inputs: [], outputs: [] };
    }
    throw error;
  }
}
