import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Edit } from "./edit";
import { edited, redone, startHistory, undone } from "./history";
import type { Step, WireEnd } from "./pipeline";
import { type Draft, readDraft } from "./read";
import { copySteps } from "./steps";

/** Pipelines of the examples; of Azure's too, where `FROM` names a checkout of them. */
const FOLDERS = [join(process.cwd(), "../examples"), ...(process.env.FROM ? [process.env.FROM] : [])];

function pipelinesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => /\.ya?ml$/.test(name) && statSync(name).isFile() && /^jobs:/m.test(readFileSync(name, "utf8")))
    .sort();
}

const pick = <One>(from: readonly One[], at: number): One | undefined => from[at % Math.max(1, from.length)];

/** Edits of every kind that fits the draft as it is, chosen by numbers. */
function editOf(draft: Draft, [kind, a, b, word]: readonly [number, number, number, string]): Edit {
  const { steps, inputs, outputs } = draft.pipeline;
  const step = pick(steps, a) as Step | undefined;
  const other = pick(steps, b) as Step | undefined;
  const key = step?.key ?? "";
  const input = pick(step?.inputs ?? [], b)?.name ?? "extra";
  const output = pick(step?.outputs ?? [], b)?.name ?? "result";
  const from: WireEnd = {
    kind: "step-output",
    step: other?.key ?? "",
    output: pick(other?.outputs ?? [], a)?.name ?? "result",
  };
  const own = pick(inputs, b)?.name ?? "number";
  const edits: Edit[] = [
    {
      kind: "add-step",
      scope: step?.scope ?? "",
      name: `step_${b}`,
      value: { component: `azureml:${word || "x"}:1`, inputs: { text: word } },
    },
    { kind: "remove-steps", steps: [key] },
    { kind: "rename-step", step: key, name: `now_${b}` },
    { kind: "duplicate-steps", steps: [key, other?.key ?? key] },
    { kind: "paste-steps", scope: "", text: step === undefined ? "" : copySteps(draft, [key, other?.key ?? key]) },
    { kind: "set-input", step: key, input, value: [word, b, b % 2 === 0, 1e-9, `${word}\nand more\n`][a % 5] ?? "" },
    { kind: "unset-input", step: key, input },
    { kind: "connect", from, to: { kind: "step-input", step: key, input } },
    {
      kind: "connect",
      from: { kind: "pipeline-input", scope: step?.scope ?? "", input: own },
      to: { kind: "step-input", step: key, input },
    },
    {
      kind: "connect",
      from,
      to: { kind: "pipeline-output", scope: other?.scope ?? "", output: pick(outputs, a)?.name ?? "kept" },
    },
    { kind: "connect", from: { kind: "step", step: key }, to: { kind: "step", step: other?.key ?? "" } },
    { kind: "disconnect", to: { kind: "step-input", step: key, input } },
    { kind: "disconnect", to: { kind: "pipeline-output", scope: "", output: pick(outputs, a)?.name ?? "kept" } },
    { kind: "promote-input", step: key, input, name: input },
    { kind: "promote-output", step: key, output, name: output },
    {
      kind: "set-pipeline-input",
      scope: "",
      name: own,
      value: [word, 3, { type: "uri_folder", path: word }][a % 3] ?? null,
    },
    { kind: "set-pipeline-output", scope: "", name: `out_${b}`, value: { mode: "upload" } },
    { kind: "remove-pipeline-input", scope: "", name: own },
    { kind: "remove-pipeline-output", scope: "", name: pick(outputs, a)?.name ?? "kept" },
    { kind: "rename-pipeline-input", scope: "", name: own, to: `${own}_${b}` },
    { kind: "rename-pipeline-output", scope: "", name: pick(outputs, a)?.name ?? "kept", to: `given_${b}` },
    { kind: "set-output-field", step: key, output, field: "mode", value: a % 2 === 0 ? "upload" : null },
    { kind: "set-field", step: key, field: ["limits", "timeout"], value: a % 2 === 0 ? b : null },
    { kind: "set-field", step: key, field: ["environment_variables", "WORD"], value: a % 2 === 0 ? word : null },
    { kind: "set-field", step: "", field: ["settings", "default_compute"], value: a % 2 === 0 ? word : null },
    { kind: "set-field", step: "", field: ["description"], value: `${word}\n\nand: more # of it\n` },
    { kind: "set-component", step: key, reference: `azureml:other@${b}` },
    {
      kind: "refer-components",
      references: { [key]: `azureml:${word.replace(/\W/g, "")}:${b}`, missing: "azureml:a:1" },
    },
    { kind: "group-steps", steps: [key, other?.key ?? key], name: `group_${b}` },
    { kind: "unpack-step", step: steps.find((one) => one.inner !== null)?.key ?? key },
  ];
  return edits[kind % edits.length] as Edit;
}

const choices = fc.tuple(
  fc.nat(1000),
  fc.nat(20),
  fc.nat(20),
  fc.oneof(
    fc.constantFrom("yes", "1.0", "${{parent.inputs.x}}", "# no", "a: b", "'", '"', "-", "é\t…", " x "),
    fc.string({ unit: "grapheme", maxLength: 8 }),
  ),
);

describe.each(FOLDERS.flatMap(pipelinesIn))("%s", (file) => {
  const text = readFileSync(file, "utf8");

  it("is the same byte for byte after edits that are taken back, and again as it was after them when they are done again", () => {
    fc.assert(
      fc.property(fc.array(choices, { minLength: 100, maxLength: 100 }), (all) => {
        let history = startHistory(readDraft(text));
        expect(history.now.draft.broken).toBeNull();
        for (const choice of all) {
          const edit = editOf(history.now.draft, choice);
          const result = edited(history, edit);
          if (result.ok) {
            expect(result.outcome.draft.broken, JSON.stringify(edit)).toBeNull();
            history = result.history;
          }
        }
        const end = history.now.draft.text;
        // What was read part by part is what the whole says.
        expect(readDraft(end).pipeline).toEqual(history.now.draft.pipeline);
        for (let back = undone(history); back !== history; back = undone(history)) {
          history = back;
        }
        expect(history.now.draft.text).toBe(text);
        for (let forth = redone(history); forth !== history; forth = redone(history)) {
          history = forth;
        }
        expect(history.now.draft.text).toBe(end);
      }),
      { numRuns: Number(process.env.RUNS ?? 1), endOnFailure: true },
    );
  }, 120_000);
});
