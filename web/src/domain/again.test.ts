import { describe, expect, it } from "vitest";
import { graphOf, step } from "../testing";
import { changedInputs, editableInputs } from "./again";

const PORTS = [
  { name: "rate", value: 0.1 },
  { name: "fast", value: true },
  { name: "word", value: "7" },
  { name: "data", type: "uri_file", path: "azureml:titanic:1" },
];

describe("inputs for the next job", () => {
  it("are only those that were changed, in the type that they had", () => {
    const texts = { rate: "0.5", fast: "false", word: "8", data: "azureml:titanic:2" };

    expect(changedInputs(PORTS, texts)).toEqual({ rate: 0.5, fast: false, word: "8", data: "azureml:titanic:2" });
    expect(changedInputs(PORTS, { rate: "0.1", word: "7" })).toEqual({});
  });

  it("go to the server as they are where they are no number any more", () => {
    expect(changedInputs(PORTS, { rate: "much" })).toEqual({ rate: "much" });
    expect(changedInputs(PORTS, { rate: "" })).toEqual({ rate: "" });
  });

  it("of a command alone are those of its only step", () => {
    const alone = graphOf([step("", { inputs: PORTS })], [], { job: step("", { kind: "command" }) });

    expect(editableInputs(alone)).toEqual(PORTS);
  });
});
