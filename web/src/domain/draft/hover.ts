/** What is known of what the pointer is on: a component, a port, an expression, a key of the schema. */

import type { Catalogue, ComponentFacts, Schema } from "./catalogue";
import { portWords } from "./complete";
import { type Cursor, cursorAt, stepAround } from "./cursor";
import { today } from "./expression";
import type { WireEnd } from "./pipeline";
import { portsOf, typeOfEnd } from "./ports";
import type { Draft } from "./read";
import { fieldsAt } from "./schema";
import type { Span } from "./text";
import { inScope } from "./view";

export interface Hover {
  span: Span;
  title: string;
  lines: readonly string[];
}

export function hoverAt(
  text: string,
  offset: number,
  draft: Draft,
  catalogue: Catalogue,
  schema: Schema | null,
): Hover | null {
  const cursor = cursorAt(text, offset);
  const step = stepAround(cursor.around);
  if (cursor.expression !== null) {
    return expressionHover(text, cursor.expression, draft, catalogue, step?.scope ?? "");
  }
  if (cursor.key === null || offset < cursor.keySpan.from || offset > cursor.valueSpan.to) {
    return null;
  }
  const isComponent = (cursor.key === "component" || cursor.key === "trial") && step?.inside.length === 0;
  if (isComponent && cursor.isOnValue) {
    const facts = catalogue.components.get(cursor.value.replace(/^(["'])(.*)\1$/, "$2"));
    return facts === undefined ? null : componentHover(cursor.valueSpan, facts);
  }
  if (step !== null && step.inside.length === 1) {
    const found = portHover(cursor, step.key, step.inside[0] === "outputs" ? "outputs" : "inputs", draft, catalogue);
    if (found !== null) {
      return found;
    }
  }
  return cursor.isOnValue || schema === null ? null : fieldHover(cursor, schema);
}

function componentHover(span: Span, facts: ComponentFacts): Hover {
  const words = (ports: ComponentFacts["inputs"]): string =>
    Object.entries(ports)
      .map(([name, port]) => `${name} (${portWords(port)})`)
      .join(", ");
  const version = facts.version === null ? "" : ` ${facts.version}`;
  return {
    span,
    title: `${facts.displayName ?? facts.name}${version}`,
    lines: [
      ...(facts.description === undefined || facts.description === "" ? [] : [facts.description]),
      ...(Object.keys(facts.inputs).length === 0 ? [] : [`Inputs: ${words(facts.inputs)}`]),
      ...(Object.keys(facts.outputs).length === 0 ? [] : [`Outputs: ${words(facts.outputs)}`]),
    ],
  };
}

function portHover(
  cursor: Cursor,
  key: string,
  side: "inputs" | "outputs",
  draft: Draft,
  catalogue: Catalogue,
): Hover | null {
  const step = draft.pipeline.byKey.get(key);
  const port =
    step === undefined ? undefined : portsOf(step, draft, catalogue)[side].find(({ name }) => name === cursor.key);
  if (port === undefined || cursor.isOnValue) {
    return null;
  }
  const { declared, type } = port;
  return {
    span: cursor.keySpan,
    title: `${side === "inputs" ? "Input" : "Output"} ${port.name}`,
    lines: [
      ...(declared === null ? (type === null ? [] : [type]) : [portWords(declared)]),
      ...(declared?.enum === undefined ? [] : [`One of ${declared.enum.map(String).join(", ")}`]),
      ...(declared?.description === undefined ? [] : [declared.description]),
    ],
  };
}

function expressionHover(text: string, span: Span, draft: Draft, catalogue: Catalogue, scope: string): Hover | null {
  const name = text.slice(span.from, span.to);
  const [root, side, first = "", word, ...rest] = today(name.split("."));
  if (root !== "parent" || first === "") {
    return null;
  }
  const end = endOf(scope, side ?? "", first, word, rest);
  const type = end === null ? null : typeOfEnd(draft, end, catalogue);
  const input =
    end?.kind === "pipeline-input" ? draft.pipeline.inputs.find((one) => one.name === end.input) : undefined;
  const step = end !== null && "step" in end ? draft.pipeline.byKey.get(end.step) : undefined;
  const component = step?.component != null && "text" in step.component ? [step.component.text] : [];
  const value = input?.value ?? input?.path;
  return end === null
    ? null
    : {
        span,
        title: titleOf(end),
        lines: [...(type === null ? [] : [type]), ...(value == null ? [] : [`Now ${String(value)}`]), ...component],
      };
}

function endOf(
  scope: string,
  side: string,
  first: string,
  word: string | undefined,
  rest: readonly string[],
): WireEnd | null {
  const dotted = [first, ...(word === undefined ? [] : [word]), ...rest].join(".");
  if (side === "inputs") {
    return { kind: "pipeline-input", scope, input: dotted };
  }
  if (side === "outputs") {
    return { kind: "pipeline-output", scope, output: dotted };
  }
  const step = inScope(scope, first);
  if (side !== "jobs" || rest.length === 0) {
    return side === "jobs" ? { kind: "step", step } : null;
  }
  return word === "inputs"
    ? { kind: "step-input", step, input: rest.join(".") }
    : { kind: "step-output", step, output: rest.join(".") };
}

function titleOf(end: WireEnd): string {
  switch (end.kind) {
    case "pipeline-input":
      return `Input ${end.input} of the pipeline`;
    case "pipeline-output":
      return `Output ${end.output} of the pipeline`;
    case "step-input":
      return `What input ${end.input} of ${end.step} has`;
    case "step-output":
      return `Output ${end.output} of ${end.step}`;
    case "step":
      return `Step ${end.step}`;
  }
}

function fieldHover(cursor: Cursor, schema: Schema): Hover | null {
  const field = fieldsAt(schema, cursor.around).find(({ name }) => name === cursor.key);
  if (field === undefined) {
    return null;
  }
  const isSet = field.default !== undefined && field.default !== null;
  return {
    span: cursor.keySpan,
    title: field.name,
    lines: [
      ...(field.description === "" ? [] : [field.description]),
      ...(field.type === "" ? [] : [`Takes ${field.type}${field.isRequired ? ", required" : ""}`]),
      ...(isSet ? [`If left out: ${String(field.default)}`] : []),
    ],
  };
}
