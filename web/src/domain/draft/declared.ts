/** Edits of what a pipeline is given and gives: its own inputs and outputs. */

import type { Edit } from "./edit";
import { portNameProblem } from "./name";
import type { PipelineInput, PipelineOutput, YamlPath } from "./pipeline";
import { forget, renameInScope } from "./reference";
import { interfaceOf, pipelinePath, stepOf, type Work } from "./work";
import { Refusal, removeEntries, renameKey, setValue } from "./write";

type Of<Kind extends Edit["kind"]> = Extract<Edit, { kind: Kind }>;
type Side = "inputs" | "outputs";

/** Where an input or output of a pipeline is, or would be, written. */
function portPath(work: Work, scope: string, side: Side, name: string): YamlPath {
  const found = interfaceOf(work.draft, scope)[side].find((one) => one.name === name);
  const keys =
    found !== undefined && "keys" in found ? found.keys : [side, ...(side === "inputs" ? name.split(".") : [name])];
  return [...pipelinePath(work.draft, scope), ...keys];
}

export function setPort(
  work: Work,
  side: Side,
  { scope, name, value }: Of<"set-pipeline-input" | "set-pipeline-output">,
): void {
  assertName(name);
  work.change(setValue(work.draft, portPath(work, scope, side, name), value));
}

function assertName(name: string): void {
  const problem = portNameProblem(name);
  if (problem !== null) {
    throw new Refusal(problem);
  }
}

function ports(work: Work, scope: string, side: Side): readonly (PipelineInput | PipelineOutput)[] {
  return interfaceOf(work.draft, scope)[side];
}

export function removePort(
  work: Work,
  side: Side,
  { scope, name }: Of<"remove-pipeline-input" | "remove-pipeline-output">,
): void {
  if (!ports(work, scope, side).some((one) => one.name === name)) {
    throw new Refusal(`the pipeline has no ${side.slice(0, -1)} \`${name}\``);
  }
  const meant = ([root, word, ...names]: readonly string[]): boolean =>
    root === "parent" && word === side && names.join(".") === name;
  work.changeAll(forget(() => work.draft, scope, meant));
  const path = portPath(work, scope, side, name);
  work.change(removeEntries(work.draft, path.slice(0, -1), [String(path.at(-1))]));
  if (scope !== "") {
    forgetOutside(work, scope, side, name);
  }
}

/** What the step of an inner pipeline says of a port that is gone, and what reads it. */
function forgetOutside(work: Work, scope: string, side: Side, name: string): void {
  const step = work.step(scope);
  const written = side === "inputs" ? step.inputs.find((one) => one.name === name)?.keys : [side, name];
  const path = [...step.path, ...(written ?? [side, name])];
  work.change(removeEntries(work.draft, path.slice(0, -1), [String(path.at(-1))]));
  if (side === "outputs") {
    const meant = (names: readonly string[]): boolean => isOutput(names, step.name, name);
    work.changeAll(forget(() => work.draft, step.scope, meant));
  }
}

const isOutput = ([root, side, step, word, ...output]: readonly string[], name: string, port: string): boolean =>
  root === "parent" && side === "jobs" && step === name && word === "outputs" && output.join(".") === port;

export function renamePort(
  work: Work,
  side: Side,
  { scope, name, to }: Of<"rename-pipeline-input" | "rename-pipeline-output">,
): void {
  assertName(to);
  const all = ports(work, scope, side).map((one) => one.name);
  if (!all.includes(name)) {
    throw new Refusal(`the pipeline has no ${side.slice(0, -1)} \`${name}\``);
  }
  if (all.some((one) => one !== name && one.toLowerCase() === to.toLowerCase())) {
    throw new Refusal(`another ${side.slice(0, -1)} is called \`${to}\``);
  }
  const around = name.slice(0, name.lastIndexOf(".") + 1);
  const last = to.slice(around.length);
  if (!to.startsWith(around) || (side === "inputs" && last.includes("."))) {
    throw new Refusal("an input of a group stays in its group: change only the last part of its name");
  }
  const path = portPath(work, scope, side, name);
  const outside = scope === "" ? [] : renameOutside(work, scope, side, name, to);
  work.changeAll([
    () => renameKey(work.draft, path, side === "inputs" ? last : to),
    () =>
      renameInScope(work.draft, scope, ([root, word, ...names]) =>
        root === "parent" && word === side && names.join(".") === name ? ["parent", side, ...to.split(".")] : null,
      ),
    ...outside,
  ]);
}

function renameOutside(work: Work, scope: string, side: Side, name: string, to: string) {
  const step = stepOf(work.draft, scope);
  const isWritten =
    side === "inputs" ? step.inputs.some((one) => one.name === name) : step.outputs.some((one) => one.name === name);
  return [
    () =>
      isWritten
        ? renameKey(
            work.draft,
            [...step.path, side, ...(side === "inputs" ? name.split(".") : [name])],
            to.split(".").at(-1) ?? to,
          )
        : [],
    () =>
      side === "inputs"
        ? []
        : renameInScope(work.draft, step.scope, (names) =>
            isOutput(names, step.name, name) ? ["parent", "jobs", step.name, "outputs", ...to.split(".")] : null,
          ),
  ];
}
