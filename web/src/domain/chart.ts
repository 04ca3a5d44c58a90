/** Curves: smoothing, scales, and the path of a line. */

export interface ChartPoint {
  x: number;
  y: number;
}

export interface Series {
  id: string;
  label: string;
  points: readonly ChartPoint[];
}

/** Exponential moving average without its usual bias towards the first value; a gap stays a gap. */
export function smoothed(points: readonly ChartPoint[], weight: number): ChartPoint[] {
  let sum = 0;
  let count = 0;
  return points.map(({ x, y }) => {
    if (weight === 0 || !Number.isFinite(y)) {
      return { x, y };
    }
    sum = sum * weight + (1 - weight) * y;
    count += 1;
    return { x, y: sum / (1 - weight ** count) };
  });
}

export interface Scale {
  /** 0 at the lower end, 1 at the upper. */
  at(value: number): number;
  ticks: number[];
  min: number;
  max: number;
}

/** A scale over values; with *isLog* over those above zero. Null: there is nothing to show. Counted things have whole ticks. */
export function scaleOf(values: readonly number[], isLog: boolean, count = 5): Scale | null {
  const isWhole = values.every(Number.isInteger);
  const known = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  if (known.length === 0) {
    return null;
  }
  let [min, max] = known.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (min === max) {
    [min, max] = isLog ? [min / 2, max * 2] : [min - (Math.abs(min) / 10 || 1), max + (Math.abs(max) / 10 || 1)];
  }
  const through = isLog ? Math.log10 : (value: number) => value;
  const [low, high] = [through(min), through(max)];
  return {
    at: (value) => (through(value) - low) / (high - low),
    ticks: isLog ? logTicks(min, max) : niceTicks(min, max, count).filter((tick) => !isWhole || Number.isInteger(tick)),
    min,
    max,
  };
}

export function niceTicks(min: number, max: number, count: number): number[] {
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? 10 * power;
  const ticks: number[] = [];
  for (let place = Math.ceil(min / step); place * step <= max + step * 1e-9; place += 1) {
    ticks.push(Number((place * step).toPrecision(12)));
  }
  return ticks;
}

function logTicks(min: number, max: number): number[] {
  const [low, high] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const factors = high - low <= 2 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil((high - low) / 8));
  const ticks: number[] = [];
  for (let power = low; power <= high; power += every) {
    ticks.push(...factors.map((factor) => factor * 10 ** power));
  }
  const inside = ticks.filter((tick) => tick >= min * 0.999 && tick <= max * 1.001);
  return inside.length >= 2 ? inside : [min, max];
}

/** An SVG path; what cannot be drawn (no number, nothing above zero on a log scale) interrupts the line. */
export function pathOf(points: readonly ChartPoint[], toX: (x: number) => number, toY: (y: number) => number): string {
  let path = "";
  let isDown = false;
  for (const { x, y } of points) {
    const [left, top] = [toX(x), toY(y)];
    if (!Number.isFinite(left) || !Number.isFinite(top)) {
      isDown = false;
      continue;
    }
    path += `${isDown ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}`;
    isDown = true;
  }
  return path;
}

/** Four digits that matter. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e7)) {
    return value.toExponential(3).replace(/\.?0+e/, "e");
  }
  return String(Number(value.toPrecision(size >= 1000 ? 7 : 4)));
}

/** The point nearest to *x*; points are in order of x. */
export function nearestPoint(points: readonly ChartPoint[], x: number): ChartPoint | undefined {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as ChartPoint).x < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const [after, before] = [points[low], points[low - 1]];
  return before !== undefined && after !== undefined && x - before.x < after.x - x ? before : after;
}
