import fc from "fast-check";
import { expect, it } from "vitest";
import { differenceOf, inverted, lineColumnOf, offsetOf, shifted, spliced } from "./text";

const texts = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 30 });

it("makes one text of another by the least change, and back again", () => {
  fc.assert(
    fc.property(texts, texts, texts, (one, two, three) => {
      const there = [...differenceOf(one, two), ...differenceOf(two, three)];

      expect(spliced(one, there)).toBe(three);
      expect(spliced(three, inverted(there))).toBe(one);
    }),
  );
});

it("finds lines and columns, and the places that they name", () => {
  fc.assert(
    fc.property(texts, fc.nat(30), (text, at) => {
      const offset = Math.min(at, text.length);

      expect(offsetOf(text, lineColumnOf(text, offset))).toBe(offset);
    }),
  );
});

it("moves a place along with what stands before it", () => {
  expect(shifted(5, [{ at: 1, before: "ab", after: "" }])).toBe(3);
  expect(shifted(1, [{ at: 5, before: "", after: "x" }])).toBe(1);
  expect(shifted(6, [{ at: 5, before: "xyz", after: "1" }])).toBe(6);
});

it("refuses a change of another text", () => {
  expect(() => spliced("abc", [{ at: 0, before: "x", after: "y" }])).toThrow("another text");
});
