import { describe, expect, it } from "vitest";
import { folderOf } from "./folder";

describe("folders", () => {
  it("hold their files in the order of people, and know what is below them", () => {
    const root = folderOf([
      { path: "b/10.txt", size: 1 },
      { path: "b/9.txt", size: 2 },
      { path: "b/c/d.txt", size: 4 },
      { path: "a.txt", size: 8 },
    ]);

    expect([root.count, root.size, root.files.map((file) => file.path)]).toEqual([4, 15, ["a.txt"]]);
    const [b] = root.folders;
    expect(b?.files.map((file) => file.path)).toEqual(["b/9.txt", "b/10.txt"]);
    expect(b?.folders.map((folder) => [folder.name, folder.path, folder.count])).toEqual([["c", "b/c", 1]]);
  });

  it("of nothing is empty", () => {
    expect(folderOf([])).toMatchObject({ count: 0, folders: [], files: [] });
  });
});
