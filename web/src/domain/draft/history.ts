/**
 * What was done, and the way back and forth again, without end.
 *
 * Moves of boxes are part of it; they change positions and no text.
 */

import { applyEdit, type Done, type Refused } from "./apply";
import type { Edit } from "./edit";
import { followed, type Positions } from "./positions";
import { type Draft, readDraft } from "./read";
import { inverted, type Splice, spliced } from "./text";

export interface Moment {
  draft: Draft;
  positions: Positions;
}

interface Entry {
  label: string;
  splices: readonly Splice[];
  /** Before and after. */
  positions: readonly [Positions, Positions];
}

export interface History {
  now: Moment;
  /** The last is the one that `undone` takes back. */
  past: readonly Entry[];
  future: readonly Entry[];
}

export function startHistory(draft: Draft, positions: Positions = {}): History {
  return { now: { draft, positions }, past: [], future: [] };
}

export type Edited = { ok: true; history: History; outcome: Done } | Refused;

/** Do an edit. With *isContinued*, it is taken back together with the last one: a word that is being typed. */
export function edited(history: History, edit: Edit, isContinued = false): Edited {
  const { draft, positions } = history.now;
  const outcome = applyEdit(draft, edit);
  if (!outcome.ok) {
    return outcome;
  }
  if (outcome.splices.length === 0) {
    return { ok: true, history, outcome };
  }
  const after = followed(positions, outcome);
  const last = isContinued ? history.past.at(-1) : undefined;
  const entry: Entry = {
    label: last?.label ?? labelOf(edit),
    splices: [...(last?.splices ?? []), ...outcome.splices],
    positions: [last?.positions[0] ?? positions, after],
  };
  const past = [...(last === undefined ? history.past : history.past.slice(0, -1)), entry];
  return { ok: true, history: { now: { draft: outcome.draft, positions: after }, past, future: [] }, outcome };
}

/** Put boxes elsewhere. */
export function moved(history: History, positions: Positions, label = "Move"): History {
  const { draft, positions: before } = history.now;
  const entry: Entry = { label, splices: [], positions: [before, positions] };
  return { now: { draft, positions }, past: [...history.past, entry], future: [] };
}

/** Where boxes stand after the last step, as a part of it: taken back together. */
export function settled(history: History, positions: Positions): History {
  const last = history.past.at(-1);
  if (last === undefined) {
    return moved(history, positions);
  }
  const entry: Entry = { ...last, positions: [last.positions[0], positions] };
  return { ...history, now: { ...history.now, positions }, past: [...history.past.slice(0, -1), entry] };
}

/** The last step taken back; the same history where there is none. */
export function undone(history: History): History {
  const entry = history.past.at(-1);
  return entry === undefined
    ? history
    : {
        now: { draft: redraft(history.now.draft, inverted(entry.splices)), positions: entry.positions[0] },
        past: history.past.slice(0, -1),
        future: [entry, ...history.future],
      };
}

/** The last step that was taken back done again. */
export function redone(history: History): History {
  const [entry, ...future] = history.future;
  return entry === undefined
    ? history
    : {
        now: { draft: redraft(history.now.draft, entry.splices), positions: entry.positions[1] },
        past: [...history.past, entry],
        future,
      };
}

const redraft = (draft: Draft, splices: readonly Splice[]): Draft =>
  splices.length === 0 ? draft : readDraft(spliced(draft.text, splices), draft);

/** What an edit is called: in menus, beside Undo. */
export function labelOf(edit: Edit): string {
  switch (edit.kind) {
    case "splice":
    case "replace-text":
      return "Edit text";
    case "add-step":
      return `Add ${edit.name}`;
    case "remove-steps":
      return edit.steps.length === 1 ? `Remove ${edit.steps[0]}` : `Remove ${edit.steps.length} steps`;
    case "rename-step":
      return `Rename ${edit.step} to ${edit.name}`;
    case "duplicate-steps":
      return edit.steps.length === 1 ? `Duplicate ${edit.steps[0]}` : `Duplicate ${edit.steps.length} steps`;
    case "paste-steps":
      return "Paste";
    case "set-input":
      return `Set ${edit.input} of ${edit.step}`;
    case "unset-input":
      return `Clear ${edit.input} of ${edit.step}`;
    case "connect":
      return "Connect";
    case "disconnect":
      return "Disconnect";
    case "promote-input":
      return `Make ${edit.input} an input of the pipeline`;
    case "promote-output":
      return `Make ${edit.output} an output of the pipeline`;
    case "set-pipeline-input":
    case "set-pipeline-output":
      return `Set ${edit.name}`;
    case "remove-pipeline-input":
    case "remove-pipeline-output":
      return `Remove ${edit.name}`;
    case "rename-pipeline-input":
    case "rename-pipeline-output":
      return `Rename ${edit.name} to ${edit.to}`;
    case "set-output-field":
      return `Set ${edit.field} of ${edit.output}`;
    case "set-field":
      return `Set ${edit.field.join(".")}${edit.step === "" ? "" : ` of ${edit.step}`}`;
    case "set-component":
      return `Change the component of ${edit.step}`;
    case "refer-components": {
      const count = new Set(Object.values(edit.references)).size;
      return `Refer to ${count === 1 ? "a registered component" : `${count} registered components`}`;
    }
    case "group-steps":
      return `Group ${edit.steps.length} steps`;
    case "unpack-step":
      return `Unpack ${edit.step}`;
  }
}
