import { describe, expect, it } from "vitest";
import { interfaceChanges, type Ports } from "./interface";

const changes = (before: Ports, after: Ports, which: "inputs" | "outputs" = "inputs") => {
  const none = { inputs: {}, outputs: {} };
  return interfaceChanges({ ...none, [which]: before }, { ...none, [which]: after }).map(
    ({ text, isBreaking }) => `${isBreaking ? "! " : ""}${text}`,
  );
};

describe("a newer version", () => {
  it("breaks what used the older one when an input or output is gone or of another type", () => {
    expect(changes({ a: { type: "string" } }, {})).toEqual(["! input a is gone"]);
    expect(changes({ a: { type: "uri_file" } }, { a: { type: "uri_folder" } }, "outputs")).toEqual([
      "! output a is uri_folder, and was uri_file",
    ]);
  });

  it("breaks when it asks for more than before", () => {
    expect(changes({}, { a: { type: "string" } })).toEqual(["! input a is new and has to be given"]);
    expect(changes({ a: { type: "string", optional: true } }, { a: { type: "string" } })).toEqual([
      "! input a has to be given now",
    ]);
    expect(changes({ a: { type: "integer", max: 9 } }, { a: { type: "integer", max: 5 } })).toEqual([
      "! input a takes fewer values",
    ]);
    expect(changes({ a: { enum: ["x", "y"] } }, { a: { enum: ["x"] } })).toEqual(["! input a takes fewer values"]);
    expect(changes({ a: { type: "string" } }, { a: { type: "string", enum: ["x"] } })).toEqual([
      "! input a takes fewer values",
    ]);
  });

  it("breaks nothing when it takes more, or writes more", () => {
    expect(changes({}, { a: { type: "string", default: "x" } })).toEqual(["input a is new"]);
    expect(changes({}, { a: { type: "uri_file" } }, "outputs")).toEqual(["output a is new"]);
    expect(changes({ a: { enum: ["x"] } }, { a: { enum: ["x", "y"] } })).toEqual([]);
    expect(changes({ a: { default: 1 } }, { a: { default: 2 } })).toEqual(["input a is 2 if it is not given"]);
  });
});
