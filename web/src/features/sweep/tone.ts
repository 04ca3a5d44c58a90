/** The colour of a trial between the worst and the best; of one that reached nothing, none of its own. */
export function toneOf(goodness: number | null): string | undefined {
  return goodness === null
    ? undefined
    : `color-mix(in oklab, var(--trial-best) ${(goodness * 100).toFixed(1)}%, var(--trial-worst))`;
}
