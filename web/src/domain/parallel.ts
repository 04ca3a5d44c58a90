/** Mini-batches of a parallel step, in words. */

import { numberText } from "./chart";
import { durationText } from "./format";

interface Counts {
  total: number | null;
  done: number;
  failed: number;
  taken: number;
  retries: number;
}

interface Progress {
  state: string;
  message: string | null;
  mini_batches: Counts;
  items: { total: number; done: number; failed: number };
  items_per_second: number | null;
  seconds_left: number | null;
}

/** How far it is, in a sentence. */
export function progressText({ state, mini_batches: counts }: Progress): string {
  const words = [
    counts.total === null
      ? `${batches(counts.done)} done so far`
      : `${counts.done} of ${batches(counts.total)} ${counts.done === 1 ? "is" : "are"} done`,
  ];
  if (counts.failed > 0) {
    words.push(`${counts.failed} failed`);
  }
  if (counts.retries > 0) {
    words.push(counts.retries === 1 ? "1 try was repeated" : `${counts.retries} tries were repeated`);
  }
  if (counts.taken > 0) {
    words.push(`${counts.taken} taken over from the earlier run`);
  }
  const left = leftOf(counts);
  if (state !== "running" && left !== null && left > 0) {
    words.push(`${left} not reached`);
  }
  return `${words.join(", ")}.`;
}

function batches(count: number): string {
  return count === 1 ? "1 mini-batch" : `${count} mini-batches`;
}

/** Those that nobody has ended; null: it is not known how many there are. */
export function leftOf({ total, done, failed }: Counts): number | null {
  return total === null ? null : Math.max(0, total - done - failed);
}

/** Names and values beside the bar. Rates and times only where they mean something. */
export function factsOf(progress: Progress): [string, string][] {
  const { items } = progress;
  const failed = items.failed > 0 ? `, ${items.failed} failed` : "";
  const facts: [string, string][] = [["Items", `${items.done} of ${items.total}${failed}`]];
  if (progress.items_per_second !== null) {
    facts.push(["Items a second", numberText(Number(progress.items_per_second.toPrecision(3)))]);
  }
  if (progress.state === "running" && progress.seconds_left !== null) {
    facts.push(["Time left", `about ${durationText(Math.ceil(progress.seconds_left))}`]);
  }
  return facts;
}

/** The files of a mini-batch, or the partition that it is. */
export function whatIsIn(batch: {
  files: readonly string[];
  items: number;
  partition: Record<string, unknown> | null;
}): string {
  if (batch.partition !== null) {
    return Object.entries(batch.partition)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(", ");
  }
  const more = batch.items - batch.files.length;
  return `${batch.files.join(", ")}${more > 0 && batch.files.length > 1 ? ` and ${more} more` : ""}`;
}
