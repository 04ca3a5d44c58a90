import { expect, it } from "vitest";
import { editWords, valuesBefore } from "./edit";

it("takes back what was changed, and nothing else", () => {
  const before = { display_name: "one", description: null, tags: { a: "1" } };

  expect(valuesBefore(before, { tags: { a: "2" } })).toEqual({ tags: { a: "1" } });
  expect(valuesBefore(before, { description: "new" })).toEqual({ description: "" });
});

it("says in words what was changed", () => {
  expect(editWords({ tags: {} })).toBe("tags");
  expect(editWords({ display_name: "x", description: "y" })).toBe("display name and description");
});
