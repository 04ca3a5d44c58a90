/**
 * Steps that become one step holding them as a pipeline. The way back is in `unpack.ts`.
 *
 * The inner pipeline is made as a document of its own, so that the same edits serve inside and outside.
 */

import type { Ports } from "../interface";
import type { Edit } from "./edit";
import { ofPipelineInput, ofPipelineOutput, ofStepOutput } from "./expression";
import { indented } from "./line";
import { freeName, stepNameProblem } from "./name";
import { located } from "./parts";
import type { Binding, Step, Value } from "./pipeline";
import { type Draft, readDraft } from "./read";
import { renameInScope } from "./reference";
import { behindKey, isMapping } from "./scalar";
import { copySteps } from "./steps";
import { lineBreakOf, type Splice, spliced } from "./text";
import { inScope } from "./view";
import { interfaceOf, jobsPath, stepsIn, type Work } from "./work";
import { addText, Refusal, removeEntries, setValue } from "./write";

type Of<Kind extends Edit["kind"]> = Extract<Edit, { kind: Kind }>;

/** What the inner pipeline takes from around it, and what those around take from it. */
interface Boundary {
  /** By the name inside: the expression outside, and the port. */
  inputs: Map<string, { outside: string; port: Value }>;
  /** By the name inside: the step and output, the port, and the pipeline output that it becomes. */
  outputs: Map<string, { step: string; output: string; port: Value; promotedTo: string | null }>;
}

export function groupSteps(work: Work, edit: Of<"group-steps">): void {
  const chosen = edit.steps.map((key) => work.step(key));
  const scope = chosen[0]?.scope ?? "";
  const names = new Set(chosen.map((step) => step.name));
  assertCanGroup(work.draft, chosen, scope, edit.name);
  settleInputs(work, scope, names);
  const steps = chosen.map((step) => work.step(step.key));
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

/** The name of a step in its key. */
export const lastName = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

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

/**
 * Give what reads an *input* of some steps what that input has: nobody outside a pipeline sees the inputs of its steps.
 */
export function settleInputs(work: Work, scope: string, names: ReadonlySet<string>): void {
  // What an input has may again be what another one has; a ring of such is nobody's value.
  for (let rounds = 0; rounds <= names.size; rounds += 1) {
    for (const { key, name: reader } of stepsIn(work.draft, scope).filter((step) => !names.has(step.name))) {
      for (const { keys, binding } of work.step(key).inputs) {
        if (binding.kind === "step-input" && names.has(lastName(binding.step))) {
          const source = work.step(binding.step).inputs.find((one) => one.name === binding.input)?.binding;
          const value = source === undefined ? null : writtenAs(source);
          if (value === null) {
            throw new Refusal(
              `\`${reader}\` reads what input \`${binding.input}\` of \`${lastName(binding.step)}\` has: give it that value first`,
            );
          }
          work.change(setValue(work.draft, [...work.step(key).path, ...keys], value));
        }
      }
    }
  }
}

/** What is written for a binding; null where it is nothing, or cannot be said alone. */
export function writtenAs(binding: Binding): Value | null {
  switch (binding.kind) {
    case "literal":
      return binding.value;
    case "pipeline-input":
      return ofPipelineInput(binding.input);
    case "step-output":
      return ofStepOutput(lastName(binding.step), binding.output);
    case "step-input":
      return `\${{parent.jobs.${lastName(binding.step)}.inputs.${binding.input}}}`;
    case "data": {
      const { path, type, mode } = binding;
      return { ...(type === null ? {} : { type }), path, ...(mode === null ? {} : { mode }) };
    }
    default:
      return null;
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
function innerDocument(
  draft: Draft,
  steps: readonly Step[],
  scope: string,
  ports: PortsByStep,
  boundary: Boundary,
): string {
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
        const source = ports[inScope(scope, first)]?.outputs[rest.slice(1).join(".")]?.type;
        const type = declared?.type ?? controlType(consumer?.input, steps) ?? source ?? "uri_folder";
        return ["parent", "inputs", input(outside, rest.slice(1).join("_") || first, () => ({ type, ...isOptional }))];
      }
      return null;
    }),
  );
  for (const step of stepsIn(inner, "")) {
    const gone = step.outputs.filter((one) => one.promotedTo !== null && !boundary.outputs.has(one.promotedTo));
    become(
      removeEntries(
        inner,
        [...step.path, "outputs"],
        gone.map((one) => one.name),
      ),
    );
    const kept = step.dependsOn.filter((name) => names.has(name));
    if (kept.length < step.dependsOn.length) {
      become(
        kept.length > 0
          ? setValue(inner, [...step.path, "depends_on"], kept)
          : removeEntries(inner, step.path, ["depends_on"]),
      );
    }
  }
  for (const [name, { step, output }] of boundary.outputs) {
    const path = ["jobs", step, "outputs", output];
    const isMap = located(inner.parts, path)?.node.kind === "map";
    become(setValue(inner, isMap ? [...path, "path"] : path, ofPipelineOutput(name)));
  }
  for (const [side, found] of [
    ["inputs", boundary.inputs],
    ["outputs", boundary.outputs],
  ] as const) {
    for (const [name, { port }] of found) {
      become(setValue(inner, [side, ...(side === "inputs" ? [name] : [name])], port));
    }
  }
  return inner.text.replaceAll("\n", lineBreakOf(draft.text));
}

/** What a control node takes: it declares nothing. */
function controlType(input: string | undefined, steps: readonly Step[]): string | null {
  const isOwn = steps.some(({ inputs }) => inputs.some(({ name, keys }) => name === input && keys.length === 1));
  return isOwn ? (input === "condition" ? "boolean" : "string") : null;
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
function groupValue(
  boundary: Boundary,
  waits: readonly string[],
  reference: string | undefined,
): Record<string, Value> {
  const inputs = Object.fromEntries([...boundary.inputs].map(([name, { outside }]) => [name, outside]));
  const promoted = [...boundary.outputs].filter(([, { promotedTo }]) => promotedTo !== null);
  const outputs = Object.fromEntries(
    promoted.map(([name, { promotedTo }]) => [name, ofPipelineOutput(promotedTo ?? "")]),
  );
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
  work.change(
    addText(work.draft, jobsPath(work.draft, scope), (indent) => indented(text, indent), flow, steps.at(-1)?.name),
  );
}
