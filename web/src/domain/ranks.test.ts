import { describe, expect, it } from "vitest";
import { ranksOf } from "./ranks";

describe("ranksOf", () => {
  it("has nothing to choose from where one process runs the command", () => {
    expect(ranksOf(undefined)).toEqual([]);
    expect(ranksOf({ distribution: { type: "pytorch" } })).toEqual([]);
  });

  it("marks the rank that failed first", () => {
    const ranks = ranksOf({ process_count: 3, distribution: { type: "mpi" }, error: { code: "exit-code", rank: 1 } });
    expect(ranks.map((one) => [one.label, one.hasFailed])).toEqual([
      ["rank 0", false],
      ["rank 1", true],
      ["rank 2", false],
    ]);
  });

  it("names TensorFlow's tasks", () => {
    const distribution = { type: "tensorflow", worker_count: 2, parameter_server_count: 1 };
    expect(ranksOf({ process_count: 3, distribution }).map((one) => one.label)).toEqual([
      "rank 0 (worker 0)",
      "rank 1 (worker 1)",
      "rank 2 (parameter server 0)",
    ]);
  });
});
