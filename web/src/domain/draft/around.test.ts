import { expect, test } from "vitest";

import { Obstacles } from "./around";

const box = (x: number, y: number) => ({ x, y, width: 220, height: 56 });

test("a wire with nothing in its way goes straight", () => {
  const beside = new Obstacles([box(0, 0), box(300, 112), box(0, 224)]);

  expect(beside.wire({ x: 110, y: 56 }, { x: 110, y: 224 })).toEqual([
    { x: 110, y: 56 },
    { x: 110, y: 224 },
  ]);
});

test("it goes down beside a box, on the nearer side", () => {
  const boxes = new Obstacles([box(0, 0), box(0, 112), box(0, 224)]);
  const down = (x: number) => boxes.wire({ x, y: 56 }, { x, y: 224 }).slice(1, -1);

  expect(down(40)).toEqual([
    { x: -14, y: 112 },
    { x: -14, y: 168 },
  ]);
  expect(down(180)).toEqual([
    { x: 234, y: 112 },
    { x: 234, y: 168 },
  ]);
});

test("it passes boxes that stand side by side", () => {
  const boxes = new Obstacles([box(-248, 112), box(0, 112), box(248, 112)]);
  const crowded = new Obstacles([box(-230, 112), box(0, 100), box(230, 120)]);

  expect(boxes.wire({ x: 200, y: 56 }, { x: 200, y: 300 })[1]).toEqual({ x: 234, y: 112 });
  expect(crowded.wire({ x: 200, y: 56 }, { x: 200, y: 300 })[1]).toEqual({ x: 464, y: 100 });
});

test("several boxes below one another are passed one by one", () => {
  const points = new Obstacles([box(0, 112), box(0, 224)]).wire({ x: 180, y: 56 }, { x: 180, y: 400 });

  expect(points.map(({ x }) => x)).toEqual([180, 234, 234, 234, 234, 180]);
});

test("a wire that goes up, or begins and ends at one height, is left as it is", () => {
  const boxes = new Obstacles([box(0, 112)]);

  expect(boxes.wire({ x: 10, y: 300 }, { x: 10, y: 50 })).toHaveLength(2);
  expect(boxes.wire({ x: 10, y: 100 }, { x: 400, y: 100 })).toHaveLength(2);
});
