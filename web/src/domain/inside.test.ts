import { describe, expect, it } from "vitest";
import { edge, graphOf, step } from "../testing";
import { graphInside, pictureInside } from "./inside";

const from = (node: string) => ({ job: "j", node, output: "out" });
const GRAPH = graphOf(
  [
    step("load"),
    step("train", {
      kind: "pipeline",
      inputs: [{ name: "data", source: from("load") }],
      outputs: [{ name: "model", source: from("train/fit") }],
    }),
    step("train/split", { inputs: [{ name: "in", source: from("load") }] }),
    step("train/fit", { inputs: [{ name: "in", source: from("train/split") }] }),
    step("after"),
  ],
  [edge("load", "train/split"), edge("train/split", "train/fit"), edge("train/fit", "after")],
);

describe("a nested pipeline", () => {
  it("is a graph of its own steps, with what comes from outside as its inputs", () => {
    const inside = graphInside(GRAPH, "train");

    expect(inside.steps.map((one) => one.key)).toEqual(["split", "fit"]);
    expect(inside.edges.map(({ from: upper, to }) => [upper, to])).toEqual([["split", "fit"]]);
    expect(inside.inputs.map((port) => port.name)).toEqual(["data"]);
    expect(inside.outputs.map((port) => [port.name, port.source?.node])).toEqual([["model", "fit"]]);
  });

  it("is drawn with the names that its steps have in the whole", () => {
    const { places, wires } = pictureInside(GRAPH, "train", new Set(["train"]));

    expect([...places.keys()].sort()).toEqual(["input:data", "output:model", "train/fit", "train/split"]);
    expect(wires.map((wire) => `${wire.from} ${wire.to}`).sort()).toEqual([
      "input:data train/split",
      "train/fit output:model",
      "train/split train/fit",
    ]);
    expect([...places.values()].map((place) => place.key).sort()).toEqual([...places.keys()].sort());
  });

  it("of no name is the whole", () => {
    expect(pictureInside(GRAPH, "", new Set()).places.has("train")).toBe(true);
  });
});
