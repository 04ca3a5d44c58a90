import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPlainTree } from "./plain-tree";
import { parsedTree } from "./tree";

const ROOT = join(process.cwd(), "..");

function yamlFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => /\.ya?ml$/.test(name)).map((name) => readFileSync(join(folder, name), "utf8"));
}

// Lines that a simple reader could get wrong, at any indentation.
const lines = fc.constantFrom(
  ...[
    "a: 1",
    "b:",
    "c: # note",
    "d: x # note",
    'e: "q"  # note',
    "f: 'q'",
    "- one",
    "- 2",
    "-",
    "- a: 1",
    "# note",
    "",
    "g: a: b",
    "h: x:",
    "i: |",
    "  more",
    "j: [1]",
    "k: {a: 1}",
    "a:",
    "---",
    "l: -x",
    "m: - x",
    'n: "a" b',
    "o: ${{parent.x}}",
    "p: a#b",
    "q:z",
    "? r",
    "s: &x 1",
    "t: *x",
    "u: !!str 1",
    'v: "a\\n"',
    "w: it's",
    "x : 1",
    "y: ~",
    "2: z",
    "é: 1",
    "z.z-z: azureml:a:1",
  ],
);
const texts = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 2, 2, 4, 6), lines), { minLength: 1, maxLength: 9 })
  .map((all) => all.map(([indent, line]) => " ".repeat(indent) + line).join("\n"));

describe("readPlainTree", () => {
  it("reads what it reads as the parser does", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const plain = readPlainTree(text);
        if (plain !== null) {
          expect(parsedTree(text)).toEqual({ root: plain, fault: null, hasAnchors: false });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("reads our examples as the parser does, and a good part of them by itself", () => {
    const all = yamlFiles(join(ROOT, "examples"));
    const read = all.filter((text) => {
      const plain = readPlainTree(text);
      if (plain !== null) {
        expect(parsedTree(text)).toEqual({ root: plain, fault: null, hasAnchors: false });
      }
      return plain !== null;
    });

    expect(read.length).toBeGreaterThan(all.length / 3);
  });
});
