/** What was just done, with the way back where there is one. It stays until it is closed, over all navigation. */

import { useSyncExternalStore } from "react";

/** Of more, the oldest goes: what it did can still be changed on its page. */
const SHOWN_MAX = 3;

export interface Notice {
  id: number;
  text: string;
  isBad: boolean;
  /** Brings back what was; null: there is nothing to bring back. */
  undo: (() => Promise<unknown>) | null;
}

let notices: readonly Notice[] = [];
let count = 0;
const listeners = new Set<() => void>();

function set(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) {
    listener();
  }
}

/** Say what was done. With `undo`, a person can take it back for as long as the notice is there. */
export function tell(text: string, undo: Notice["undo"] = null, isBad = false): void {
  count += 1;
  set([...notices, { id: count, text, undo, isBad }].slice(-SHOWN_MAX));
}

export const close = (id: number): void => set(notices.filter((one) => one.id !== id));

/** Take back what a notice tells of; what became of that is a notice too. */
export async function undo({ id, text, undo: back }: Notice): Promise<void> {
  close(id);
  try {
    await back?.();
    tell(`Undone: ${text[0]?.toLowerCase()}${text.slice(1)}`);
  } catch (problem) {
    tell(`It could not be undone: ${problem instanceof Error ? problem.message : String(problem)}`, null, true);
  }
}

/** The newest one that can be taken back. */
export const undoable = (): Notice | undefined => notices.findLast((one) => one.undo !== null);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useNotices = (): readonly Notice[] => useSyncExternalStore(subscribe, () => notices);
