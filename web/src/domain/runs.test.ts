import { describe, expect, it } from "vitest";
import { columnsOf, curvesOf, sharedOf, standingText, textOf } from "./runs";

const run = (key: string, values: Record<string, unknown>, outputs: Record<string, unknown>) => ({
  key,
  values,
  outputs,
});
const runs = [
  run("1", { guess: 1, number: 2 }, { better: 1.5, goes_on: true }),
  run("2", { guess: 1.5, number: 2 }, { better: 1.42, goes_on: true }),
  run("3", {}, {}),
];

describe("runs of a body", () => {
  it("have a column for each value that differs or is written; what is the same is said once", () => {
    expect(columnsOf(runs).map(({ from, name }) => `${from}.${name}`)).toEqual([
      "values.guess",
      "outputs.better",
      "outputs.goes_on",
    ]);
    expect(sharedOf(runs)).toEqual([["number", "2"]]);
  });

  it("are drawn where they write numbers", () => {
    expect(curvesOf(runs).map(({ id, points }) => [id, points])).toEqual([
      [
        "better",
        [
          { x: 1, y: 1.5 },
          { x: 2, y: 1.42 },
        ],
      ],
    ]);
  });

  it("stand in a sentence", () => {
    const standing = { of: "iteration", status: "Running", total: 5, done: 1, failed: 0 };
    expect(standingText(standing)).toBe("1 of at most 5 iterations has ended.");
    expect(standingText({ ...standing, of: "item", total: 3, done: 3, failed: 1 })).toBe(
      "3 of 3 items have ended, 1 failed.",
    );
    expect(standingText({ ...standing, of: "item", total: null, done: 0 })).toBe("0 items have ended.");
  });

  it("show of data the name at the end of its place", () => {
    expect(textOf("azureml://datastores/d/paths/a/b/rose.txt")).toBe("rose.txt");
    expect([textOf(0.5), textOf(false), textOf(undefined)]).toEqual(["0.5", "false", ""]);
  });
});
