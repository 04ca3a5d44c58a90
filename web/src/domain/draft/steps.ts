/** Edits of whole steps: added, taken away, renamed, copied, pasted, their component changed. */

import type { Edit } from "./edit";
import { indented } from "./line";
import { freeName, stepNameProblem, styledName } from "./name";
import { located } from "./parts";
import type { Step } from "./pipeline";
import { type Draft, readDraft } from "./read";
import { forget, forgetSteps, renameMentions } from "./reference";
import { isMapping, onLine, textOnLine } from "./scalar";
import { inOrder, lineBreakOf, spliced } from "./text";
import { nodeAt, plainOf } from "./tree";
import { inScope } from "./view";
import { jobsPath, stepsIn, type Work } from "./work";
import { addEntry, addText, entryText, Refusal, removeEntries, renameKey, replaceValue, setValue } from "./write";

type Of<Kind extends Edit["kind"]> = Extract<Edit, { kind: Kind }>;

export function addStep(work: Work, { scope, name, value }: Of<"add-step">): void {
  // A component may have a name that no step can have.
  const free = nameFor(work.draft, scope, stepNameProblem(name) === null ? name : styledName(name));
  const path = jobsPath(work.draft, scope);
  const jobs = located(work.draft.parts, path)?.node;
  const hasSteps = stepsIn(work.draft, scope).length > 0 || (jobs?.kind === "map" && jobs.entries.length > 0);
  work.change(hasSteps ? addEntry(work.draft, path, free, value) : setValue(work.draft, [...path, free], value));
  work.made.push(inScope(scope, free));
}

function nameFor(draft: Draft, scope: string, name: string): string {
  const problem = stepNameProblem(name);
  if (problem !== null) {
    throw new Refusal(problem);
  }
  return freeName(
    name,
    stepsIn(draft, scope).map((step) => step.name),
  );
}

/** The steps by scope, without those that stand in another one of them. */
function byScope(draft: Draft, keys: readonly string[]): Map<string, Step[]> {
  const chosen = new Set(keys);
  const isInside = (step: Step): boolean => {
    for (let around = step.scope; around !== ""; around = draft.pipeline.byKey.get(around)?.scope ?? "") {
      if (chosen.has(around)) {
        return true;
      }
    }
    return false;
  };
  const steps = draft.pipeline.steps.filter((step) => chosen.has(step.key) && !isInside(step));
  const found = new Map<string, Step[]>();
  for (const step of steps) {
    found.set(step.scope, [...(found.get(step.scope) ?? []), step]);
  }
  return found;
}

export function removeSteps(work: Work, { steps }: Of<"remove-steps">): void {
  for (const key of steps) {
    work.step(key);
  }
  for (const [scope, gone] of byScope(work.draft, steps)) {
    const names = gone.map((step) => step.name);
    work.changeAll(forgetSteps(() => work.draft, scope, new Set(names)));
    work.change(removeEntries(work.draft, jobsPath(work.draft, scope), names));
  }
}

export function renameStep(work: Work, { step: key, name }: Of<"rename-step">): void {
  const step = work.step(key);
  if (name === step.name) {
    return;
  }
  const others = stepsIn(work.draft, step.scope).filter((one) => one.key !== key);
  if (others.some((one) => one.name.toLowerCase() === name.toLowerCase())) {
    throw new Refusal(`another step is called \`${name}\``);
  }
  const problem = stepNameProblem(name);
  if (problem !== null) {
    throw new Refusal(problem);
  }
  work.changeAll([
    () => renameMentions(work.draft, step.scope, step.name, name),
    () => renameKey(work.draft, step.path, name),
  ]);
  const now = inScope(step.scope, name);
  for (const one of [...work.draft.pipeline.steps]) {
    if (one.key === now || one.key.startsWith(`${now}/`)) {
      work.renamed[key + one.key.slice(now.length)] = one.key;
    }
  }
}

/** YAML text of steps, one after another: what any editor takes, and `paste-steps` too. */
export function copySteps(draft: Draft, keys: readonly string[]): string {
  const steps = [...byScope(draft, keys).values()].flat();
  return steps.map((step) => `${textOf(draft, step)}\n`).join("\n");
}

/** A step's lines without indentation; of one in flow style, lines made of it. */
function textOf(draft: Draft, step: Step): string {
  const text = entryText(draft, step.path);
  return /^[^\n]*:[ \t]*[&*!]/.test(text) ||
    readDraft(`jobs:\n${indented(text, 2)}\n`).parts.steps.get(step.name)?.entry.value.kind !== "map"
    ? `${textOnLine(step.name)}: ${onLine(step.value, true)}`
    : text.replaceAll("\r\n", "\n");
}

export function duplicateSteps(work: Work, { steps }: Of<"duplicate-steps">): void {
  for (const [scope, chosen] of byScope(work.draft, steps)) {
    const text = copySteps(
      work.draft,
      chosen.map((step) => step.key),
    );
    paste(work, scope, text, chosen.at(-1)?.name);
  }
}

export function pasteSteps(work: Work, { scope, text }: Of<"paste-steps">): void {
  paste(work, scope, text, undefined);
}

function paste(work: Work, scope: string, text: string, after: string | undefined): void {
  const pasted = pastedDraft(text);
  const arriving = stepsIn(pasted, "");
  const taken = stepsIn(work.draft, scope).map((step) => step.name);
  const names = new Map<string, string>();
  for (const step of arriving) {
    names.set(step.name, freeName(step.name, [...taken, ...names.values()]));
  }
  const known = new Set([...taken, ...names.values()]);
  let renaming = renamedDraft(pasted, names);
  for (const one of forget(
    () => renaming,
    "",
    ([root, side, step]) => root === "parent" && side === "jobs" && !known.has(step ?? ""),
  )) {
    renaming = readDraft(spliced(renaming.text, one()), renaming);
  }
  const promoted = new Set(
    stepsIn(work.draft, scope).flatMap((step) => step.outputs.map((output) => output.promotedTo)),
  );
  for (const step of stepsIn(renaming, "")) {
    const again = step.outputs.filter(({ promotedTo }) => promotedTo !== null && promoted.has(promotedTo));
    const gone = removeEntries(
      renaming,
      [...step.path, "outputs"],
      again.map((output) => output.name),
    );
    renaming = readDraft(spliced(renaming.text, gone), renaming);
  }
  const path = jobsPath(work.draft, scope);
  const isEmpty = taken.length === 0;
  let behind = after;
  for (const step of stepsIn(renaming, "")) {
    const lines = textOf(renaming, step).replaceAll("\n", lineBreakOf(work.draft.text));
    const flow = () => `${textOnLine(step.name, true)}: ${onLine(step.value, true)}`;
    if (isEmpty && work.made.length === 0 && located(work.draft.parts, path) === undefined) {
      work.change(setValue(work.draft, path, {}));
    }
    work.change(addText(work.draft, path, (indent) => indented(lines, indent), flow, behind));
    behind = step.name;
    work.made.push(inScope(scope, step.name));
  }
}

/** Pasted text as a pipeline: steps by name, a whole pipeline, or one step without a name. */
function pastedDraft(text: string): Draft {
  const plain = text.replaceAll("\r\n", "\n").replace(/^\uFEFF/, "");
  const whole = readDraft(plain);
  const value = whole.broken === null ? plainOf(whole.parts.head) : null;
  if (whole.broken === null && whole.pipeline.steps.length > 0) {
    return whole;
  }
  const isOne = isMapping(value) && ["component", "command", "trial"].some((key) => typeof value[key] === "string");
  const wrapped = isOne ? `jobs:\n  step:\n${indented(plain, 4)}\n` : `jobs:\n${indented(plain, 2)}\n`;
  const draft = readDraft(wrapped);
  const areSteps =
    draft.broken === null &&
    draft.pipeline.steps.length > 0 &&
    draft.pipeline.steps.every((step) => nodeAt(located(draft.parts, step.path)?.node, [])?.kind === "map");
  if (!areSteps) {
    throw new Refusal("what was pasted is no YAML of steps");
  }
  return draft;
}

function renamedDraft(draft: Draft, names: ReadonlyMap<string, string>): Draft {
  let now = draft;
  // First to names that nobody has, so that two that change places do not meet.
  const stages = [
    [...names].map(([name], position) => [name, `pasted-${position}-`] as const),
    [...names.values()].map((name, position) => [`pasted-${position}-`, name] as const),
  ];
  if ([...names].every(([name, free]) => name === free)) {
    return now;
  }
  for (const [from, to] of stages.flat()) {
    const step = now.pipeline.byKey.get(from);
    if (step !== undefined) {
      const splices = inOrder([...renameMentions(now, "", from, to), ...renameKey(now, step.path, to)]);
      now = readDraft(spliced(now.text, splices), now);
    }
  }
  return now;
}

export function setComponent(work: Work, { step: key, reference, ports }: Of<"set-component">): void {
  const step = work.step(key);
  const field = step.value.trial !== undefined ? "trial" : "component";
  if (step.component?.kind === "inline-pipeline") {
    throw new Refusal("the steps of this pipeline are written here: unpack it, or change it in the text");
  }
  work.change(
    step.value[field] === undefined
      ? setValue(work.draft, [...step.path, field], reference)
      : replaceValue(work.draft, [...step.path, field], reference),
  );
  if (ports === undefined) {
    return;
  }
  const lost = step.inputs.filter(
    ({ name, keys }) => keys[0] === "inputs" && !isDeclared(name, Object.keys(ports.inputs)),
  );
  for (const { keys } of lost) {
    const path = [...step.path, ...keys];
    work.change(removeEntries(work.draft, path.slice(0, -1), [String(path.at(-1))]));
  }
  const gone = step.outputs.filter(({ name }) => ports.outputs[name] === undefined).map(({ name }) => name);
  if (gone.length > 0) {
    work.change(removeEntries(work.draft, [...step.path, "outputs"], gone));
  }
  const isLost = ([root, side, name, word, ...output]: readonly string[]): boolean =>
    root === "parent" &&
    side === "jobs" &&
    name === step.name &&
    word === "outputs" &&
    ports.outputs[output.join(".")] === undefined;
  work.changeAll(forget(() => work.draft, step.scope, isLost));
}

export function referComponents(work: Work, { references }: Of<"refer-components">): void {
  // A text that others repeat by an anchor is changed with the first of them.
  const isOther = ([key, reference]: [string, string]) =>
    componentText(work.draft.pipeline.byKey.get(key)) !== reference;
  for (const [step, reference] of Object.entries(references).filter(isOther)) {
    setComponent(work, { kind: "set-component", step, reference });
  }
}

const componentText = (step: Step | undefined): string | null =>
  step?.component !== undefined && step.component !== null && "text" in step.component ? step.component.text : null;

/** Whether a component declares an input, or a group that it is in. */
export const isDeclared = (name: string, declared: readonly string[]): boolean =>
  declared.some((one) => one === name || one.startsWith(`${name}.`));
