import { expect, it } from "vitest";
import { parseTable } from "./table";

it("reads quotes, doubled quotes, and line breaks in cells", () => {
  expect(parseTable('a,"b, c"\r\n"say ""hi""","two\nlines"\n', ",", 10)).toEqual([
    ["a", "b, c"],
    ['say "hi"', "two\nlines"],
  ]);
});

it("stops after so many rows, and keeps a last row without an end", () => {
  expect(parseTable("1\n2\n3", ",", 2)).toEqual([["1"], ["2"]]);
  expect(parseTable("1\n2", ",", 9)).toEqual([["1"], ["2"]]);
});

it("has no rows for nothing", () => {
  expect(parseTable("", ",", 9)).toEqual([]);
});
