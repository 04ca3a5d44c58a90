import { describe, expect, it } from "vitest";
import { edge, graphOf as graph, step } from "../testing";
import { inputKey, ORDER_ONLY, openAtFirst, outputKey, pictureOf, shownAs } from "./picture";

const nested = graph(
  [step("first", { kind: "pipeline" }), step("first/a"), step("first/b"), step("last")],
  [edge("first/a", "first/b"), edge("first/b", "last")],
);

describe("pictureOf", () => {
  it("draws a closed group as one card, and what leaves it from there", () => {
    const { places, wires } = pictureOf(nested, new Set());

    expect([...places.keys()]).toEqual(["first", "last"]);
    expect(places.get("first")?.kind).toBe("card");
    expect(wires.map(({ from, to }) => [from, to])).toEqual([["first", "last"]]);
  });

  it("puts the steps of an open group inside its frame", () => {
    const { places } = pictureOf(nested, new Set(["first"]));
    const frame = places.get("first");
    const inside = places.get("first/b");

    expect(frame?.kind).toBe("frame");
    expect(inside && frame && inside.x >= frame.x && inside.x + inside.width <= frame.x + frame.width).toBe(true);
    expect(inside && frame && inside.y > frame.y && inside.y + inside.height <= frame.y + frame.height).toBe(true);
  });

  it("draws several flows between two cards as one line that names them all", () => {
    const two = graph([step("a"), step("b")], [edge("a", "b"), { from: "a", output: "model", to: "b", input: "m" }]);

    expect(pictureOf(two, new Set()).wires.map((wire) => wire.flows)).toEqual([["out → in", "model → m"]]);
  });

  it("draws data of the job above its readers, and outputs below their makers", () => {
    const place = "azureml://datastores/d/paths/x";
    const one = graph([step("a", { inputs: [{ name: "data", path: place }] })], [], {
      inputs: [
        { name: "raw", path: place },
        { name: "rate", value: 0.1 },
      ],
      outputs: [{ name: "model", source: { job: "job-a", node: "a", output: "out" } }],
    });
    const { places, wires } = pictureOf(one, new Set());
    const y = (key: string) => places.get(key)?.y ?? Number.NaN;

    expect(y(inputKey("raw"))).toBeLessThan(y("a"));
    expect(y("a")).toBeLessThan(y(outputKey("model")));
    expect(places.has(inputKey("rate"))).toBe(false);
    expect(wires).toHaveLength(2);
  });

  it("ends every wire at the cards that it joins", () => {
    const { places, wires } = pictureOf(nested, new Set(["first"]));
    for (const wire of wires) {
      const [from, to] = [places.get(wire.from), places.get(wire.to)];
      expect(wire.points[0]).toEqual({ x: from && from.x + from.width / 2, y: from && from.y + from.height });
      expect(wire.points.at(-1)).toEqual({ x: to && to.x + to.width / 2, y: to?.y });
    }
  });
});

it("draws what only waits, below what it waits for", () => {
  const two = graph([step("late"), step("early")], [], { order: [{ from: "early", to: "late" }] });
  const { places, wires } = pictureOf(two, new Set());

  expect(wires.map((wire) => wire.flows)).toEqual([[ORDER_ONLY]]);
  expect(places.get("early")?.y ?? 0).toBeLessThan(places.get("late")?.y ?? 0);
});

describe("shownAs", () => {
  it("names the outermost closed group around a step", () => {
    expect(shownAs("a/b/c", new Set())).toBe("a");
    expect(shownAs("a/b/c", new Set(["a"]))).toBe("a/b");
    expect(shownAs("a/b/c", new Set(["a", "a/b"]))).toBe("a/b/c");
  });
});

describe("openAtFirst", () => {
  it("opens everything while the picture stays small", () => {
    expect(openAtFirst(nested, [])).toEqual(new Set(["first"]));
  });

  it("opens only what is around the chosen step of a large job", () => {
    const many = graph([step("g", { kind: "pipeline" }), ...Array.from({ length: 100 }, (_, n) => step(`g/${n}`))], []);

    expect(openAtFirst(many, [])).toEqual(new Set());
    expect(openAtFirst(many, ["g/3"])).toEqual(new Set(["g"]));
  });
});
