import { useMemo } from "react";
import { type Axis, bestSoFar, orderAxis, type Sweep, type Trial } from "../../domain/trials";
import { Dots } from "./Dots";

interface BestSoFarProps {
  sweep: Sweep;
  axes: readonly Axis[];
  goodness(trial: Trial): number | null;
  isIn(trial: Trial): boolean;
  lit: number | null;
  onLight(index: number | null): void;
}

/** What each trial reached, in the order in which they began, and the best that any had reached by then. */
export function BestSoFar({ sweep, axes, ...shown }: BestSoFarProps) {
  const xs = useMemo(() => orderAxis(sweep), [sweep]);
  const steps = useMemo(() => bestSoFar(sweep), [sweep]);
  const ys = axes.at(-1);
  if (ys === undefined) {
    return null;
  }
  return (
    <figure className="chart">
      <figcaption>
        {sweep.primary_metric}, trial by trial <span className="muted small">the line is the best so far</span>
      </figcaption>
      <Dots
        label={`${sweep.primary_metric} of each trial and the best so far`}
        trials={sweep.value}
        xs={xs}
        ys={ys}
        steps={steps}
        {...shown}
      />
    </figure>
  );
}
