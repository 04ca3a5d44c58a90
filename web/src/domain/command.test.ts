import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commandOf, shellWord } from "./command";

describe("a line to type", () => {
  it("means the same words to a shell, whatever is in them", () => {
    const words = [
      "",
      "a b",
      "it's",
      "''",
      '"$HOME"',
      "`id`",
      "a\nb",
      "*",
      "~",
      "ä#%",
      "\\",
      "-n",
      "!x",
      "{a,b}",
      "$'x'",
    ];
    const line = ["printf '%s\\0'", ...words.map(shellWord)].join(" ");

    expect(execFileSync("bash", ["-c", line]).toString().split("\0").slice(0, -1)).toEqual(words);
  });

  it("names the workspace only where it is not the default one", () => {
    expect(commandOf("default", "job", "cancel", "-n", "a_b-1")).toBe("pipeyard job cancel -n a_b-1");
    expect(commandOf("my team", "job", "list")).toBe("pipeyard job list --workspace-name 'my team'");
  });
});
