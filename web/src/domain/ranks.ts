/** The processes that share a step's work, as its JSON tells of them. */

export interface Rank {
  rank: number;
  label: string;
  /** It failed before the others, which were ended then. */
  hasFailed: boolean;
}

interface Sharing {
  process_count?: unknown;
  distribution?: unknown;
  error?: unknown;
}

/** Every rank in order; none where one process runs the command. */
export function ranksOf(step: Sharing | undefined): Rank[] {
  const count = typeof step?.process_count === "number" ? step.process_count : 1;
  if (step === undefined || count < 2) {
    return [];
  }
  const failed = field(step.error, "rank");
  return Array.from({ length: count }, (_, rank) => ({
    rank,
    label: `rank ${rank}${taskOf(step.distribution, rank)}`,
    hasFailed: failed === rank,
  }));
}

function taskOf(distribution: unknown, rank: number): string {
  const workers = field(distribution, "worker_count");
  if (typeof workers !== "number") {
    return "";
  }
  return rank < workers ? ` (worker ${rank})` : ` (parameter server ${rank - workers})`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
