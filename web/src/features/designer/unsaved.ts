/** What was edited and has not reached the server, kept in the browser until it has. */

import type { Positions } from "../../domain/draft/positions";

export interface Unsaved {
  /** The revision that the change began with. */
  revision: number;
  text: string;
  positions: Positions;
}

const keyOf = (id: string): string => `pipeyard.unsaved.${id}`;

export function keepUnsaved(id: string, unsaved: Unsaved): void {
  try {
    localStorage.setItem(keyOf(id), JSON.stringify(unsaved));
  } catch {
    // There is no room: the page itself still has it.
  }
}

export function forgetUnsaved(id: string): void {
  localStorage.removeItem(keyOf(id));
}

export function unsavedOf(id: string): Unsaved | null {
  const kept = localStorage.getItem(keyOf(id));
  return kept === null ? null : (JSON.parse(kept) as Unsaved);
}
