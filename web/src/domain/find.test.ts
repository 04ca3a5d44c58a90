import { describe, expect, it } from "vitest";
import { step } from "../testing";
import { findSteps, outlineRows } from "./find";

const STEPS = [
  step("prep", { kind: "pipeline" }),
  step("prep/split", { label: "Failed", component: "azureml:split:1" }),
  step("prep/join", { label: "Completed (reused)", reused_from: "x" }),
  step("train"),
];
const keys = (rows: { key: string }[]) => rows.map((one) => one.key);

describe("a step", () => {
  it("is found by its name, its place, its component and its state, in any order of words", () => {
    expect(keys(findSteps(STEPS, "PREP split"))).toEqual(["prep/split"]);
    expect(keys(findSteps(STEPS, "failed"))).toEqual(["prep/split"]);
    expect(keys(findSteps(STEPS, "reused prep"))).toEqual(["prep/join"]);
    expect(keys(findSteps(STEPS, "split:1"))).toEqual(["prep/split"]);
    expect(findSteps(STEPS, "  ")).toEqual([]);
  });

  it("in a closed group is no row of the outline", () => {
    expect(outlineRows(STEPS, new Set()).map(({ step: one, depth }) => [one.key, depth])).toEqual([
      ["prep", 0],
      ["prep/split", 1],
      ["prep/join", 1],
      ["train", 0],
    ]);
    expect(keys(outlineRows(STEPS, new Set(["prep"])).map(({ step: one }) => one))).toEqual(["prep", "train"]);
  });
});
