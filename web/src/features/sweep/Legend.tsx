import { numberText } from "../../domain/chart";
import type { Sweep } from "../../domain/trials";

/** What the colours mean. */
export function Legend({ sweep }: { sweep: Sweep }) {
  const values = sweep.value.map((trial) => trial.metric).filter((value): value is number => value !== null);
  if (values.length === 0) {
    return null;
  }
  const ends = [Math.min(...values), Math.max(...values)].map(numberText);
  const [worst, best] = sweep.goal === "maximize" ? ends : ends.reverse();
  return (
    <p className="small trial-legend">
      <span className="muted">{sweep.primary_metric}</span> {worst} <span className="ramp" aria-hidden="true" /> {best}{" "}
      <span className="muted">(the best)</span>
    </p>
  );
}
