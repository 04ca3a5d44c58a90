/**
 * An edit while it is being done: changes of the text one after another, each checked to leave a text that can be read.
 */

import type { Step, YamlPath } from "./pipeline";
import { type Draft, readDraft } from "./read";
import { inOrder, type Splice, spliced } from "./text";
import { Refusal } from "./write";

export class Work {
  readonly splices: Splice[] = [];
  /** Keys of the steps that it made. */
  readonly made: string[] = [];
  /** Old key → new key. */
  readonly renamed: Record<string, string> = {};
  component: string | null = null;

  constructor(public draft: Draft) {}

  /** Do splices that all count in the text as it is now. */
  change(splices: readonly Splice[]): void {
    if (splices.length === 0) {
      return;
    }
    const draft = readDraft(spliced(this.draft.text, splices), this.draft);
    if (draft.broken !== null) {
      throw new Refusal("this place is written in a way that only you can change: edit it in the text");
    }
    this.draft = draft;
    this.splices.push(...splices);
  }

  /** Do several changes of different places, at once where they do not touch. */
  changeAll(changes: readonly (() => Splice[])[]): void {
    const all = inOrder(changes.flatMap((one) => one()));
    const areApart = all.every((splice, position) => {
      const next = all[position + 1];
      return (
        next === undefined || next.at + next.before.length < splice.at || (next.before === "" && next.at < splice.at)
      );
    });
    if (areApart) {
      this.change(all);
    } else {
      for (const one of changes) {
        this.change(one());
      }
    }
  }

  step(key: string): Step {
    return stepOf(this.draft, key);
  }
}

export function stepOf(draft: Draft, key: string): Step {
  const step = draft.pipeline.byKey.get(key);
  if (step === undefined) {
    throw new Refusal(`there is no step \`${key}\``);
  }
  return step;
}

/** Where the pipeline of a scope is written. */
export const pipelinePath = (draft: Draft, scope: string): YamlPath =>
  scope === "" ? [] : [...stepOf(draft, scope).path, "component"];

export const jobsPath = (draft: Draft, scope: string): YamlPath => [...pipelinePath(draft, scope), "jobs"];

/** The steps directly in a scope. */
export const stepsIn = (draft: Draft, scope: string): Step[] =>
  draft.pipeline.steps.filter((step) => step.scope === scope);

/** The inputs and outputs that the pipeline of a scope has. */
export function interfaceOf(draft: Draft, scope: string): Pick<Draft["pipeline"], "inputs" | "outputs"> {
  return scope === "" ? draft.pipeline : (stepOf(draft, scope).inner ?? { inputs: [], outputs: [] });
}
