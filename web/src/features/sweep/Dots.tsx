import { type Axis, type Trial, wordOf } from "../../domain/trials";
import { toneOf } from "./tone";
import "./sweep.css";

const WIDTH = 420;
const HEIGHT = 240;
const LEFT = 56;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 44;

interface DotsProps {
  label: string;
  trials: readonly Trial[];
  xs: Axis;
  ys: Axis;
  goodness(trial: Trial): number | null;
  /** Others stand back. */
  isIn(trial: Trial): boolean;
  lit: number | null;
  onLight(index: number | null): void;
  /** A line that steps from trial to trial. */
  steps?: readonly { trial: Trial; best: number }[];
}

/** Trials as dots over two axes: a ring is one that was stopped early, the largest the best. */
export function Dots({ label, trials, xs, ys, goodness, isIn, lit, onLight, steps = [] }: DotsProps) {
  const toX = (share: number) => LEFT + share * (WIDTH - LEFT - RIGHT);
  const toY = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const dots = trials.flatMap((trial) => {
    const [x, y] = [xs.at(trial), ys.at(trial)];
    return x === null || y === null ? [] : [{ trial, x: toX(x), y: toY(y) }];
  });
  const path = steps
    .map(({ trial, best }, place) => {
      const [x, y] = [toX(xs.at(trial) ?? 0).toFixed(1), toY(ys.shareOf(best)).toFixed(1)];
      return place === 0 ? `M${x} ${y}` : `H${x}V${y}`;
    })
    .join("");
  return (
    <div className="trials-frame chart-frame">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="dots"
        role="img"
        aria-label={`${label}, ${dots.length} trials`}
      >
        {ys.ticks.map((tick) => (
          <g key={tick.text}>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={toY(tick.share)} y2={toY(tick.share)} className="grid-line" />
            <text x={LEFT - 6} y={toY(tick.share) + 4} textAnchor="end">
              {tick.text}
            </text>
          </g>
        ))}
        {xs.ticks.map((tick) => (
          <text key={tick.text} x={toX(tick.share)} y={HEIGHT - BOTTOM + 21} textAnchor="middle">
            {tick.text}
          </text>
        ))}
        <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 4} textAnchor="middle">
          {xs.name}
        </text>
        {path !== "" && <path d={path} className="best-line" />}
        {dots.map(({ trial, x, y }) => {
          const tone = toneOf(goodness(trial));
          const isStopped = wordOf(trial) === "stopped";
          const isBack = !isIn(trial) || (lit !== null && lit !== trial.index);
          return (
            <circle
              key={trial.index}
              cx={x}
              cy={y}
              r={lit === trial.index ? 7 : trial.is_best ? 6 : 4.5}
              className={`trial-dot${isBack ? " dim" : ""}${isStopped ? " stopped" : ""}${trial.is_best ? " best" : ""}`}
              style={isStopped ? { stroke: tone } : { fill: tone }}
              onPointerEnter={() => onLight(trial.index)}
              onPointerLeave={() => onLight(null)}
            >
              <title>{`trial ${trial.index}${isStopped ? ", stopped early" : ""}`}</title>
            </circle>
          );
        })}
      </svg>
    </div>
  );
}
