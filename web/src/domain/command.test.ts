import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandOf, shellWord } from "./command";

describe("a line to type", () => {
  it("means the same words to a shell, whatever is in them", () => {
    const words = fc.sample(
      fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
      { numRuns: 60, seed: 7 },
    );
    const line = ["printf '%s\\0'", ...words.map(shellWord)].join(" ");

    expect(execFileSync("bash", ["-c", line]).toString().split("\0").slice(0, -1)).toEqual(
      words.map((word) => Buffer.from(word).toString()),
    );
  });

  it("names the workspace only where it is not the default one", () => {
    expect(commandOf("default", "job", "cancel", "-n", "a_b-1")).toBe("pipeyard job cancel -n a_b-1");
    expect(commandOf("my team", "job", "list")).toBe("pipeyard job list --workspace-name 'my team'");
  });
});
