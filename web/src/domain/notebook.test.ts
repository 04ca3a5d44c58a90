import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNotebook } from "./notebook";

describe("a notebook", () => {
  it("is its cells in order, with what they printed", () => {
    const text = JSON.stringify({
      metadata: { language_info: { name: "python" } },
      cells: [
        { cell_type: "markdown", source: ["# Title\n", "text"] },
        {
          cell_type: "code",
          execution_count: 3,
          source: "print(1)",
          outputs: [
            { output_type: "stream", text: ["1\n"] },
            { output_type: "display_data", data: { "image/png": "aGk=\n", "text/plain": "<Figure>" } },
            { output_type: "execute_result", data: { "text/html": "<script>x</script>", "text/plain": "table" } },
            { output_type: "display_data", data: { "text/html": "<b>only</b>" } },
            { output_type: "error", traceback: ["Trace", "Error: x"] },
          ],
        },
      ],
    });

    expect(parseNotebook(text)).toEqual({
      language: "python",
      cells: [
        { kind: "markdown", text: "# Title\ntext", count: null, outputs: [] },
        {
          kind: "code",
          text: "print(1)",
          count: 3,
          outputs: [
            { kind: "text", text: "1\n" },
            { kind: "image", text: "aGk=" },
            { kind: "text", text: "table" },
            { kind: "left-out", text: "text/html" },
            { kind: "error", text: "Trace\nError: x" },
          ],
        },
      ],
    });
  });

  it("is none when the text is something else, whatever that is", () => {
    expect(parseNotebook("{")).toBeNull();
    expect(parseNotebook("[]")).toBeNull();
    fc.assert(
      fc.property(fc.json(), (text) => {
        parseNotebook(text);
        parseNotebook(`{"cells": [${text}]}`);
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});
