/**
 * A tree → the steps, inputs and outputs that it describes.
 *
 * Says nothing about mistakes: what makes no sense is left out or kept as it is written. The server's checker speaks of it.
 */

import { parseReference } from "../asset-reference";
import { expressionsIn, singleExpression, today } from "./expression";
import type {
  Binding,
  Block,
  ComponentUse,
  PipelineInput,
  PipelineOutput,
  Scalar,
  Step,
  StepInput,
  StepKind,
  StepOutput,
  Value,
  YamlPath,
} from "./pipeline";
import { isMapping } from "./scalar";
import type { Span } from "./text";
import { type Entry, entryOf, type MapNode, type Node, nodeAt, plainOf } from "./tree";

const KINDS: Readonly<Record<string, StepKind>> = {
  command: "command",
  command_job: "command",
  commandjob: "command",
  commandcomponent: "command",
  command_component: "command",
  component: "command",
  component_job: "command",
  pipeline: "pipeline",
  pipeline_job: "pipeline",
  pipelinecomponent: "pipeline",
  sweep: "sweep",
  sweep_job: "sweep",
  parallel: "parallel",
  spark: "spark",
  if_else: "if_else",
  do_while: "do_while",
  parallel_for: "parallel_for",
};

const TYPES = new Set(
  "string number integer boolean uri_file uri_folder mltable mlflow_model custom_model triton_model path float double int bool str".split(
    " ",
  ),
);
const MODES = new Set("ro_mount rw_mount download direct eval_mount eval_download mount ro rw".split(" "));
const OLD_DATA = ["dataset", "data", "file", "folder", "local_path", "paths"];

/** A step and those in it, each before its own. */
export function stepsOf(entry: Entry, path: YamlPath, scope: string, part: string, shift: number): Step[] {
  const node = entry.value;
  const key = scope === "" ? entry.key : `${scope}/${entry.key}`;
  const kind = kindOf(node);
  const inline = inlinePipeline(node);
  const span = (one: { from: number; to: number }): Span => ({ from: one.from - shift, to: one.to - shift });
  const value = plainOf(node);
  const step: Step = {
    key,
    name: entry.key,
    scope,
    kind: inline !== undefined ? "pipeline" : kind,
    component: componentOf(node),
    inputs: [
      ...inputsOf(entryOf(node, "inputs")?.value, ["inputs"], "", scope, shift),
      ...controlInputs(node, kind, scope, shift),
    ],
    outputs: outputsOf(entryOf(node, "outputs")?.value, shift),
    dependsOn: namesIn(nodeAt(node, ["depends_on"])).map((name) => inScope(scope, name)),
    blocks: blocksOf(node, kind, scope),
    inner:
      inline === undefined
        ? null
        : {
            inputs: pipelineInputsOf(entryOf(inline, "inputs")?.value, shift, true),
            outputs: pipelineOutputsOf(entryOf(inline, "outputs")?.value, shift),
          },
    value: isMapping(value) ? value : {},
    path,
    part,
    span: span({ from: entry.keyFrom, to: Math.max(entry.keyTo, node.to) }),
    nameSpan: span({ from: entry.keyFrom, to: entry.keyTo }),
  };
  const jobs = nodeAt(inline, ["jobs"]);
  const inner = jobs?.kind === "map" ? jobs.entries : [];
  const inside = [...path, componentKey(node), "jobs"];
  return [step, ...inner.flatMap((one) => stepsOf(one, [...inside, one.key], key, part, shift))];
}

export const inScope = (scope: string, name: string): string => (scope === "" ? name : `${scope}/${name}`);

const componentKey = (node: Node): string => (entryOf(node, "component") === undefined ? "trial" : "component");

function kindOf(node: Node): StepKind {
  const type = textAt(node, "type");
  if (type !== null) {
    return KINDS[type.toLowerCase()] ?? "other";
  }
  return entryOf(node, "component") !== undefined || entryOf(node, "command") !== undefined ? "command" : "other";
}

/** The pipeline that is written in the place of a step's component. */
function inlinePipeline(node: Node): MapNode | undefined {
  const inner = nodeAt(node, ["component"]);
  return inner?.kind === "map" && entryOf(inner, "jobs") !== undefined ? inner : undefined;
}

function componentOf(node: Node): ComponentUse | null {
  const written = nodeAt(node, ["component"]) ?? nodeAt(node, ["trial"]);
  if (written === undefined || (written.kind === "scalar" && written.value === null)) {
    return null;
  }
  if (written.kind !== "scalar") {
    return { kind: inlinePipeline(node) === undefined ? "inline" : "inline-pipeline" };
  }
  const text = String(written.value);
  const reference = parseReference(text);
  if (reference !== null) {
    const { name, version, label, registry } = reference;
    return { kind: "registered", text, name, version, label, registry };
  }
  const isFile = /[/\\]/.test(text) || /\.ya?ml$/i.test(text);
  return isFile && !text.toLowerCase().startsWith("azureml:") ? { kind: "file", text } : { kind: "unreadable", text };
}

/** The inputs below a mapping; groups become dotted names. */
function inputsOf(node: Node | undefined, keys: string[], prefix: string, scope: string, shift: number): StepInput[] {
  if (node?.kind !== "map") {
    return [];
  }
  return node.entries.flatMap((entry): StepInput[] => {
    const name = prefix + entry.key;
    if (isGroup(entry.value)) {
      return inputsOf(entry.value, [...keys, entry.key], `${name}.`, scope, shift);
    }
    return [{ name, keys: [...keys, entry.key], binding: bindingOf(entry.value, scope), ...spansOf(entry, shift) }];
  });
}

const spansOf = (entry: Entry, shift: number): { nameSpan: Span; valueSpan: Span } => ({
  nameSpan: { from: entry.keyFrom - shift, to: entry.keyTo - shift },
  valueSpan: { from: entry.value.from - shift, to: entry.value.to - shift },
});

/** Whether a mapping is a group of inputs: an input may really be called `type`, so that a key alone says nothing. */
function isGroup(node: Node): boolean {
  if (node.kind !== "map" || node.entries.length === 0) {
    return false;
  }
  const has = (key: string) => entryOf(node, key) !== undefined;
  const isOld = node.entries.length <= 3 && OLD_DATA.filter(has).length === 1;
  return !(
    has("path") ||
    has("value") ||
    isOld ||
    TYPES.has((textAt(node, "type") ?? "").toLowerCase()) ||
    MODES.has((textAt(node, "mode") ?? "").toLowerCase())
  );
}

/** What stands on a control node itself and is read like an input. */
function controlInputs(node: Node, kind: StepKind, scope: string, shift: number): StepInput[] {
  const name = kind === "if_else" || kind === "do_while" ? "condition" : kind === "parallel_for" ? "items" : null;
  const entry = name === null ? undefined : entryOf(node, name);
  return name === null || entry === undefined
    ? []
    : [{ name, keys: [name], binding: bindingOf(entry.value, scope), ...spansOf(entry, shift) }];
}

export function bindingOf(node: Node, scope: string): Binding {
  if (node.kind === "list") {
    return { kind: "other" };
  }
  if (node.kind === "scalar") {
    return node.value === null ? { kind: "empty" } : bindingOfValue(node.value, scope, null, null);
  }
  const [type, mode, path] = [textAt(node, "type"), textAt(node, "mode"), textAt(node, "path")];
  const value = nodeAt(node, ["value"]);
  if (value?.kind === "scalar" && value.value !== null) {
    return bindingOfValue(value.value, scope, type, mode);
  }
  if (path === null) {
    return { kind: "other" };
  }
  return path.includes("${{") ? bindingOfValue(path, scope, type, mode) : { kind: "data", path, type, mode };
}

function bindingOfValue(
  value: string | number | boolean,
  scope: string,
  type: string | null,
  mode: string | null,
): Binding {
  if (typeof value !== "string" || !value.includes("${{")) {
    return { kind: "literal", value };
  }
  const single = singleExpression(value);
  const [root, side, first, middle, ...rest] = today(single?.names ?? []);
  if (root === "parent" && side === "inputs" && first !== undefined) {
    const input = [first, ...(middle === undefined ? [] : [middle]), ...rest].join(".");
    return { kind: "pipeline-input", input, type, mode };
  }
  if (root === "parent" && side === "jobs" && first !== undefined && rest.length > 0) {
    const step = inScope(scope, first);
    if (middle === "outputs") {
      return { kind: "step-output", step, output: rest.join("."), type, mode };
    }
    if (middle === "inputs") {
      return { kind: "step-input", step, input: rest.join("."), type, mode };
    }
  }
  return { kind: "text", text: value, expressions: expressionsIn(value) };
}

function outputsOf(node: Node | undefined, shift: number): StepOutput[] {
  return node?.kind === "map" ? node.entries.map((entry) => outputOf(entry, shift)) : [];
}

function outputOf(entry: Entry, shift: number): StepOutput {
  const node = entry.value;
  const path = node.kind === "scalar" ? (typeof node.value === "string" ? node.value : null) : textAt(node, "path");
  const promotedTo = path === null ? null : promotedBy(path);
  return {
    name: entry.key,
    type: textAt(node, "type"),
    mode: textAt(node, "mode"),
    path: promotedTo === null && node.kind !== "scalar" ? path : null,
    asset: textAt(node, "name"),
    version: textAt(node, "version"),
    promotedTo,
    ...spansOf(entry, shift),
  };
}

function promotedBy(text: string): string | null {
  const [root, side, ...names] = today(singleExpression(text)?.names ?? []);
  return root === "parent" && side === "outputs" && names.length > 0 ? names.join(".") : null;
}

/** The inputs of a pipeline. Of one that declares ports, *isDeclared*: a mapping is then always one input. */
export function pipelineInputsOf(node: Node | undefined, shift: number, isDeclared: boolean): PipelineInput[] {
  return pipelineGroup(node, shift, isDeclared, ["inputs"], "");
}

function pipelineGroup(
  node: Node | undefined,
  shift: number,
  isDeclared: boolean,
  keys: readonly string[],
  prefix: string,
): PipelineInput[] {
  if (node?.kind !== "map") {
    return [];
  }
  return node.entries.flatMap((entry): PipelineInput[] => {
    const name = prefix + entry.key;
    if (!isDeclared && isGroup(entry.value)) {
      return pipelineGroup(entry.value, shift, isDeclared, [...keys, entry.key], `${name}.`);
    }
    return [pipelineInput(name, [...keys, entry.key], entry, shift)];
  });
}

function pipelineInput(name: string, keys: readonly string[], entry: Entry, shift: number): PipelineInput {
  const node = entry.value;
  const own = node.kind === "scalar" ? node : (nodeAt(node, ["value"]) ?? nodeAt(node, ["default"]));
  const value = own?.kind === "scalar" ? own.value : null;
  return {
    name,
    keys,
    type: node.kind === "scalar" ? typeOfScalar(value) : (textAt(node, "type")?.toLowerCase() ?? null),
    value,
    path: textAt(node, "path"),
    mode: textAt(node, "mode"),
    isOptional: nodeAt(node, ["optional"])?.kind === "scalar" && plainOf(nodeAt(node, ["optional"]) as Node) === true,
    description: textAt(node, "description"),
    ...spansOf(entry, shift),
  };
}

function typeOfScalar(value: Scalar): string | null {
  if (typeof value === "number") {
    return Number.isInteger(value) ? "integer" : "number";
  }
  return typeof value === "boolean" ? "boolean" : typeof value === "string" ? "string" : null;
}

export function pipelineOutputsOf(node: Node | undefined, shift: number): PipelineOutput[] {
  return node?.kind === "map"
    ? node.entries.map((entry) => {
        const { promotedTo: _, ...output } = outputOf(entry, shift);
        return output;
      })
    : [];
}

function blocksOf(node: Node, kind: StepKind, scope: string): Block[] {
  const roles: Block["role"][] =
    kind === "if_else" ? ["true_block", "false_block"] : kind === "do_while" || kind === "parallel_for" ? ["body"] : [];
  return roles.map((role) => ({ role, steps: namesIn(nodeAt(node, [role])).map((name) => inScope(scope, name)) }));
}

/** Steps that are named: by their bare name or `${{parent.jobs.<step>}}`, one or a list. */
function namesIn(node: Node | undefined): string[] {
  const value: Value = node === undefined ? null : plainOf(node);
  const texts = (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string");
  return texts.map((text) => {
    const names = today(singleExpression(text)?.names ?? []);
    return names[0] === "parent" && names[1] === "jobs" && names.length === 3 ? (names[2] as string) : text;
  });
}

function textAt(node: Node, key: string): string | null {
  const found = entryOf(node, key)?.value;
  return found?.kind === "scalar" && found.value !== null ? String(found.value) : null;
}
