/** A draft and an edit → the new draft and the way back, or why not in words. */

import { removePort, renamePort, setPort } from "./declared";
import type { Edit } from "./edit";
import { groupSteps } from "./group";
import { type Draft, readDraft } from "./read";
import { addStep, duplicateSteps, pasteSteps, referComponents, removeSteps, renameStep, setComponent } from "./steps";
import { differenceOf, inverted, type Splice, spliced } from "./text";
import { unpackStep } from "./unpack";
import {
  connect,
  disconnect,
  promoteInput,
  promoteOutput,
  setField,
  setInput,
  setOutputField,
  unsetInput,
} from "./values";
import { Work } from "./work";
import { Refusal } from "./write";

export interface Done {
  ok: true;
  draft: Draft;
  /** What it did to the text. */
  splices: readonly Splice[];
  /** The edit that leads back. */
  inverse: Edit;
  /** Keys of the steps that it made. */
  steps: readonly string[];
  /** Old key → new key. */
  renamed: Readonly<Record<string, string>>;
  /** Of steps that became a component of their own: its text. */
  component: string | null;
}

export interface Refused {
  ok: false;
  reason: string;
}

export type Outcome = Done | Refused;

/** Do an edit. The draft that is given stays as it is. */
export function applyEdit(draft: Draft, edit: Edit): Outcome {
  if (edit.kind === "splice" || edit.kind === "replace-text") {
    return textEdited(draft, edit.kind === "splice" ? edit.splices : differenceOf(draft.text, edit.text));
  }
  if (draft.broken !== null) {
    return { ok: false, reason: `line ${draft.broken.line} of the text cannot be read: mend it first` };
  }
  const work = new Work(draft);
  try {
    perform(work, edit);
  } catch (error) {
    if (error instanceof Refusal) {
      return { ok: false, reason: error.message };
    }
    throw error;
  }
  return done(work.draft, work.splices, work.made, work.renamed, work.component);
}

function textEdited(draft: Draft, splices: readonly Splice[]): Outcome {
  return done(readDraft(spliced(draft.text, splices), draft), splices, [], {}, null);
}

function done(
  draft: Draft,
  splices: readonly Splice[],
  steps: readonly string[],
  renamed: Readonly<Record<string, string>>,
  component: string | null,
): Done {
  const inverse: Edit = { kind: "splice", splices: inverted(splices) };
  return { ok: true, draft, splices, inverse, steps, renamed, component };
}

type Structured = Exclude<Edit["kind"], "splice" | "replace-text">;
type Performers = { [Kind in Structured]: (work: Work, edit: Extract<Edit, { kind: Kind }>) => void };

const PERFORMERS: Performers = {
  "add-step": addStep,
  "remove-steps": removeSteps,
  "rename-step": renameStep,
  "duplicate-steps": duplicateSteps,
  "paste-steps": pasteSteps,
  "set-input": setInput,
  "unset-input": unsetInput,
  connect,
  disconnect,
  "promote-input": promoteInput,
  "promote-output": promoteOutput,
  "set-pipeline-input": (work, edit) => setPort(work, "inputs", edit),
  "set-pipeline-output": (work, edit) => setPort(work, "outputs", edit),
  "remove-pipeline-input": (work, edit) => removePort(work, "inputs", edit),
  "remove-pipeline-output": (work, edit) => removePort(work, "outputs", edit),
  "rename-pipeline-input": (work, edit) => renamePort(work, "inputs", edit),
  "rename-pipeline-output": (work, edit) => renamePort(work, "outputs", edit),
  "set-output-field": setOutputField,
  "set-field": setField,
  "set-component": setComponent,
  "refer-components": referComponents,
  "group-steps": groupSteps,
  "unpack-step": unpackStep,
};

function perform(work: Work, edit: Extract<Edit, { kind: Structured }>): void {
  // Each is in the table under its own kind, which the compiler cannot follow here.
  (PERFORMERS[edit.kind] as (work: Work, edit: Edit) => void)(work, edit);
}
