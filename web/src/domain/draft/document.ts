/** A component's file → what is known of it: name, type, inputs and outputs. */

import { parse } from "yaml";
import type { Ports } from "../interface";
import type { ComponentFacts } from "./catalogue";

/** What a text says of a component; null where it cannot be read. What is wrong with it is for the server to say. */
export function factsOfDocument(reference: string, text: string): ComponentFacts | null {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    return null;
  }
  if (!isMapping(value)) {
    return null;
  }
  return {
    reference,
    name: typeof value.name === "string" ? value.name : reference,
    version: value.version === undefined ? null : String(value.version),
    type: typeof value.type === "string" ? value.type : "jobs" in value ? "pipeline" : "command",
    ...(typeof value.display_name === "string" ? { displayName: value.display_name } : {}),
    ...(typeof value.description === "string" ? { description: value.description } : {}),
    inputs: portsOf(value.inputs),
    outputs: portsOf(value.outputs),
  };
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const portsOf = (value: unknown): Ports =>
  isMapping(value)
    ? Object.fromEntries(Object.entries(value).map(([name, port]) => [name, isMapping(port) ? port : {}]))
    : {};
