import { describe, expect, it } from "vitest";
import { count, flag, parseSearch as parse, stringifySearch, text, texts } from "./address";

const parseSearch = (search: string): Record<string, unknown> => parse(search);

describe("an address", () => {
  it.each(["1", "1.0", "007", "true", "null", "a b&c=d", "[1]", "{", '"quoted"', "ü"])("keeps the text %s", (value) => {
    expect(text(parseSearch(stringifySearch({ q: value })).q)).toBe(value);
  });

  it("is written as people would write it", () => {
    expect(stringifySearch({ version: "1.0", tab: "files", q: undefined })).toBe("?version=1.0&tab=files");
  });

  it("holds lists, also such as are written with commas", () => {
    expect(texts(parseSearch(stringifySearch({ open: ["a", "b,c"] })).open)).toEqual(["a", "b,c"]);
    expect(texts(parseSearch("?open=a,b").open)).toEqual(["a", "b"]);
    expect(texts(parseSearch("").open)).toBeUndefined();
  });

  it("holds flags and numbers", () => {
    const found = parseSearch(stringifySearch({ archived: true, line: 12 }));
    expect([flag(found.archived), count(found.line), count("x"), flag("no")]).toEqual([true, 12, undefined, undefined]);
  });
});
