import { describe, expect, it } from "vitest";
import type { Edit } from "./edit";
import { edited, type History, labelOf, moved, redone, startHistory, undone } from "./history";
import { aligned, freePlace, nudged } from "./positions";
import { readDraft } from "./read";

const TEXT =
  "jobs:\n  a:\n    component: ./a.yml\n  b:\n    component: ./b.yml\n    inputs:\n      x: ${{parent.jobs.a.outputs.y}}\n";
const start = () => startHistory(readDraft(TEXT), { a: { x: 0, y: 0 }, b: { x: 5, y: 90 }, "input:x": { x: 1, y: 1 } });

function withEdit(history: History, edit: Edit, isContinued = false): History {
  const result = edited(history, edit, isContinued);
  return result.ok ? result.history : history;
}

describe("history", () => {
  it("takes moves back like edits, and lets positions follow a step to its new name", () => {
    const renamed = withEdit(start(), { kind: "rename-step", step: "a", name: "z" });
    const pushed = moved(renamed, nudged(renamed.now.positions, ["z"], { x: 10, y: 0 }));

    expect(renamed.now.positions).toEqual({ z: { x: 0, y: 0 }, b: { x: 5, y: 90 }, "input:x": { x: 1, y: 1 } });
    expect(pushed.now.positions.z).toEqual({ x: 10, y: 0 });
    expect(pushed.now.draft).toBe(renamed.now.draft);
    expect(undone(pushed).now).toEqual(renamed.now);
    expect(undone(undone(pushed)).now.positions).toEqual(start().now.positions);
    expect(redone(redone(undone(undone(pushed)))).now.positions).toEqual(pushed.now.positions);
  });

  it("takes a word back at once that was typed letter by letter", () => {
    const one = withEdit(start(), { kind: "set-input", step: "b", input: "n", value: "h" });
    const two = withEdit(one, { kind: "set-input", step: "b", input: "n", value: "hi" }, true);

    expect(two.past).toHaveLength(1);
    expect(undone(two).now.draft.text).toBe(TEXT);
    expect(redone(undone(two)).now.draft.text).toBe(two.now.draft.text);
  });

  it("forgets what was taken back when something else is done, and remembers nothing that changed nothing", () => {
    const back = undone(withEdit(start(), { kind: "remove-steps", steps: ["a"] }));

    expect(back.now.draft.text).toBe(TEXT);
    expect(withEdit(back, { kind: "duplicate-steps", steps: ["b"] }).future).toEqual([]);
    expect(withEdit(start(), { kind: "set-field", step: "a", field: ["component"], value: "./a.yml" }).past).toEqual(
      [],
    );
  });

  it("survives broken text: what was typed is taken back like everything else", () => {
    const broken = withEdit(start(), { kind: "replace-text", text: `${TEXT}  "` });

    expect(broken.now.draft.broken).not.toBeNull();
    expect(undone(broken).now.draft).toMatchObject({ text: TEXT, broken: null });
  });

  it("has a name for every edit", () => {
    expect(labelOf({ kind: "remove-steps", steps: ["a", "b"] })).toBe("Remove 2 steps");
    expect(labelOf({ kind: "set-field", step: "a", field: ["limits", "timeout"], value: 3 })).toBe(
      "Set limits.timeout of a",
    );
  });
});

describe("positions", () => {
  const sizes = new Map([
    ["a", { width: 10, height: 10 }],
    ["b", { width: 20, height: 10 }],
  ]);

  it("can be brought into one line", () => {
    const { positions } = start().now;

    expect(aligned(positions, sizes, ["a", "b"], "left")).toMatchObject({ a: { x: 0, y: 0 }, b: { x: 0, y: 90 } });
    expect(aligned(positions, sizes, ["a", "b"], "right")).toMatchObject({ a: { x: 15, y: 0 }, b: { x: 5, y: 90 } });
    expect(aligned(positions, sizes, ["a"], "top")).toBe(positions);
  });

  it("of something new covers nothing", () => {
    expect(freePlace(start().now.positions, sizes, { x: 2, y: 2 }, { width: 5, height: 5 })).toEqual({ x: 2, y: 30 });
  });
});
