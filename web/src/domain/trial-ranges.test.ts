import { describe, expect, it } from "vitest";
import { isInside, parseRanges, rangeOf, rangesText, stretchesOf, withRange } from "./trial-ranges";
import { axesOf, type Sweep, type Trial } from "./trials";

const trial = (index: number, values: Trial["values"], metric: number | null): Trial => ({
  index,
  name: `s_${index}`,
  values,
  label: "Completed",
  metric,
  points: 1,
  rank: null,
  is_best: false,
  stop_reason: null,
  error: null,
  duration_seconds: 1,
  started_at: null,
  ended_at: null,
});
const sweep: Sweep = {
  name: "s",
  goal: "minimize",
  primary_metric: "loss",
  search_space: { rate: {}, kind: {} },
  max_total_trials: 9,
  counts: {},
  value: [
    trial(0, { rate: 0.001, kind: "sgd" }, 3),
    trial(1, { rate: 0.01, kind: "adam" }, 2),
    trial(2, { rate: 0.1, kind: "adam" }, null),
  ],
};
const axes = axesOf(sweep);
const [rate, kind] = axes as [(typeof axes)[0], (typeof axes)[0]];
const chosen = (ranges: Parameters<typeof isInside>[2]) =>
  sweep.value.filter((one) => isInside(one, axes, ranges)).map(({ index }) => index);

describe("what is chosen on the axes of a sweep", () => {
  it("keeps the trials whose values lie within all of it; what has no value is outside", () => {
    expect(chosen({})).toEqual([0, 1, 2]);
    expect(chosen({ rate: { min: 0.005, max: null } })).toEqual([1, 2]);
    expect(chosen({ rate: { min: 0.005, max: null }, loss: { min: null, max: 5 } })).toEqual([1]);
    expect(chosen({ kind: { words: ["sgd"] } })).toEqual([0]);
  });

  it("is what a stretch of the axis means, on a logarithmic one too", () => {
    expect(rangeOf(rate, 0.25, 0.75)).toEqual({ min: 0.003162, max: 0.03162 });
    expect(rangeOf(rate, 0.5, 0.99)).toEqual({ min: 0.01, max: null });
    expect(rangeOf(kind, 0, 0.5)).toEqual({ words: ["adam"] });
    expect(rangeOf(kind, 0.45, 0.5)).toBeNull();
    expect(stretchesOf(rate, { min: 0.01, max: null })[0]?.map((share) => Number(share.toFixed(3)))).toEqual([0.5, 1]);
    expect(stretchesOf(kind, { words: ["adam"] })).toHaveLength(1);
  });

  it("stands in an address and is read from there again, whatever the names", () => {
    const ranges = { "a;b": { min: 0.01, max: null }, kind: { words: ["x|y", "50%"] } };
    const text = rangesText(ranges) as string;
    expect(parseRanges(text, new Set(["kind"]))).toEqual(ranges);
    expect(rangesText({})).toBeUndefined();
    expect(parseRanges("rate:x..1;;rate;other:..", new Set())).toEqual({});
  });

  it("is gone when nothing of it is left", () => {
    const ranges = { rate: { min: 1, max: 2 } };
    expect(withRange(ranges, "rate", { min: null, max: null })).toEqual({});
    expect(withRange(ranges, "rate", null)).toEqual({});
    expect(withRange(ranges, "kind", { words: ["a"] })).toEqual({ ...ranges, kind: { words: ["a"] } });
  });
});
