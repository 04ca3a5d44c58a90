import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Arrow, type Box, layoutLayers } from "./layout";

function boxes(count: number): Box[] {
  return Array.from({ length: count }, (_, position) => ({ id: `n${position}`, width: 200, height: 60 }));
}

const graphs = fc.integer({ min: 1, max: 40 }).chain((count) =>
  fc.record({
    boxes: fc.constant(boxes(count)),
    arrows: fc.array(
      fc
        .tuple(fc.nat(count - 1), fc.nat(count - 1))
        .map(([a, b]): Arrow => ({ from: `n${Math.min(a, b)}`, to: `n${Math.max(a, b)}` })),
      { maxLength: 80 },
    ),
  }),
);

describe("layoutLayers", () => {
  it("overlaps no two boxes", () => {
    fc.assert(
      fc.property(graphs, ({ boxes, arrows }) => {
        const places = [...layoutLayers(boxes, arrows).places.values()];
        for (let i = 0; i < places.length; i += 1) {
          for (let j = i + 1; j < places.length; j += 1) {
            const [a, b] = [places[i], places[j]];
            if (a && b && Math.abs(a.x - b.x) < 200 && Math.abs(a.y - b.y) < 60) {
              return false;
            }
          }
        }
        return places.length === boxes.length;
      }),
    );
  });

  it("lets every arrow point down", () => {
    fc.assert(
      fc.property(graphs, ({ boxes, arrows }) => {
        const { places } = layoutLayers(boxes, arrows);
        return arrows.every(({ from, to }) => from === to || (places.get(from)?.y ?? 0) < (places.get(to)?.y ?? 0));
      }),
    );
  });

  it("gives equal places for equal input, within its own width and height", () => {
    fc.assert(
      fc.property(graphs, ({ boxes, arrows }) => {
        const one = layoutLayers(boxes, arrows);
        expect(layoutLayers(boxes, arrows)).toEqual(one);
        for (const place of one.places.values()) {
          expect(place.x).toBeGreaterThanOrEqual(0);
          expect(place.x + 200).toBeLessThanOrEqual(one.width + 1);
          expect(place.y + 60).toBeLessThanOrEqual(one.height);
        }
      }),
    );
  });

  it("draws a chain as a straight line", () => {
    const chain = boxes(5);
    const arrows = chain.slice(1).map((box, position) => ({ from: `n${position}`, to: box.id }));
    const xs = [...layoutLayers(chain, arrows).places.values()].map((place) => place.x);

    expect(new Set(xs).size).toBe(1);
  });

  it("puts a source next to its first reader", () => {
    const arrows = [
      { from: "n0", to: "n1" },
      { from: "n1", to: "n2" },
      { from: "n3", to: "n2" },
    ];
    const { places } = layoutLayers(boxes(4), arrows);

    expect(places.get("n3")?.y).toBe(places.get("n1")?.y);
  });

  it("ignores arrows to boxes that are not there", () => {
    const { places, bends } = layoutLayers(boxes(2), [{ from: "n0", to: "gone" }]);

    expect(places.size).toBe(2);
    expect(bends).toEqual([[]]);
  });

  it("finishes five thousand boxes", () => {
    const many = boxes(5000);
    const arrows = many.slice(1).map((box, position) => ({ from: `n${Math.floor(position / 3)}`, to: box.id }));

    expect(layoutLayers(many, arrows).places.size).toBe(5000);
  });
});
