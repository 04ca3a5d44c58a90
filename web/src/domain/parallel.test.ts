import { describe, expect, it } from "vitest";
import { factsOf, progressText, whatIsIn } from "./parallel";

const progress = {
  state: "running",
  message: null,
  mini_batches: { total: 10, done: 3, failed: 1, taken: 2, retries: 1 },
  items: { total: 20, done: 6, failed: 2 },
  items_per_second: 12.5,
  seconds_left: 61.2,
};

describe("the progress of a parallel step", () => {
  it("says how many mini-batches are done, failed, were tried again and taken over", () => {
    expect(progressText(progress)).toBe(
      "3 of 10 mini-batches are done, 1 failed, 1 try was repeated, 2 taken over from the earlier run.",
    );
  });

  it("says what was not reached once it has ended, and nothing of a time that is left", () => {
    const ended = { ...progress, state: "failed" };
    expect(progressText(ended)).toContain("6 not reached");
    expect(factsOf(ended).map(([name]) => name)).toEqual(["Items", "Items a second"]);
  });

  it("names rate and time while it runs", () => {
    expect(factsOf(progress)).toEqual([
      ["Items", "6 of 20, 2 failed"],
      ["Items a second", "12.5"],
      ["Time left", "about 1m 2s"],
    ]);
  });

  it("does without the total that nobody knows yet", () => {
    const early = { ...progress, mini_batches: { total: null, done: 1, failed: 0, taken: 0, retries: 0 } };
    expect(progressText(early)).toBe("1 mini-batch done so far.");
  });

  it("calls a mini-batch by its partition, else by its files", () => {
    expect(whatIsIn({ files: ["a", "b"], items: 30, partition: null })).toBe("a, b and 28 more");
    expect(whatIsIn({ files: ["rows.csv"], items: 30, partition: null })).toBe("rows.csv");
    expect(whatIsIn({ files: [], items: 3, partition: { station: "north" } })).toBe("station north");
  });
});
