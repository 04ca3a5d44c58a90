/** Inputs of a job as somebody may change them for the next one. */

import type { JobGraph, Port } from "./job";

export type Value = string | number | boolean;

/** Those of the job; a stand-alone command has them on its only step. */
export function editableInputs(graph: JobGraph): Port[] {
  return graph.job.kind === "pipeline" ? graph.inputs : (graph.steps[0]?.inputs ?? []);
}

/** What differs from what was there. A number stays a number as long as it is one; anything else the server judges. */
export function changedInputs(inputs: readonly Port[], texts: Readonly<Record<string, string>>): Record<string, Value> {
  const changed: Record<string, Value> = {};
  for (const port of inputs) {
    const text = texts[port.name];
    const before = port.value !== undefined ? String(port.value) : (port.path ?? port.uri ?? "");
    if (text !== undefined && text !== before) {
      changed[port.name] = typedValue(text, port.value);
    }
  }
  return changed;
}

function typedValue(text: string, before: Port["value"]): Value {
  if (typeof before === "boolean" && (text === "true" || text === "false")) {
    return text === "true";
  }
  const number = Number(text);
  return typeof before === "number" && text.trim() !== "" && Number.isFinite(number) ? number : text;
}
