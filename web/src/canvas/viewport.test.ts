import { describe, expect, it } from "vitest";
import { fitted, showing, zoomed } from "./viewport";

const screen = { width: 1000, height: 600 };

describe("fitted", () => {
  it("shows all of a picture that is too large", () => {
    const view = fitted({ width: 4000, height: 1000 }, screen);

    expect(view.x).toBeGreaterThanOrEqual(0);
    expect(4000 * view.zoom + view.x).toBeLessThanOrEqual(1000);
  });

  it("does not blow up a small one, and puts it in the middle", () => {
    expect(fitted({ width: 200, height: 100 }, screen)).toEqual({ zoom: 1, x: 400, y: 250 });
  });

  it("begins at the top of one that may not be drawn so small", () => {
    const view = fitted({ width: 200, height: 20_000 }, screen, 0.5);

    expect([view.zoom, view.y]).toEqual([0.5, 40]);
  });
});

it("zooming keeps the point under the pointer", () => {
  const before = { x: 30, y: -20, zoom: 0.8 };
  const at = { x: 500, y: 300 };
  const after = zoomed(before, 1.5, at);
  const under = (view: typeof before) => [(at.x - view.x) / view.zoom, (at.y - view.y) / view.zoom];

  expect(under(after)[0]).toBeCloseTo(under(before)[0] as number);
  expect(under(after)[1]).toBeCloseTo(under(before)[1] as number);
});

describe("showing", () => {
  const view = { x: 0, y: 0, zoom: 1 };

  it("does not move for what can be seen", () => {
    expect(showing(view, screen, { x: 100, y: 100, width: 200, height: 60 })).toBe(view);
  });

  it("moves no further than needed", () => {
    expect(showing(view, screen, { x: 1000, y: 100, width: 200, height: 60 })).toEqual({ x: -240, y: 0, zoom: 1 });
    expect(showing(view, screen, { x: -300, y: 100, width: 200, height: 60 })).toEqual({ x: 340, y: 0, zoom: 1 });
  });
});
