/** What could be written at the text cursor: from the registry, the draft itself and the schema. */

import type { ComponentPort } from "../interface";
import type { Catalogue, ComponentFacts, Schema } from "./catalogue";
import { fitOf } from "./connect";
import { type Cursor, cursorAt, type StepPath, stepAround, writtenAt } from "./cursor";
import { ofStep } from "./expression";
import type { Step } from "./pipeline";
import { isDataType, pipelinePorts, portsOf, typeWord } from "./ports";
import type { Draft } from "./read";
import { textOnLine } from "./scalar";
import { fieldsAt, valuesAt } from "./schema";
import type { Span } from "./text";
import { stepsIn } from "./work";

export interface CompletionItem {
  label: string;
  /** What is put in the place of what was typed. */
  insert: string;
  /** Beside the label: a type, a version. */
  detail?: string;
  /** In full words. */
  info?: string;
}

export interface Completions {
  from: number;
  to: number;
  /** Best first; those that go on as was typed before those that only hold it. */
  items: readonly CompletionItem[];
}

const ITEMS_MAX = 200;

/** *draft* is the last one that could be read; *text* is as it is now. */
export function completionsAt(
  text: string,
  offset: number,
  draft: Draft,
  catalogue: Catalogue,
  schema: Schema | null,
): Completions | null {
  const cursor = cursorAt(text, offset);
  const step = stepAround(cursor.around);
  const within: Within = { text, offset, draft, catalogue, schema, cursor, step };
  if (cursor.expression !== null) {
    return cursor.isFlow && !cursor.isQuoted
      ? narrowed(
          text,
          offset,
          bareExpression(text, cursor.expression, cursor.mappings),
          expressionItems(within, "").map(inQuotes),
        )
      : narrowed(text, offset, cursor.expression, expressionItems(within, text.slice(cursor.expression.to)));
  }
  if (cursor.isOnValue) {
    const span = { from: Math.min(cursor.valueSpan.from, offset), to: Math.max(cursor.valueSpan.to, offset) };
    const items = cursor.isFlow ? valueItems(within).map(fitForFlow) : valueItems(within);
    // Directly behind its colon a value would be a part of its key.
    const isClose = text[span.from - 1] === ":";
    return narrowed(text, offset, span, isClose ? items.map((one) => ({ ...one, insert: ` ${one.insert}` })) : items);
  }
  const isKey = /^[\w.$-]*$/.test(cursor.key ?? cursor.value);
  const typed = cursor.key === null ? cursor.valueSpan : cursor.keySpan;
  const span = { from: Math.min(typed.from, offset), to: Math.max(typed.to, offset) };
  if (isKey && cursor.around.at(-1) === 0) {
    return narrowed(text, offset, span, nameItems(within, String(cursor.around.at(-2))));
  }
  return isKey ? narrowed(text, offset, span, keyItems(within)) : null;
}

/** An expression with its signs, as far as these are written. */
function bareExpression(text: string, { from, to }: Span, depth: number): Span {
  const [closers = ""] = /^\s*\}*/.exec(text.slice(to)) ?? [];
  const count = closers.trimStart().length;
  // As many as there are mappings to close are theirs.
  const isClosed = count >= 2 && count !== depth;
  return { from: text.lastIndexOf("${{", from), to: isClosed ? to + closers.length - count + 2 : to };
}

/** Between brackets an expression, which has braces, is written in quotes. */
const inQuotes = (item: CompletionItem): CompletionItem => ({ ...item, insert: `"\${{${item.insert}"` });

const fitForFlow = (item: CompletionItem): CompletionItem =>
  /^["']/.test(item.insert) || !/[,{}[\]]/.test(item.insert) ? item : { ...item, insert: JSON.stringify(item.insert) };

interface Within {
  text: string;
  offset: number;
  draft: Draft;
  catalogue: Catalogue;
  schema: Schema | null;
  cursor: Cursor;
  step: StepPath | null;
}

function narrowed(
  text: string,
  offset: number,
  { from, to }: { from: number; to: number },
  items: readonly CompletionItem[],
): Completions | null {
  const typed = text
    .slice(from, offset)
    .toLowerCase()
    .replace(/^["']/, "")
    .replace(/^\$\{\{\s*/, "");
  const begins = items.filter(({ label }) => label.toLowerCase().startsWith(typed));
  const holds = items.filter(
    ({ label }) => !begins.some((one) => one.label === label) && label.toLowerCase().includes(typed),
  );
  const found = [...begins, ...holds].slice(0, ITEMS_MAX);
  return found.length === 0 ? null : { from, to, items: found };
}

// --- keys ------------------------------------------------------------------------------------

function keyItems(within: Within): CompletionItem[] {
  const { step, schema, cursor } = within;
  const side = step?.inside.length === 1 ? step.inside[0] : null;
  if (step !== null && (side === "inputs" || side === "outputs")) {
    return portItems(within, step, side);
  }
  const behind = behindKey(within);
  const written = writtenBeside(within);
  const kind = step?.inside.length === 0 ? kindOf(within, step) : null;
  return (schema === null ? [] : fieldsAt(schema, cursor.around, (title) => isOfKind(title, kind)))
    .filter(({ name }) => name !== "$schema" || cursor.around.length === 0)
    .filter(({ name }) => !written.has(name))
    .map(({ name, description, type, isRequired }) => ({
      label: name,
      insert: `${name}${behind}`,
      detail: [type, isRequired ? "required" : ""].filter(Boolean).join(", "),
      info: description,
    }));
}

/** What a key still lacks. */
const behindKey = ({ text, cursor }: Within): string =>
  cursor.key !== null && /^["']?\s*:/.test(text.slice(cursor.keySpan.to)) ? "" : ": ";

/** The kind of a step as the text names it now. */
function kindOf({ text, offset }: Within, step: StepPath): string {
  return writtenAt(text, offset, step.depth).get("type") ?? "command";
}

const STEP_KINDS = ["command", "pipeline", "sweep", "parallel", "spark", "if_else", "do_while", "parallel_for"];

/** Whether fields of a kind of step are those of another: `step` and `inline step` are for all that have none of their own. */
function isOfKind(title: string, kind: string | null): boolean {
  const named = STEP_KINDS.find((one) => title === `${one} step`);
  return kind === null || (named === undefined ? !OWN_FIELDS.has(kind) : named === kind);
}

const OWN_FIELDS = new Set(["sweep", "if_else", "do_while", "parallel_for"]);

/** The keys that stand beside the cursor's. */
function writtenBeside({ text, offset, cursor }: Within): ReadonlySet<string> {
  const keys = cursor.around.length === 0 ? [] : writtenAt(text, offset, cursor.around.length).keys();
  return new Set([...keys].filter((key) => key !== cursor.key));
}

function portItems(within: Within, step: StepPath, side: "inputs" | "outputs"): CompletionItem[] {
  const facts = factsAt(within, step);
  const written = writtenBeside(within);
  const behind = behindKey(within);
  return Object.entries(facts?.[side] ?? {})
    .filter(([name]) => !written.has(name))
    .sort(([, a], [, b]) => Number(isOptional(a)) - Number(isOptional(b)))
    .map(([name, port]) => ({
      label: name,
      insert: `${name}${side === "outputs" ? behind.trimEnd() : behind}`,
      detail: portWords(port),
      ...(port.description === undefined ? {} : { info: port.description }),
    }));
}

const isOptional = (port: ComponentPort): boolean => port.optional === true || port.default !== undefined;

/** The component of a step as the text names it now: the view may be older. */
function factsAt({ text, offset, catalogue }: Within, step: StepPath): ComponentFacts | undefined {
  const written = writtenAt(text, offset, step.depth);
  return catalogue.components.get(written.get("component") ?? written.get("trial") ?? "");
}

/** What a port takes, in a few words. */
export function portWords(port: ComponentPort): string {
  const range = [port.min === undefined ? "" : `from ${port.min}`, port.max === undefined ? "" : `up to ${port.max}`];
  const words = [
    typeWord(port.type) ?? "",
    range.filter(Boolean).join(" "),
    port.default === undefined ? (port.optional === true ? "optional" : "") : `default ${String(port.default)}`,
  ];
  return words.filter(Boolean).join(", ");
}

// --- values ----------------------------------------------------------------------------------

function valueItems(within: Within): CompletionItem[] {
  const { cursor, step, catalogue, schema } = within;
  const key = cursor.key ?? "";
  const inside = step?.inside ?? cursor.around;
  if (step !== null && inside[0] === "inputs") {
    return inside.length === 1
      ? inputItems(within, step, key)
      : key === "path"
        ? dataItems(catalogue)
        : schemaValues(within);
  }
  if (step !== null && inside[0] === "outputs" && inside.length === 1) {
    return pipelinePorts(within.draft, step.scope).outputs.map(({ name }) => expressionItem(`parent.outputs.${name}`));
  }
  if ((key === "component" || key === "trial") && inside.length === 0) {
    return componentItems(catalogue, cursor.value);
  }
  if (key === "type" && step !== null && inside.length === 0) {
    return STEP_KINDS.map((kind) => ({ label: kind, insert: kind }));
  }
  if (key === "compute" || key === "default_compute") {
    return named(catalogue.computes);
  }
  if (key === "datastore" || key === "default_datastore") {
    return named(catalogue.datastores);
  }
  if (key === "environment") {
    return catalogue.environments.map((one) => ({ label: one, insert: one }));
  }
  if (key === "path") {
    return dataItems(catalogue);
  }
  const names = nameItems(within, key);
  return names.length > 0 || schema === null ? names : schemaValues(within);
}

function schemaValues({ schema, cursor }: Within): CompletionItem[] {
  return (schema === null ? [] : valuesAt(schema, [...cursor.around, cursor.key ?? ""])).map((value) => ({
    label: String(value),
    insert: typeof value === "string" ? textOnLine(value) : String(value),
  }));
}

const named = (names: readonly string[]): CompletionItem[] =>
  names.map((name) => ({ label: name, insert: `azureml:${name}`, detail: `azureml:${name}` }));

const dataItems = ({ data, models }: Catalogue): CompletionItem[] =>
  [...data, ...models].map((one) => ({ label: one, insert: one }));

/** Components; behind the name of one, its versions. */
function componentItems({ components }: Catalogue, typed: string): CompletionItem[] {
  const [, prefix, name] = /^(azureml:)([^:@]+)[:@]/.exec(typed) ?? [];
  const all = [...components.values()];
  const chosen = all.find((facts) => facts.name === name);
  if (prefix !== undefined && chosen !== undefined) {
    const versions = [
      ...new Set([
        ...(chosen.versions ?? []),
        ...all.flatMap((one) => (one.name === name && one.version !== null ? [one.version] : [])),
      ]),
    ];
    return [`azureml:${name}@latest`, ...versions.map((version) => `azureml:${name}:${version}`)].map((text) => ({
      label: text,
      insert: text,
    }));
  }
  return [...components].map(([reference, facts]) => ({
    label: reference,
    insert: reference,
    detail: facts.displayName ?? facts.type,
    ...(facts.description === undefined ? {} : { info: facts.description }),
  }));
}

/** Names of steps, where a key takes some. */
function nameItems({ draft, step }: Within, key: string): CompletionItem[] {
  const steps = stepsIn(draft, step?.scope ?? "").filter((one) => one.key !== step?.key);
  if (key === "depends_on" || key === "on_init" || key === "on_finalize") {
    return steps.map(({ name }) => ({ label: name, insert: name }));
  }
  if (key === "body" || key === "true_block" || key === "false_block") {
    return steps.map(({ name }) => ({ label: name, insert: ofStep(name), detail: ofStep(name) }));
  }
  return [];
}

/** What an input of a step may be given: its own values first, then what fits it. */
function inputItems(within: Within, step: StepPath, input: string): CompletionItem[] {
  const port = factsAt(within, step)?.inputs[input];
  const type = typeWord(port?.type);
  const values = port?.enum ?? (type === "boolean" ? [true, false] : port?.default === undefined ? [] : [port.default]);
  return [
    ...values.map((value) => ({
      label: String(value),
      insert: typeof value === "string" ? textOnLine(value) : String(value),
    })),
    ...sources(within, step, type).map((name) => expressionItem(name.name, name.type)),
    ...(type !== null && isDataType(type) ? dataItems(within.catalogue) : []),
  ];
}

const expressionItem = (name: string, type?: string | null): CompletionItem => ({
  label: `\${{${name}}}`,
  insert: `\${{${name}}}`,
  ...(type == null ? {} : { detail: type }),
});

// --- expressions -----------------------------------------------------------------------------

interface Source {
  name: string;
  type: string | null;
}

/** What the steps of a pipeline can read that fits a type, just that type first. */
function sources({ draft, catalogue }: Within, step: StepPath | null, wanted: string | null): Source[] {
  const scope = step?.scope ?? "";
  const inputs = pipelinePorts(draft, scope).inputs.map(
    ({ name, type }): Source => ({ name: `parent.inputs.${name}`, type: typeWord(type) }),
  );
  const outputs = stepsIn(draft, scope)
    .filter((one) => one.key !== step?.key)
    .flatMap((one) =>
      portsOf(one, draft, catalogue).outputs.map(
        (port): Source => ({ name: `parent.jobs.${one.name}.outputs.${port.name}`, type: port.type }),
      ),
    );
  const fitting = [...inputs, ...outputs].filter(({ type }) => fitOf(type, wanted) !== "no");
  return [...fitting.filter(({ type }) => type === wanted), ...fitting.filter(({ type }) => type !== wanted)];
}

function expressionItems(within: Within, behind: string): CompletionItem[] {
  const { cursor, step, draft } = within;
  const close = /^\s*\}\}/.test(behind) ? "" : "}}";
  const [side] = step?.inside ?? [];
  const view = step === null ? undefined : draft.pipeline.byKey.get(step.key);
  const port = step !== null && side === "inputs" ? factsAt(within, step)?.inputs[cursor.key ?? ""] : undefined;
  const found = isOwnText(cursor)
    ? ownNames(view, step === null ? undefined : factsAt(within, step))
    : side === "outputs"
      ? pipelinePorts(draft, step?.scope ?? "").outputs.map(({ name }) => ({
          name: `parent.outputs.${name}`,
          type: null,
        }))
      : sources(within, step, typeWord(port?.type));
  return found.map(({ name, type }) => ({
    label: name,
    insert: `${name}${close}`,
    ...(type === null ? {} : { detail: type }),
  }));
}

const OWN_TEXTS = new Set(["command", "args", "program_arguments", "input_data"]);

/** Whether expressions here name the step's own inputs and outputs. */
const isOwnText = ({ key, around }: Cursor): boolean =>
  OWN_TEXTS.has(key ?? "") || around.some((one) => OWN_TEXTS.has(String(one)));

function ownNames(step: Step | undefined, facts: ComponentFacts | undefined): Source[] {
  const inputs = [...(step?.inputs.map(({ name }) => name) ?? []), ...Object.keys(facts?.inputs ?? {})];
  const outputs = [...(step?.outputs.map(({ name }) => name) ?? []), ...Object.keys(facts?.outputs ?? {})];
  return [
    ...[...new Set(inputs)].map((name) => ({ name: `inputs.${name}`, type: null })),
    ...[...new Set(outputs)].map((name) => ({ name: `outputs.${name}`, type: null })),
  ];
}
