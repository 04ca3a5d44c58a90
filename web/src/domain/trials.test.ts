import { describe, expect, it } from "vitest";
import {
  axesOf,
  bestSoFar,
  goodnessOf,
  isFound,
  namesOf,
  type Sweep,
  sorted,
  standing,
  type Trial,
  wordOf,
  yamlOf,
} from "./trials";

const trial = (index: number, values: Trial["values"], metric: number | null, rank: number | null): Trial => ({
  index,
  name: `s_${index}`,
  values,
  label: "Completed",
  metric,
  points: 1,
  rank,
  is_best: rank === 1,
  stop_reason: null,
  error: null,
  started_at: "2026-11-23T12:00:00.000Z",
  ended_at: null,
  duration_seconds: 1,
});

const sweep = (...value: Trial[]): Sweep => ({
  name: "s",
  goal: "minimize",
  primary_metric: "loss",
  search_space: { rate: {}, kind: {} },
  max_total_trials: 9,
  counts: { completed: 2, failed: 0, running: 1, total: 3 },
  value,
});

const some = sweep(
  trial(0, { rate: 1, kind: "b" }, 0.5, 2),
  trial(1, { rate: 3, kind: "a", depth: 2 }, 0.1, 1),
  trial(2, { rate: 2, kind: "b" }, null, null),
);

describe("trials", () => {
  it("have an axis for each hyperparameter, in the order of the file, and one for the metric", () => {
    expect(namesOf(some)).toEqual(["rate", "kind", "depth"]);
    expect(
      axesOf(some).map((axis) => [axis.name, ...some.value.map(axis.at).map((at) => at && Number(at.toFixed(6)))]),
    ).toEqual([
      ["rate", 0, 1, 0.5],
      ["kind", 0.75, 0.25, 0.75],
      ["depth", null, 0.5, null],
      ["loss", 1, 0, null],
    ]);
  });

  it("lie by their logarithms where values go over two powers of ten", () => {
    const wide = sweep(...[0.001, 0.1, 10].map((rate, index) => trial(index, { rate }, 1, null)));
    expect(wide.value.map((one) => Number(axesOf(wide)[0]?.at(one)?.toFixed(3)))).toEqual([0, 0.5, 1]);
  });

  it("are put in order, those without a value last", () => {
    const order = (by: string, isDown: boolean) => sorted(some.value, { by, isDown }).map(({ index }) => index);
    expect(order("rank", false)).toEqual([1, 0, 2]);
    expect(order("metric", true)).toEqual([0, 1, 2]);
    expect(order("value:rate", true)).toEqual([1, 2, 0]);
    expect(order("value:depth", false)).toEqual([1, 0, 2]);
  });

  it("lie by logarithms where somebody wants it, if they have one", () => {
    const small = sweep(...[1, 2, 4].map((rate, index) => trial(index, { rate, shift: rate - 2 }, 1, null)));
    const at = (logs: Record<string, boolean>, name: string) => {
      const axis = axesOf(small, logs).find((one) => one.name === name);
      return small.value.map((one) => Number(axis?.at(one)?.toFixed(3)));
    };
    expect(at({}, "rate")).toEqual([0, 0.333, 1]);
    expect(at({ rate: true }, "rate")).toEqual([0, 0.5, 1]);
    expect(at({ shift: true }, "shift")).toEqual([0, 0.333, 1]);
  });

  it("are as good as what they reached, by the goal", () => {
    const goods = (goal: Sweep["goal"]) => some.value.map(goodnessOf({ ...some, goal }, axesOf(some).at(-1)));
    expect(goods("minimize")).toEqual([0, 1, null]);
    expect(goods("maximize")).toEqual([1, 0, null]);
  });

  it("come nearer to the best one after the other; what failed does not count", () => {
    const failed = { ...trial(3, {}, 0.01, null), label: "Failed" };
    const all = sweep(trial(0, {}, 0.5, null), trial(1, {}, 0.7, null), trial(2, {}, 0.2, null), failed);
    expect(bestSoFar(all).map(({ best }) => best)).toEqual([0.5, 0.5, 0.2]);
    expect(bestSoFar({ ...all, goal: "maximize" }).map(({ best }) => best)).toEqual([0.5, 0.7, 0.7]);
  });

  it("are called by a word, and found by any", () => {
    const stopped = { ...trial(7, { kind: "b" }, 1, null), label: "Canceled", stop_reason: "behind the median" };
    expect([stopped, ...some.value].map(wordOf)).toEqual(["stopped", "completed", "completed", "completed"]);
    expect(wordOf({ ...stopped, label: "Queued", stop_reason: null, started_at: null })).toBe("waiting");
    expect([isFound(stopped, "Median"), isFound(stopped, "kind=b"), isFound(stopped, "kind=c")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("give their values to be pasted", () => {
    expect(yamlOf({ rate: 0.1, kind: "yes", deep: true })).toBe('rate: 0.1\nkind: "yes"\ndeep: true\n');
  });

  it("are counted in a sentence", () => {
    expect(standing(some)).toBe("3 of at most 9 trials: 2 completed, 1 running");
  });
});
