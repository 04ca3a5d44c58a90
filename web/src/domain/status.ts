/** What a status means to somebody who looks: its colour, its mark, whether it is over. */

export type Tone = "good" | "bad" | "busy" | "preparing" | "waiting" | "stopped" | "skipped";

export interface StatusLook {
  tone: Tone;
  /** Beside the colour and the word: state is never told by colour alone. */
  mark: string;
}

const LOOKS: Record<string, StatusLook> = {
  Completed: { tone: "good", mark: "✓" },
  Failed: { tone: "bad", mark: "✕" },
  NotResponding: { tone: "bad", mark: "✕" },
  Running: { tone: "busy", mark: "▶" },
  Finalizing: { tone: "busy", mark: "▶" },
  Preparing: { tone: "preparing", mark: "◐" },
  Provisioning: { tone: "preparing", mark: "◐" },
  Starting: { tone: "preparing", mark: "◐" },
  Queued: { tone: "waiting", mark: "…" },
  NotStarted: { tone: "waiting", mark: "○" },
  Canceled: { tone: "stopped", mark: "⊘" },
  CancelRequested: { tone: "stopped", mark: "⊘" },
  Paused: { tone: "stopped", mark: "⊘" },
  Skipped: { tone: "skipped", mark: "⤼" },
  Bypassed: { tone: "skipped", mark: "⤼" },
};
const UNKNOWN: StatusLook = { tone: "waiting", mark: "?" };
const OVER = new Set(["Completed", "Failed", "Canceled", "Skipped", "Bypassed"]);
const NOT_BEGUN = new Set(["NotStarted", "Skipped", "Bypassed"]);

/** Statuses as people filter by them, in the order of a run. */
export const STATUSES = [
  "NotStarted",
  "Queued",
  "Preparing",
  "Running",
  "Finalizing",
  "CancelRequested",
  "Completed",
  "Failed",
  "Canceled",
] as const;

/** A label without the mark that the command line puts behind it: here that is a sign of its own. */
export function withoutMark(label: string): string {
  return label.replace(/ \(reused\)$/, "");
}

export function lookOf(label: string): StatusLook {
  return LOOKS[withoutMark(label)] ?? UNKNOWN;
}

export function isOver(label: string): boolean {
  return OVER.has(withoutMark(label));
}

/** Whether nothing of it has run (yet): drawn with a dashed border. */
export function isUntouched(label: string): boolean {
  return NOT_BEGUN.has(label);
}
