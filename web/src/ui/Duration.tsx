import { durationText } from "../domain/format";
import type { Card } from "../domain/job";
import { useNow } from "./useNow";

/** How long a step took, or has been running: that one counts on. */
export function Duration({ card }: { card: Pick<Card, "started_at" | "ended_at" | "duration_seconds"> }) {
  const isRunning = card.started_at !== null && card.ended_at === null;
  const now = useNow(isRunning ? 1000 : 0);
  const seconds = isRunning ? Math.max(0, (now - Date.parse(card.started_at as string)) / 1000) : card.duration_seconds;
  return <span>{durationText(seconds)}</span>;
}
