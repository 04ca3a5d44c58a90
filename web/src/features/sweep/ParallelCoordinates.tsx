import { type PointerEvent, useRef, useState } from "react";
import { type Ranges, rangeOf, stretchesOf, withRange } from "../../domain/trial-ranges";
import { type Axis, type Sweep, type Trial, wordOf } from "../../domain/trials";
import { useWidth } from "../../ui/useWidth";
import { toneOf } from "./tone";
import "./sweep.css";

const HEIGHT = 240;
const TOP = 28;
const BOTTOM = 14;
const GAP_MIN = 110;
const SIDE = 60;
/** A shorter one is a click, which takes the stretch away. */
const DRAG_MIN = 0.02;

interface ParallelProps {
  sweep: Sweep;
  axes: readonly Axis[];
  ranges: Ranges;
  onRanges(ranges: Ranges): void;
  goodness(trial: Trial): number | null;
  isIn(trial: Trial): boolean;
  lit: number | null;
  onLight(index: number | null): void;
}

interface Drag {
  name: string;
  from: number;
  to: number;
}

/**
 * A line for each trial over all hyperparameters to the metric, in the colour of what it reached.
 * Dragging along an axis keeps the trials that cross it there. The fields below do the same, and the table has the numbers.
 */
export function ParallelCoordinates(props: ParallelProps) {
  const { sweep, axes, ranges, goodness, isIn, lit, onLight } = props;
  const [drag, setDrag] = useState<Drag | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const room = useWidth(frame) - SIDE * 2;
  // As wide as there is room for; of many axes some are scrolled to.
  const gap = Math.max(GAP_MIN, room / Math.max(1, axes.length - 1));
  const width = SIDE * 2 + gap * (axes.length - 1);
  // What stands back is drawn first, and the best last, on top.
  const order = (trial: Trial) => (isIn(trial) ? 2 : 0) + (goodness(trial) ?? -1);
  const trials = [...sweep.value].sort((one, other) => order(one) - order(other));
  return (
    <figure className="chart">
      <figcaption>
        Hyperparameters to {sweep.primary_metric}{" "}
        <span className="muted small">drag along an axis to keep what crosses it there</span>
      </figcaption>
      <div className="trials-frame chart-frame" ref={frame}>
        <svg width={width} height={HEIGHT} role="img" aria-label={`Each trial over ${axes.length} axes`}>
          {trials.map((trial) => (
            <path
              key={trial.index}
              d={pathOf(axes, trial, gap)}
              className={lineClass(trial, { isIn: isIn(trial), lit })}
              style={{ stroke: toneOf(goodness(trial)) }}
              onPointerEnter={() => onLight(trial.index)}
              onPointerLeave={() => onLight(null)}
            >
              <title>{`trial ${trial.index}`}</title>
            </path>
          ))}
          {axes.map((axis, place) => (
            <OneAxis
              key={axis.name}
              axis={axis}
              x={SIDE + gap * place}
              ranges={ranges}
              drag={drag?.name === axis.name ? drag : null}
              onDrag={setDrag}
              onRanges={props.onRanges}
            />
          ))}
        </svg>
      </div>
    </figure>
  );
}

interface AxisProps {
  axis: Axis;
  x: number;
  ranges: Ranges;
  drag: Drag | null;
  onDrag(drag: Drag | null): void;
  onRanges(ranges: Ranges): void;
}

function OneAxis({ axis, x, ranges, drag, onDrag, onRanges }: AxisProps) {
  const band = useRef<SVGRectElement>(null);
  const range = ranges[axis.name];
  const shareAt = (event: PointerEvent) => {
    const box = band.current?.getBoundingClientRect();
    const share = box === undefined ? 0 : 1 - (event.clientY - box.top) / box.height;
    return Math.min(1, Math.max(0, share));
  };
  const end = (event: PointerEvent) => {
    if (drag !== null) {
      // The last move may not have been drawn yet.
      const [low = 0, high = 0] = [drag.from, shareAt(event)].sort((one, other) => one - other);
      onRanges(withRange(ranges, axis.name, high - low < DRAG_MIN ? null : rangeOf(axis, low, high)));
      onDrag(null);
    }
  };
  const stretches: (readonly [number, number])[] =
    drag !== null
      ? [[Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]]
      : range === undefined
        ? []
        : stretchesOf(axis, range);
  return (
    <g>
      <line x1={x} x2={x} y1={TOP} y2={HEIGHT - BOTTOM} className="axis-line" />
      <text x={x} y={14} textAnchor="middle" className="axis-name">
        {axis.name}
        {axis.isLog && <tspan className="axis-log"> log</tspan>}
      </text>
      {axis.ticks.map((tick) => (
        <text key={tick.text} x={x + 8} y={yOf(tick.share) + 4} className="axis-tick">
          {tick.text}
        </text>
      ))}
      {stretches.map(([low, high]) => (
        <rect
          key={`${low}-${high}`}
          x={x - 6}
          width={12}
          y={yOf(high)}
          height={Math.max(2, yOf(low) - yOf(high))}
          className="brush"
        />
      ))}
      <rect
        ref={band}
        x={x - 12}
        width={24}
        y={TOP}
        height={HEIGHT - TOP - BOTTOM}
        className="brush-band"
        data-axis={axis.name}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const share = shareAt(event);
          onDrag({ name: axis.name, from: share, to: share });
        }}
        onPointerMove={(event) => drag !== null && onDrag({ ...drag, to: shareAt(event) })}
        onPointerUp={end}
        onPointerCancel={() => onDrag(null)}
      />
    </g>
  );
}

const yOf = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);

function lineClass(trial: Trial, { isIn, lit }: { isIn: boolean; lit: number | null }): string {
  const parts = ["trial-line"];
  if (trial.is_best) {
    parts.push("best");
  }
  if (wordOf(trial) === "stopped") {
    parts.push("stopped");
  }
  if (lit === trial.index) {
    parts.push("lit");
  } else if (!isIn || lit !== null) {
    parts.push("dim");
  }
  return parts.join(" ");
}

/** A line that is interrupted where a trial has no value. */
function pathOf(axes: readonly Axis[], trial: Trial, gap: number): string {
  let path = "";
  let isDown = false;
  axes.forEach((axis, place) => {
    const share = axis.at(trial);
    if (share === null) {
      isDown = false;
      return;
    }
    path += `${isDown ? "L" : "M"}${(SIDE + gap * place).toFixed(1)} ${yOf(share).toFixed(1)}`;
    isDown = true;
  });
  return path;
}
