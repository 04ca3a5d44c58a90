import { beforeEach, expect, it, vi } from "vitest";
import { close, type Notice, tell, undo, undoable } from "./notices";

beforeEach(() => {
  for (let one = undoable(); one !== undefined; one = undoable()) {
    close(one.id);
  }
});

it("takes back what was done last, once", async () => {
  const back = vi.fn(async () => {});
  tell("Archived 1 job.", async () => {});
  tell("Changed the tags.", back);
  await undo(undoable() as Notice);

  expect(back).toHaveBeenCalledOnce();
  expect(undoable()?.text).toBe("Archived 1 job.");
});

it("says so when it could not be taken back, and does not offer it again", async () => {
  tell("Archived 1 job.", () => Promise.reject(new Error("the server does not answer")));
  await undo(undoable() as Notice);

  expect(undoable()).toBeUndefined();
});

it("lets the oldest go when there are more than three", () => {
  for (const name of ["a", "b", "c", "d"]) {
    tell(name, async () => {});
  }
  const names: string[] = [];
  for (let one = undoable(); one !== undefined; one = undoable()) {
    names.push(one.text);
    close(one.id);
  }

  expect(names).toEqual(["d", "c", "b"]);
});
