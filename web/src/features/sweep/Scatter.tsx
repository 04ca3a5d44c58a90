import { useMemo, useState } from "react";
import { axesOf, namesOf, type Sweep } from "../../domain/trials";
import "./sweep.css";

const WIDTH = 420;
const HEIGHT = 240;
const LEFT = 56;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 36;

interface ScatterProps {
  sweep: Sweep;
  lit: number | null;
  onLight(index: number | null): void;
}

/** One hyperparameter against the metric or another one; the size of a dot says how good a trial is. */
export function Scatter({ sweep, lit, onLight }: ScatterProps) {
  const names = useMemo(() => namesOf(sweep), [sweep]);
  const axes = useMemo(() => axesOf(sweep), [sweep]);
  const [across, setAcross] = useState(names[0] ?? sweep.primary_metric);
  const [up, setUp] = useState(sweep.primary_metric);
  const xs = axes.find((axis) => axis.name === across);
  const ys = axes.findLast((axis) => axis.name === up);
  if (xs === undefined || ys === undefined) {
    return null;
  }
  const toX = (share: number) => LEFT + share * (WIDTH - LEFT - RIGHT);
  const toY = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const dots = sweep.value.flatMap((trial) => {
    const [x, y] = [xs.at(trial), ys.at(trial)];
    return x === null || y === null ? [] : [{ trial, x: toX(x), y: toY(y) }];
  });
  return (
    <figure className="chart">
      <figcaption>
        <Choice label="Across" names={names} value={across} onChange={setAcross} />{" "}
        <Choice label="Up" names={[...names, sweep.primary_metric]} value={up} onChange={setUp} />
      </figcaption>
      <div className="trials-frame chart-frame">
        <svg width={WIDTH} height={HEIGHT} role="img" aria-label={`${up} over ${across}, ${dots.length} trials`}>
          {ys.ticks.map((tick) => (
            <g key={tick.text}>
              <line x1={LEFT} x2={WIDTH - RIGHT} y1={toY(tick.share)} y2={toY(tick.share)} className="grid-line" />
              <text x={LEFT - 6} y={toY(tick.share) + 4} textAnchor="end">
                {tick.text}
              </text>
            </g>
          ))}
          {xs.ticks.map((tick) => (
            <text key={tick.text} x={toX(tick.share)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
              {tick.text}
            </text>
          ))}
          <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 4} textAnchor="middle">
            {across}
          </text>
          {dots.map(({ trial, x, y }) => (
            <circle
              key={trial.index}
              cx={x}
              cy={y}
              r={lit === trial.index ? 7 : trial.is_best ? 6 : 4}
              className={`trial-dot${trial.is_best ? " best" : ""}${lit !== null && lit !== trial.index ? " dim" : ""}`}
              onPointerEnter={() => onLight(trial.index)}
              onPointerLeave={() => onLight(null)}
            >
              <title>{`trial ${trial.index}`}</title>
            </circle>
          ))}
        </svg>
      </div>
    </figure>
  );
}

interface ChoiceProps {
  label: string;
  names: readonly string[];
  value: string;
  onChange(name: string): void;
}

function Choice({ label, names, value, onChange }: ChoiceProps) {
  return (
    <label className="small">
      {label}{" "}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
