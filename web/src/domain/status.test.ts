import { describe, expect, it } from "vitest";
import { isOver, isUntouched, lookOf, STATUSES, withoutMark } from "./status";

describe("lookOf", () => {
  it("gives every status a sign of its own beside its colour", () => {
    const looks = ["Completed", "Failed", "Running", "Preparing", "Queued", "NotStarted", "Canceled", "Skipped"].map(
      lookOf,
    );

    expect(new Set(looks.map((look) => look.mark)).size).toBe(looks.length);
  });

  it("knows every status that one can filter by", () => {
    expect(STATUSES.filter((status) => lookOf(status).mark === "?")).toEqual([]);
  });

  it("shows a status of a newer server as waiting", () => {
    expect(lookOf("Hibernating")).toEqual({ tone: "waiting", mark: "?" });
  });
});

it("a skipped step is over, and nothing of it ran", () => {
  expect([isOver("Skipped"), isUntouched("Skipped")]).toEqual([true, true]);
  expect([isOver("Finalizing"), isUntouched("Finalizing")]).toEqual([false, false]);
});

it("a reused step looks as completed as one that ran", () => {
  expect(withoutMark("Completed (reused)")).toBe("Completed");
  expect(lookOf("Completed (reused)")).toEqual(lookOf("Completed"));
  expect(isOver("Completed (reused)")).toBe(true);
});
