import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { nearestPoint, numberText, pathOf, type Series, scaleOf, smoothed } from "../../domain/chart";
import { useWidth } from "../../ui/useWidth";
import "./metrics.css";

const HEIGHT = 190;
const LEFT = 54;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 22;
const COLOURS = 8;
const ROWS_MAX = 200;

interface ChartProps {
  title: string;
  xLabel: string;
  series: readonly Series[];
  smoothing: number;
  isLog: boolean;
  /** Lit wherever it is drawn. */
  lit?: string | null;
  onLight?(id: string | null): void;
}

/** Curves over one axis. The pointer or the arrow keys walk along it; the same values are in a table below. */
export function Chart({ title, xLabel, series, smoothing, isLog, lit = null, onLight }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [at, setAt] = useState<number | null>(null);
  const drawn = useMemo(
    () => series.map((one) => ({ ...one, smooth: smoothed(one.points, smoothing) })),
    [series, smoothing],
  );
  const xs = useMemo(
    () =>
      scaleOf(
        drawn.flatMap((one) => one.points.map(({ x }) => x)),
        false,
        width < 420 ? 3 : 6,
      ),
    [drawn, width],
  );
  const ys = useMemo(
    () =>
      scaleOf(
        drawn.flatMap((one) => one.points.map(({ y }) => y)),
        isLog,
      ),
    [drawn, isLog],
  );
  if (xs === null || ys === null) {
    return (
      <figure className="chart">
        <figcaption>{title}</figcaption>
        <p className="muted">{isLog ? "No value above zero: a log scale cannot show it." : "No value is a number."}</p>
      </figure>
    );
  }
  const toX = (x: number) => LEFT + xs.at(x) * (width - LEFT - RIGHT);
  const toY = (y: number) => TOP + (1 - ys.at(y)) * (HEIGHT - TOP - BOTTOM);
  const values = at === null ? [] : drawn.map((one) => ({ ...one, point: nearestPoint(one.points, at) }));
  const point = (clientX: number) => {
    const box = frame.current?.getBoundingClientRect();
    if (box !== undefined) {
      const share = (clientX - box.left - LEFT) / (width - LEFT - RIGHT);
      setAt(xs.min + Math.min(1, Math.max(0, share)) * (xs.max - xs.min));
    }
  };
  const walk = (event: KeyboardEvent) => {
    const step = (xs.max - xs.min) / 50;
    const from = at ?? xs.min;
    const to = { ArrowRight: from + step, ArrowLeft: from - step, Home: xs.min, End: xs.max }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setAt(Math.min(xs.max, Math.max(xs.min, to)));
    }
  };
  const spoken = values
    .map(({ label, point: one }) => `${label} ${one === undefined ? "" : numberText(one.y)}`)
    .join(", ");
  const skipped = series.reduce((sum, one) => sum + one.points.filter(({ y }) => !Number.isFinite(y)).length, 0);
  return (
    <figure className="chart">
      <figcaption>
        {title}
        {skipped > 0 && (
          <span className="muted small"> {skipped === 1 ? "1 value is" : `${skipped} values are`} no number</span>
        )}
      </figcaption>
      <div
        ref={frame}
        className="chart-frame"
        role="slider"
        tabIndex={0}
        aria-label={`${title} over ${xLabel}`}
        aria-valuemin={xs.min}
        aria-valuemax={xs.max}
        aria-valuenow={at ?? xs.max}
        aria-valuetext={at === null ? `${drawn.length} curves` : `${xLabel} ${numberText(at)}: ${spoken}`}
        onKeyDown={walk}
        onPointerMove={(event) => point(event.clientX)}
        onPointerLeave={() => {
          setAt(null);
          onLight?.(null);
        }}
        onBlur={() => setAt(null)}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {ys.ticks.map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={width - RIGHT} y1={toY(tick)} y2={toY(tick)} className="grid-line" />
              <text x={LEFT - 6} y={toY(tick) + 4} textAnchor="end">
                {numberText(tick)}
              </text>
            </g>
          ))}
          {xs.ticks.map((tick) => (
            <text key={tick} x={toX(tick)} y={HEIGHT - 6} textAnchor="middle">
              {numberText(tick)}
            </text>
          ))}
          {drawn.map((one, place) => (
            <g key={one.id} className={`series-${place % COLOURS}${lit !== null && lit !== one.id ? " dim" : ""}`}>
              {smoothing > 0 && <path d={pathOf(one.points, toX, toY)} className="curve faint" />}
              <path
                d={pathOf(one.smooth, toX, toY)}
                className="curve"
                strokeDasharray={place >= COLOURS ? "5 3" : undefined}
                strokeWidth={lit === one.id ? 3 : 1.7}
              />
              {one.points.length === 1 && one.points[0] !== undefined && Number.isFinite(one.points[0].y) && (
                <circle cx={toX(one.points[0].x)} cy={toY(one.points[0].y)} r={3.5} className="dot" />
              )}
            </g>
          ))}
          {at !== null && <line x1={toX(at)} x2={toX(at)} y1={TOP} y2={HEIGHT - BOTTOM} className="cursor-line" />}
        </svg>
        {at !== null && (
          <div className={`chart-values${toX(at) > width / 2 ? " on-left" : ""}`}>
            <span className="muted small">
              {xLabel} {numberText(values[0]?.point?.x ?? at)}
            </span>
            {values.slice(0, 12).map(({ id, label, point: one }, place) => (
              <span key={id} className="small">
                <span className={`series-key series-${place % COLOURS}`} aria-hidden="true" />
                {label} <strong>{one === undefined ? "" : numberText(one.y)}</strong>
              </span>
            ))}
          </div>
        )}
      </div>
      {drawn.length > 1 && (
        <ul className="chart-legend">
          {drawn.map((one, place) => (
            <li key={one.id} onPointerEnter={() => onLight?.(one.id)} onPointerLeave={() => onLight?.(null)}>
              <span className={`series-key series-${place % COLOURS}`} aria-hidden="true" />
              {one.label}
            </li>
          ))}
        </ul>
      )}
      <ValuesTable series={series} xLabel={xLabel} title={title} />
    </figure>
  );
}

function ValuesTable({ series, xLabel, title }: { series: readonly Series[]; xLabel: string; title: string }) {
  const [isOpen, setOpen] = useState(false);
  const rows = isOpen ? [...new Set(series.flatMap((one) => one.points.map(({ x }) => x)))].sort((a, b) => a - b) : [];
  const maps = isOpen ? series.map((one) => new Map(one.points.map(({ x, y }) => [x, y]))) : [];
  return (
    <details className="small" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        As a table<span className="hidden"> of {title}</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys. */}
      <section className="chart-table" tabIndex={0} aria-label={`Values of ${title}`}>
        <table className="table">
          <thead>
            <tr>
              <th>{xLabel}</th>
              {series.map((one) => (
                <th key={one.id} className="number">
                  {one.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, ROWS_MAX).map((x) => (
              <tr key={x}>
                <td>{numberText(x)}</td>
                {maps.map((map, place) => (
                  <td key={series[place]?.id} className="number">
                    {map.has(x) ? numberText(map.get(x) as number) : ""}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length > ROWS_MAX && (
          <p className="muted">
            The first {ROWS_MAX} of {rows.length}.
          </p>
        )}
      </section>
    </details>
  );
}
