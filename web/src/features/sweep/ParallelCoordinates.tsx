import { useMemo } from "react";
import { type Axis, axesOf, type Sweep, type Trial } from "../../domain/trials";
import "./sweep.css";

const HEIGHT = 220;
const TOP = 26;
const BOTTOM = 12;
const GAP = 130;
const SIDE = 60;
const BETTER = 3;

interface ParallelProps {
  sweep: Sweep;
  lit: number | null;
  onLight(index: number | null): void;
}

/** A line for each trial over all hyperparameters to the metric. The table above has the same in numbers. */
export function ParallelCoordinates({ sweep, lit, onLight }: ParallelProps) {
  const axes = useMemo(() => axesOf(sweep), [sweep]);
  const width = SIDE * 2 + GAP * (axes.length - 1);
  // The best are drawn last, on top.
  const trials = [...sweep.value].sort((one, other) => (other.rank ?? 1e9) - (one.rank ?? 1e9));
  return (
    <figure className="chart">
      <figcaption>
        Hyperparameters to {sweep.primary_metric} <span className="muted small">the best {BETTER} stand out</span>
      </figcaption>
      <div className="trials-frame chart-frame">
        <svg width={width} height={HEIGHT} role="img" aria-label={`Each trial over ${axes.length} axes`}>
          {trials.map((trial) => (
            <path
              key={trial.index}
              d={pathOf(axes, trial)}
              className={`trial-line${toneOf(trial)}${lit === trial.index ? " lit" : ""}${lit !== null && lit !== trial.index ? " dim" : ""}`}
              onPointerEnter={() => onLight(trial.index)}
              onPointerLeave={() => onLight(null)}
            >
              <title>{`trial ${trial.index}`}</title>
            </path>
          ))}
          {axes.map((axis, place) => (
            <g key={axis.name}>
              <line x1={xOf(place)} x2={xOf(place)} y1={TOP} y2={HEIGHT - BOTTOM} className="axis-line" />
              <text x={xOf(place)} y={14} textAnchor="middle" className="axis-name">
                {axis.name}
              </text>
              {axis.ticks.map((tick) => (
                <text key={tick.text} x={xOf(place) + 5} y={yOf(tick.share) + 4}>
                  {tick.text}
                </text>
              ))}
            </g>
          ))}
        </svg>
      </div>
    </figure>
  );
}

const xOf = (place: number) => SIDE + GAP * place;
const yOf = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);

function toneOf(trial: Trial): string {
  if (trial.is_best) {
    return " best";
  }
  return trial.rank !== null && trial.rank <= BETTER ? " good" : "";
}

/** A line that is interrupted where a trial has no value. */
function pathOf(axes: readonly Axis[], trial: Trial): string {
  let path = "";
  let isDown = false;
  axes.forEach((axis, place) => {
    const share = axis.at(trial);
    if (share === null) {
      isDown = false;
      return;
    }
    path += `${isDown ? "L" : "M"}${xOf(place)} ${yOf(share).toFixed(1)}`;
    isDown = true;
  });
  return path;
}
