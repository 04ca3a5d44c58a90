/** A draft and an edit → the new draft and the way back, or why not in words. */

import { removePort, renamePort, setPort } from "./declared";
import type { Edit } from "./edit";
import { groupSteps, unpackStep } from "./group";
import { type Draft, readDraft } from "./read";
import { addStep, duplicateSteps, pasteSteps, removeSteps, renameStep, setComponent } from "./steps";
import { differenceOf, inverted, type Splice, spliced } from "./text";
import { connect, disconnect, promoteInput, promoteOutput, setField, setInput, setOutputField, unsetInput } from "./values";
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

function perform(work: Work, edit: Exclude<Edit, { kind: "splice" | "replace-text" }>): void {
  switch (edit.kind) {
    case "add-step":
      return addStep(work, edit);
    case "remove-steps":
      return removeSteps(work, edit);
    case "rename-step":
      return renameStep(work, edit);
    case "duplicate-steps":
      return duplicateSteps(work, edit);
    case "paste-steps":
      return pasteSteps(work, edit);
    case "set-input":
      return setInput(work, edit);
    case "unset-input":
      return unsetInput(work, edit);
    case "connect":
      return connect(work, edit);
    case "disconnect":
      return disconnect(work, edit);
    case "promote-input":
      return promoteInput(work, edit);
    case "promote-output":
      return promoteOutput(work, edit);
    case "set-pipeline-input":
      return setPort(work, "inputs", edit);
    case "set-pipeline-output":
      return setPort(work, "outputs", edit);
    case "remove-pipeline-input":
      return removePort(work, "inputs", edit);
    case "remove-pipeline-output":
      return removePort(work, "outputs", edit);
    case "rename-pipeline-input":
      return renamePort(work, "inputs", edit);
    case "rename-pipeline-output":
      return renamePort(work, "outputs", edit);
    case "set-output-field":
      return setOutputField(work, edit);
    case "set-field":
      return setField(work, edit);
    case "set-component":
      return setComponent(work, edit);
    case "group-steps":
      return groupSteps(work, edit);
    case "unpack-step":
      return unpackStep(work, edit);
  }
}
