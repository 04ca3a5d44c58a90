import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "./pipeline";
import { behindKey, onLine, readPlain } from "./scalar";
import { parsedTree, plainOf } from "./tree";

const golden = JSON.parse(readFileSync(join(process.cwd(), "../tests/golden/scalars.json"), "utf8"));

describe("readPlain", () => {
  it.each(golden.plain as { text: string; value: unknown }[])("reads $text as the server does", ({ text, value }) => {
    expect(readPlain(text) === 0 ? 0 : readPlain(text)).toEqual(value);
  });
});

const texts = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom("a", "\n", " ", "#", ":", "-", "'", '"', "\\", "{", "]", ",", "1", ".", "e", "\t", "\r"),
  }),
  fc.constantFrom(
    ...(golden.plain as { text: string }[]).map(({ text }) => text),
    "---",
    "...",
    "<<",
    "2021-01-01",
    "y",
    "0x1F",
    "!x",
    "%",
    "@a",
  ),
);
const scalars = fc.oneof(
  texts,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => (one === 0 ? 0 : one)),
  fc.boolean(),
);
const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalars,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      texts.filter((key) => key !== "<<" && key !== "__proto__"),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
})).value;

describe("what is written", () => {
  it("is read as the same value, below a key and on one line", () => {
    fc.assert(
      fc.property(values, (value) => {
        const block = parsedTree(`key:${behindKey(value, 2, "\n")}\nnext: 1\n`);
        const line = parsedTree(`{key: ${onLine(value, true)}, next: 1}`);

        expect(block.fault).toBeNull();
        expect(plainOf(block.root)).toEqual({ key: value, next: 1 });
        expect(plainOf(line.root)).toEqual({ key: value, next: 1 });
      }),
      { numRuns: 300 },
    );
  });

  it("has quotes only where they are needed", () => {
    expect(onLine("azureml:train@latest")).toBe("azureml:train@latest");
    expect(onLine("${{parent.inputs.x}}")).toBe("${{parent.inputs.x}}");
    expect(onLine("${{parent.inputs.x}}", true)).toBe('"${{parent.inputs.x}}"');
    expect(onLine("yes")).toBe('"yes"');
    expect(onLine(1e-7)).toBe("1.0e-7");
    expect(behindKey("python a.py\npython b.py\n", 4, "\n")).toBe(" |\n    python a.py\n    python b.py");
  });
});
