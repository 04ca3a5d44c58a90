import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearestPoint, niceTicks, numberText, pathOf, scaleOf, smoothed } from "./chart";

const points = (...ys: number[]) => ys.map((y, x) => ({ x, y }));

describe("curves", () => {
  it("smoothed stay between the lowest and the highest value, and a constant stays what it is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (values, weight) => {
          const ys = smoothed(points(...values), weight).map(({ y }) => y);
          return Math.min(...ys) >= Math.min(...values) - 1e-6 && Math.max(...ys) <= Math.max(...values) + 1e-6;
        },
      ),
      { numRuns: 100, seed: 5 },
    );
    expect(smoothed(points(3, 3, 3), 0.9).map(({ y }) => Number(y.toFixed(9)))).toEqual([3, 3, 3]);
  });

  it("are interrupted where a value is no number", () => {
    const path = pathOf(
      points(1, 2, Number.NaN, 3),
      (x) => x,
      (y) => y,
    );

    expect(path).toBe("M0.0 1.0L1.0 2.0M3.0 3.0");
    expect(smoothed(points(1, Number.NaN, 1), 0.5)[1]?.y).toBeNaN();
  });

  it("on a log scale leave out what is not above zero", () => {
    const scale = scaleOf([-5, 0, 0.01, 10], true);

    expect([scale?.min, scale?.max, scale?.at(0.01), scale?.at(10)]).toEqual([0.01, 10, 0, 1]);
    expect(scale?.ticks).toEqual([0.01, 0.1, 1, 10]);
    expect(scaleOf([-1, 0], true)).toBeNull();
  });

  it("of one value only still have room above and below", () => {
    const scale = scaleOf([7, 7], false);

    expect(scale?.at(7)).toBeCloseTo(0.5);
    expect(scaleOf([], false)).toBeNull();
  });

  it("have round ticks inside their range", () => {
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(-3, 97, 5)).toEqual([0, 20, 40, 60, 80]);
  });

  it("are looked up by the nearest point", () => {
    expect(
      nearestPoint(
        [
          { x: 0, y: 1 },
          { x: 10, y: 2 },
        ],
        4,
      )?.y,
    ).toBe(1);
    expect(
      nearestPoint(
        [
          { x: 0, y: 1 },
          { x: 10, y: 2 },
        ],
        6,
      )?.y,
    ).toBe(2);
    expect(nearestPoint([], 6)).toBeUndefined();
  });

  it("say their values in four digits", () => {
    expect([0.123456, 12345.678, 0.00001234, 0, 1e9].map(numberText)).toEqual([
      "0.1235",
      "12345.68",
      "1.234e-5",
      "0",
      "1e+9",
    ]);
  });
});
