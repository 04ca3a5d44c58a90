import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { difference, withoutEqual } from "./difference";

const shown = (before: string, after: string): string[] => difference(before, after).map((one) => one.mark + one.text);

describe("a difference", () => {
  it("keeps what is in both", () => {
    expect(shown("a\nb\nc\n", "a\nx\nc\nd\n")).toEqual(["=a", "-b", "+x", "=c", "+d"]);
    expect(shown("", "a\n")).toEqual(["+a"]);
    expect(shown("a", "a\n")).toEqual(["=a"]);
  });

  it("holds both texts, whatever they are", () => {
    const lines = array(constantFrom("a", "b", "c"), { maxLength: 12 });
    assert(
      property(lines, lines, (one, other) => {
        const found = difference(one.join("\n"), other.join("\n"));
        expect(found.filter((line) => line.mark !== "+").map((line) => line.text)).toEqual(one);
        expect(found.filter((line) => line.mark !== "-").map((line) => line.text)).toEqual(other);
      }),
    );
  });

  it("leaves out what is far from any change, and says where", () => {
    const found = withoutEqual(difference("1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\nx\n6\n7\n8\n9"), 1);

    expect(found.map((line) => line && line.mark + line.text)).toEqual([null, "=4", "-5", "+x", "=6", null]);
  });
});
