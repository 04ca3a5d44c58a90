/** A step that holds a pipeline → the steps of that pipeline, in its place. */

import type { Edit } from "./edit";
import { ofPipelineOutput, today } from "./expression";
import { lastName, settleInputs, writtenAs } from "./group";
import { indented } from "./line";
import { freeName } from "./name";
import { located } from "./parts";
import type { Step, Value } from "./pipeline";
import { type Draft, readDraft } from "./read";
import { forget, renameInScope, renameMentions } from "./reference";
import { behindKey } from "./scalar";
import { copySteps } from "./steps";
import { inOrder, lineBreakOf, type Splice, spliced } from "./text";
import { inScope } from "./view";
import { jobsPath, stepsIn, type Work } from "./work";
import { addText, Refusal, removeEntries, renameKey, setValue } from "./write";

export function unpackStep(work: Work, edit: Extract<Edit, { kind: "unpack-step" }>): void {
  const { name: own, scope } = work.step(edit.step);
  settleInputs(work, scope, new Set([own]));
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
    work.change(
      addText(work.draft, jobsPath(work.draft, step.scope), (indent) => indented(lines, indent), flow, behind),
    );
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
    throw new Refusal(
      "only a pipeline can be unpacked; of one that is registered or in a file, its document is needed",
    );
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
  const names = new Set(
    inner().pipeline.steps.flatMap((one) =>
      one.inputs.flatMap(({ binding }) => (binding.kind === "pipeline-input" ? [binding.input] : [])),
    ),
  );
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
    } else if (binding?.kind === "literal" || binding?.kind === "data") {
      literals.set(name, writtenAs(binding));
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
        for (const [field, value] of Object.entries({
          mode: outer?.mode,
          path: outer?.path,
          name: outer?.asset,
          version: outer?.version,
        })) {
          become(value == null ? [] : setValue(inner(), [...path, field], value));
        }
      }
    }
  }
}

/** Lead what reads or waits for the step to the steps that were in it. */
function leadInside(
  work: Work,
  step: Step,
  sources: ReadonlyMap<string, { step: string; output: string }>,
  names: ReadonlyMap<string, string>,
): void {
  work.change(
    renameInScope(work.draft, step.scope, ([root, side, name, word, ...output]) => {
      const source =
        root === "parent" && side === "jobs" && name === step.name && word === "outputs"
          ? sources.get(output.join("."))
          : undefined;
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
