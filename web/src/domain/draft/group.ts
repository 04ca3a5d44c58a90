/**
 * Steps that become one step holding them as a pipeline, and back.
 *
 * The inner pipeline is made as a document of its own, so that the same edits serve inside and outside.
 */

import type { Ports } from "../interface";
import type { Edit } from "./edit";
import { ofPipelineInput, ofPipelineOutput, ofStepOutput, today } from "./expression";
import { freeName, stepNameProblem } from "./name";
import { located } from "./parts";
import type { Step, Value } from "./pipeline";
import { type Draft, readDraft } from "./read";
import { forget, renameInScope, renameMentions } from "./reference";
import { behindKey, isMapping } from "./scalar";
import { copySteps } from "./steps";
import { inOrder, lineBreakOf, type Splice, spliced } from "./text";
import { inScope } from "./view";
import { interfaceOf, jobsPath, stepsIn, type Work } from "./work";
import { addText, indented, Refusal, removeEntries, renameKey, setValue } from "./write";

type Of<Kind extends Edit["kind"]> = Extract<Edit, { kind: Kind }>;

/** What the inner pipeline takes from around it, and what those around take from it. */
interface Boundary {
  /** By the name inside: the expression outside, and the port. */
  inputs: Map<string, { outside: string; port: Value }>;
  /** By the name inside: the step and output, the port, and the pipeline output that it becomes. */
  outputs: Map<string, { step: string; output: string; port: Value; promotedTo: string | null }>;
}

export function groupSteps(work: Work, edit: Of<"group-steps">): void {
  const steps = edit.steps.map((key) => work.step(key));
  const scope = steps[0]?.scope ?? "";
  const names = new Set(steps.map((step) => step.name));
  assertCanGroup(work.draft, steps, scope, edit.name);
  const others = stepsIn(work.draft, scope).filter((step) => !names.has(step.name));
  const name = freeName(
    edit.name,
    others.map((step) => step.name),
  );
  const boundary: Boundary = { inputs: new Map(), outputs: new Map() };
  const ports = edit.ports ?? {};
  collectOutputs(steps, others, ports, boundary);
  const waits = [...new Set(steps.flatMap((step) => step.dependsOn.map(lastName)).filter((one) => !names.has(one)))];
  const inner = innerDocument(work.draft, steps, scope, ports, boundary);
  work.component = edit.reference === undefined ? null : inner;
  const value = groupValue(boundary, waits, edit.reference);
  redirect(work, scope, names, name, boundary);
  addGroup(work, scope, steps, name, inner, value, edit.reference);
  work.change(removeEntries(work.draft, jobsPath(work.draft, scope), [...names]));
  const key = inScope(scope, name);
  work.made.push(key);
  if (edit.reference === undefined) {
    for (const step of steps) {
      work.renamed[step.key] = `${key}/${step.name}`;
    }
  }
}

const lastName = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

function assertCanGroup(draft: Draft, steps: readonly Step[], scope: string, name: string): void {
  const problem = stepNameProblem(name);
  if (problem !== null || steps.length === 0) {
    throw new Refusal(problem ?? "choose at least one step");
  }
  if (steps.some((step) => step.scope !== scope)) {
    throw new Refusal("these steps are in different pipelines");
  }
  const inside = new Set(steps.map((step) => step.key));
  for (const step of stepsIn(draft, scope)) {
    for (const one of step.blocks.flatMap((block) => block.steps)) {
      if (inside.has(step.key) !== inside.has(one) && draft.pipeline.byKey.has(one)) {
        throw new Refusal(`\`${step.name}\` decides about \`${lastName(one)}\`: group both or neither`);
      }
    }
  }
  const settings = scope === "" ? draft.pipeline.value.settings : null;
  for (const key of ["on_init", "on_finalize"]) {
    const named = isMapping(settings ?? null) ? (settings as Record<string, Value>)[key] : null;
    if (steps.some((step) => step.name === named)) {
      throw new Refusal(`\`${String(named)}\` runs as \`${key}\` and has to stay where it is`);
    }
  }
}

type PortsByStep = Readonly<Record<string, { inputs: Ports; outputs: Ports }>>;

function collectOutputs(steps: readonly Step[], others: readonly Step[], ports: PortsByStep, boundary: Boundary): void {
  const wanted = new Map<string, { step: Step; output: string; promotedTo: string | null }>();
  for (const step of steps) {
    for (const { name, promotedTo } of step.outputs) {
      if (promotedTo !== null) {
        wanted.set(`${step.name}.${name}`, { step, output: name, promotedTo });
      }
    }
    for (const reader of others) {
      for (const { binding } of reader.inputs) {
        const id = binding.kind === "step-output" ? `${step.name}.${binding.output}` : "";
        if (binding.kind === "step-output" && binding.step === step.key && !wanted.has(id)) {
          wanted.set(id, { step, output: binding.output, promotedTo: null });
        }
      }
    }
  }
  for (const { step, output, promotedTo } of wanted.values()) {
    const name = freeName(promotedTo ?? output, boundary.outputs.keys());
    const written = step.outputs.find((one) => one.name === output)?.type;
    const type = ports[step.key]?.outputs[output]?.type ?? written ?? "uri_folder";
    boundary.outputs.set(name, { step: step.name, output, port: { type }, promotedTo });
  }
}

/** The text of the pipeline component that the steps become. */
function innerDocument(draft: Draft, steps: readonly Step[], scope: string, ports: PortsByStep, boundary: Boundary): string {
  const keys = steps.map((step) => step.key);
  const names = new Set(steps.map((step) => step.name));
  let inner = readDraft(`type: pipeline\njobs:\n${indented(copySteps(draft, keys), 2)}`);
  const become = (splices: Splice[]) => {
    inner = readDraft(spliced(inner.text, splices), inner);
  };
  const consumers = consumersOf(steps);
  const around = interfaceOf(draft, scope);
  const byOutside = new Map<string, string>();
  const input = (outside: string, wanted: string, port: () => Value): string => {
    const known = byOutside.get(outside) ?? freeName(wanted, boundary.inputs.keys());
    byOutside.set(outside, known);
    if (!boundary.inputs.has(known)) {
      boundary.inputs.set(known, { outside, port: port() });
    }
    return known;
  };
  become(
    renameInScope(inner, "", (parts) => {
      const [, side, first = "", ...rest] = parts;
      const outside = `\${{${parts.join(".")}}}`;
      const consumer = consumers.get(outside);
      const declared = consumer === undefined ? undefined : ports[consumer.step]?.inputs[consumer.input];
      const isOptional = declared?.optional === true ? { optional: true } : {};
      if (parts[0] === "parent" && side === "inputs") {
        const name = [first, ...rest].join(".");
        const written = around.inputs.find((one) => one.name === name);
        const type = declared?.type ?? written?.type ?? "string";
        return ["parent", "inputs", ...input(outside, name, () => ({ type, ...isOptional })).split(".")];
      }
      if (parts[0] === "parent" && side === "jobs" && !names.has(first) && rest.length > 0) {
        const type = declared?.type ?? "uri_folder";
        return ["parent", "inputs", input(outside, rest.slice(1).join("_") || first, () => ({ type, ...isOptional }))];
      }
      return null;
    }),
  );
  for (const step of stepsIn(inner, "")) {
    const gone = step.outputs.filter((one) => one.promotedTo !== null && !boundary.outputs.has(one.promotedTo));
    become(removeEntries(inner, [...step.path, "outputs"], gone.map((one) => one.name)));
    const kept = step.dependsOn.filter((name) => names.has(name));
    if (kept.length < step.dependsOn.length) {
      become(kept.length > 0 ? setValue(inner, [...step.path, "depends_on"], kept) : removeEntries(inner, step.path, ["depends_on"]));
    }
  }
  for (const [name, { step, output }] of boundary.outputs) {
    const path = ["jobs", step, "outputs", output];
    const isMap = located(inner.parts, path)?.node.kind === "map";
    become(setValue(inner, isMap ? [...path, "path"] : path, ofPipelineOutput(name)));
  }
  for (const [side, found] of [["inputs", boundary.inputs], ["outputs", boundary.outputs]] as const) {
    for (const [name, { port }] of found) {
      become(setValue(inner, [side, ...(side === "inputs" ? [name] : [name])], port));
    }
  }
  return inner.text.replaceAll("\n", lineBreakOf(draft.text));
}

/** Which input takes an expression, for its type. */
function consumersOf(steps: readonly Step[]): Map<string, { step: string; input: string }> {
  const found = new Map<string, { step: string; input: string }>();
  for (const step of steps) {
    for (const { name, binding } of step.inputs) {
      const source = binding.kind === "step-output" ? ofStepOutput(lastName(binding.step), binding.output) : "";
      const text = binding.kind === "pipeline-input" ? ofPipelineInput(binding.input) : source;
      if (text !== "" && !found.has(text)) {
        found.set(text, { step: step.key, input: name });
      }
    }
  }
  return found;
}

/** What the step that holds them says besides its component. */
function groupValue(boundary: Boundary, waits: readonly string[], reference: string | undefined): Record<string, Value> {
  const inputs = Object.fromEntries([...boundary.inputs].map(([name, { outside }]) => [name, outside]));
  const promoted = [...boundary.outputs].filter(([, { promotedTo }]) => promotedTo !== null);
  const outputs = Object.fromEntries(promoted.map(([name, { promotedTo }]) => [name, ofPipelineOutput(promotedTo ?? "")]));
  return {
    ...(reference === undefined ? {} : { component: reference }),
    ...(waits.length > 0 ? { depends_on: waits } : {}),
    ...(boundary.inputs.size > 0 ? { inputs } : {}),
    ...(promoted.length > 0 ? { outputs } : {}),
  };
}

/** Lead what reads or waits for the steps to the step that holds them. */
function redirect(work: Work, scope: string, names: ReadonlySet<string>, group: string, boundary: Boundary): void {
  const outside = stepsIn(work.draft, scope).filter((step) => !names.has(step.name));
  work.change(
    renameInScope(work.draft, scope, ([root, side, step, word, ...output]) => {
      if (root !== "parent" || side !== "jobs" || !names.has(step ?? "") || word !== "outputs") {
        return null;
      }
      const found = [...boundary.outputs].find(([, one]) => one.step === step && one.output === output.join("."));
      return found === undefined ? null : ["parent", "jobs", group, "outputs", found[0]];
    }),
  );
  for (const { key } of outside) {
    const step = work.step(key);
    const waits = step.dependsOn.map(lastName);
    if (waits.some((name) => names.has(name))) {
      const now = [...new Set(waits.map((name) => (names.has(name) ? group : name)))];
      work.change(setValue(work.draft, [...step.path, "depends_on"], now));
    }
  }
}

function addGroup(
  work: Work,
  scope: string,
  steps: readonly Step[],
  name: string,
  inner: string,
  value: Record<string, Value>,
  reference: string | undefined,
): void {
  const lineBreak = lineBreakOf(work.draft.text);
  const head = [`${name}:`, "  type: pipeline"];
  const component = reference === undefined ? ["  component:", indented(inner.trimEnd(), 4)] : [];
  const rest = Object.entries(value).map(([key, one]) => `  ${key}:${behindKey(one, 4, lineBreak)}`);
  const text = [...head, ...component, ...rest].join(lineBreak);
  const flow = (): string => {
    throw new Refusal("the steps are written on one line here: write them one below the other first");
  };
  work.change(addText(work.draft, jobsPath(work.draft, scope), (indent) => indented(text, indent), flow, steps.at(-1)?.name));
}

export function unpackStep(work: Work, edit: Of<"unpack-step">): void {
  const step = work.step(edit.step);
  const text = edit.component ?? inlineText(work.draft, step);
  let inner = readDraft(text.replaceAll("\r\n", "\n"));
  if (inner.broken !== null || stepsIn(inner, "").length === 0) {
    throw new Refusal("its component is no pipeline that can be read");
  }
  const become = (splices: Splice[]) => {
    inner = readDraft(spliced(inner.text, splices), inner);
  };
  const sources = promotedIn(inner);
  const taken = stepsIn(work.draft, step.scope).filter((one) => one.key !== step.key);
  const names = new Map<string, string>();
  for (const one of stepsIn(inner, "")) {
    names.set(one.name, freeName(one.name, [...taken.map((other) => other.name), ...names.values()]));
  }
  bindInputs(step, () => inner, become);
  bindOutputs(step, () => inner, become);
  for (const [from, to] of names) {
    if (from !== to) {
      const path = ["jobs", from];
      become(inOrder([...renameMentions(inner, "", from, to), ...renameKey(inner, path, to)]));
    }
  }
  const first = [...names.values()];
  for (const name of step.dependsOn.length > 0 ? first : []) {
    const own = inner.pipeline.byKey.get(name)?.dependsOn ?? [];
    become(setValue(inner, ["jobs", name, "depends_on"], [...new Set([...own, ...step.dependsOn.map(lastName)])]));
  }
  leadInside(work, step, sources, names);
  let behind = step.name;
  for (const one of stepsIn(inner, "")) {
    const lines = copySteps(inner, [one.key]).trimEnd().replaceAll("\n", lineBreakOf(work.draft.text));
    const flow = (): string => {
      throw new Refusal("the steps are written on one line here: write them one below the other first");
    };
    work.change(addText(work.draft, jobsPath(work.draft, step.scope), (indent) => indented(lines, indent), flow, behind));
    behind = one.name;
    const key = inScope(step.scope, one.name);
    work.made.push(key);
  }
  for (const [from, to] of names) {
    work.renamed[`${step.key}/${from}`] = inScope(step.scope, to);
  }
  work.change(removeEntries(work.draft, jobsPath(work.draft, step.scope), [step.name]));
}

function inlineText(draft: Draft, step: Step): string {
  if (step.component?.kind !== "inline-pipeline") {
    throw new Refusal("only a pipeline can be unpacked; of one that is registered or in a file, its document is needed");
  }
  const found = located(draft.parts, [...step.path, "component"]);
  if (found?.node.kind !== "map" || found.node.isFlow) {
    return behindKey(step.value.component ?? null, 0, "\n").replace(/^\n/, "");
  }
  const from = found.node.from + found.base;
  const start = draft.text.lastIndexOf("\n", from - 1) + 1;
  return `${indented(draft.text.slice(start, found.node.to + found.base), -(from - start))}\n`;
}

/** Which step's output becomes which output of a pipeline. */
function promotedIn(draft: Draft): Map<string, { step: string; output: string }> {
  const found = new Map<string, { step: string; output: string }>();
  for (const step of stepsIn(draft, "")) {
    for (const { name, promotedTo } of step.outputs) {
      if (promotedTo !== null) {
        found.set(promotedTo, { step: step.name, output: name });
      }
    }
  }
  return found;
}

/** Put what the step is given in the place of the inner pipeline's inputs. */
function bindInputs(step: Step, inner: () => Draft, become: (splices: Splice[]) => void): void {
  const literals = new Map<string, Value>();
  const gone = new Set<string>();
  const names = new Set(inner().pipeline.steps.flatMap((one) => one.inputs.flatMap(({ binding }) => binding.kind === "pipeline-input" ? [binding.input] : [])));
  for (const { name } of inner().pipeline.inputs) {
    names.add(name);
  }
  const expressions = new Map<string, readonly string[]>();
  for (const name of names) {
    const binding = step.inputs.find((one) => one.name === name)?.binding;
    const declared = inner().pipeline.inputs.find((one) => one.name === name);
    if (binding?.kind === "pipeline-input") {
      expressions.set(name, ["parent", "inputs", ...binding.input.split(".")]);
    } else if (binding?.kind === "step-output") {
      expressions.set(name, ["parent", "jobs", lastName(binding.step), "outputs", ...binding.output.split(".")]);
    } else if (binding?.kind === "step-input") {
      expressions.set(name, ["parent", "jobs", lastName(binding.step), "inputs", ...binding.input.split(".")]);
    } else if (binding?.kind === "literal") {
      literals.set(name, binding.value);
    } else if (binding?.kind === "data") {
      const { path, type, mode } = binding;
      literals.set(name, { ...(type === null ? {} : { type }), path, ...(mode === null ? {} : { mode }) });
    } else if (declared?.value != null) {
      literals.set(name, declared.value);
    } else {
      gone.add(name);
    }
  }
  for (const one of stepsIn(inner(), "")) {
    for (const { keys, binding } of one.inputs) {
      const value = binding.kind === "pipeline-input" ? literals.get(binding.input) : undefined;
      if (value !== undefined) {
        become(setValue(inner(), [...one.path, ...keys], value));
      }
    }
  }
  // Texts that hold an input among other things cannot lose it: what stands in them is put there.
  become(textsWith(inner(), literals));
  const isGone = ([root, side, ...rest]: readonly string[]): boolean =>
    root === "parent" && side === "inputs" && (gone.has(rest.join(".")) || literals.has(rest.join(".")));
  for (const change of forget(inner, "", isGone)) {
    become(change());
  }
  become(
    renameInScope(inner(), "", ([root, side, ...rest]) =>
      root === "parent" && side === "inputs" ? (expressions.get(rest.join(".")) ?? null) : null,
    ),
  );
}

function textsWith(inner: Draft, literals: ReadonlyMap<string, Value>): Splice[] {
  const found: Splice[] = [];
  for (const part of inner.parts.steps.values()) {
    const from = part.entry.value.from + part.base;
    const raw = inner.text.slice(from, part.entry.value.to + part.base);
    for (const match of raw.matchAll(/\$\{\{\s*([\w.-]+)\s*\}\}/g)) {
      const [root, side, ...rest] = today((match[1] ?? "").split("."));
      const value = literals.get(rest.join("."));
      const isOwn = (match[1] ?? "").startsWith("inputs.");
      if (!isOwn && root === "parent" && side === "inputs" && value !== undefined && typeof value !== "object") {
        found.push({ at: from + match.index, before: match[0], after: String(value) });
      }
    }
  }
  return inOrder(found);
}

/** Let the inner steps' outputs become what the step's became. */
function bindOutputs(step: Step, inner: () => Draft, become: (splices: Splice[]) => void): void {
  for (const one of stepsIn(inner(), "")) {
    for (const { name, promotedTo } of one.outputs) {
      const outer = step.outputs.find((output) => output.name === promotedTo);
      const path = [...one.path, "outputs", name];
      const isMap = located(inner().parts, path)?.node.kind === "map";
      if (promotedTo === null) {
        continue;
      }
      if (outer?.promotedTo != null) {
        become(setValue(inner(), isMap ? [...path, "path"] : path, ofPipelineOutput(outer.promotedTo)));
      } else {
        become(isMap ? removeEntries(inner(), path, ["path"]) : setValue(inner(), path, null));
        for (const [field, value] of Object.entries({ mode: outer?.mode, path: outer?.path, name: outer?.asset, version: outer?.version })) {
          become(value == null ? [] : setValue(inner(), [...path, field], value));
        }
      }
    }
  }
}

/** Lead what reads or waits for the step to the steps that were in it. */
function leadInside(work: Work, step: Step, sources: ReadonlyMap<string, { step: string; output: string }>, names: ReadonlyMap<string, string>): void {
  work.change(
    renameInScope(work.draft, step.scope, ([root, side, name, word, ...output]) => {
      const source = root === "parent" && side === "jobs" && name === step.name && word === "outputs" ? sources.get(output.join(".")) : undefined;
      return source === undefined
        ? null
        : ["parent", "jobs", names.get(source.step) ?? source.step, "outputs", ...source.output.split(".")];
    }),
  );
  for (const one of stepsIn(work.draft, step.scope)) {
    const waits = one.dependsOn.map(lastName);
    if (waits.includes(step.name) && one.key !== step.key) {
      const now = [...new Set(waits.flatMap((name) => (name === step.name ? [...names.values()] : [name])))];
      work.change(setValue(work.draft, [...work.step(one.key).path, "depends_on"], now));
    }
  }
}
