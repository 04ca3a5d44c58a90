import { describe, expect, it } from "vitest";
import { placeAt, spanOf } from "./place";
import { readDraft } from "./read";

const TEXT = `type: pipeline
inputs:
  rows: {type: uri_folder, path: ./rows}
  group:
    deep: 3
    flat: true
jobs:
  clean:
    component: ./clean.yml
    inputs:
      rows: \${{parent.inputs.rows}}
      deep: \${{inputs.group.deep}}
      text: "as \${{parent.inputs.group.flat}} as that"
      set:
        one: 1
        two: {type: uri_file, path: azureml:two:2, mode: download}
    outputs:
      tidy: {mode: upload, name: tidy, version: 3}
  inner:
    type: pipeline
    depends_on: clean
    component:
      type: pipeline
      inputs:
        rows: {type: uri_folder}
      outputs:
        model: {type: custom_model}
      jobs:
        learn:
          component: azureml:learn@latest
          inputs:
            rows: \${{parent.inputs.rows}}
          outputs:
            model: \${{parent.outputs.model}}
    inputs:
      rows: \${{parent.jobs.clean.outputs.tidy}}
  warm:
    type: if_else
    condition: \${{parent.jobs.clean.outputs.is_warm}}
    true_block: \${{parent.jobs.inner}}
settings:
  force_rerun: true
`;

const draft = readDraft(TEXT);
const step = (key: string) => draft.pipeline.byKey.get(key);

describe("readDraft", () => {
  it("tells what each input is given", () => {
    expect(Object.fromEntries((step("clean")?.inputs ?? []).map(({ name, binding }) => [name, binding]))).toEqual({
      rows: { kind: "pipeline-input", input: "rows", type: null, mode: null },
      deep: { kind: "pipeline-input", input: "group.deep", type: null, mode: null },
      text: {
        kind: "text",
        text: expect.any(String),
        expressions: [{ names: ["parent", "inputs", "group", "flat"], from: 3, to: 32 }],
      },
      "set.one": { kind: "literal", value: 1 },
      "set.two": { kind: "data", path: "azureml:two:2", type: "uri_file", mode: "download" },
    });
    expect(step("clean")?.outputs[0]).toMatchObject({ mode: "upload", asset: "tidy", version: "3", promotedTo: null });
    expect(draft.pipeline.inputs.map(({ name, type, value }) => [name, type, value])).toEqual([
      ["rows", "uri_folder", null],
      ["group.deep", "integer", 3],
      ["group.flat", "boolean", true],
    ]);
  });

  it("knows the steps of pipelines that are written in place, and what joins steps", () => {
    expect(draft.pipeline.steps.map(({ key, kind }) => `${key} ${kind}`)).toEqual([
      "clean command",
      "inner pipeline",
      "inner/learn command",
      "warm if_else",
    ]);
    expect(draft.pipeline.wires.map((wire) => wire.id)).toEqual([
      "data::inputs.rows>clean.inputs.rows",
      "data::inputs.group.deep>clean.inputs.deep",
      "data:clean.outputs.tidy>inner.inputs.rows",
      "order:clean>inner",
      "data:inner:inputs.rows>inner/learn.inputs.rows",
      "data:inner/learn.outputs.model>inner:outputs.model",
      "data:clean.outputs.is_warm>warm.inputs.condition",
      "block:warm>inner",
    ]);
  });

  it("keeps the objects of steps that did not change, also where the text is read as a whole", () => {
    const longer = readDraft(TEXT.replace("type: pipeline\n", "type: pipeline\n# more\ndescription: x\n"), draft);
    const anchored = TEXT.replace("force_rerun: true", "force_rerun: &all true");
    const before = readDraft(anchored);
    const after = readDraft(anchored.replace("mode: upload", "mode: rw_mount"), before);

    expect(longer.pipeline.steps.every((one, position) => one === draft.pipeline.steps[position])).toBe(true);
    expect(after.pipeline.steps.filter((one, position) => one !== before.pipeline.steps[position])).toEqual([
      after.pipeline.byKey.get("clean"),
    ]);
    expect(after.pipeline).toEqual(readDraft(after.text).pipeline);
  });

  it("keeps what it said before while the text cannot be read, and names the line", () => {
    const broken = readDraft(TEXT.replace("mode: upload", 'mode: "upload'), draft);

    expect(broken.broken).toMatchObject({ line: expect.any(Number), message: expect.any(String) });
    expect(broken.pipeline).toBe(draft.pipeline);
    expect(readDraft(TEXT, broken)).toMatchObject({ broken: null });
    expect(readDraft(TEXT.replace("  inner:\n", "  clean:\n"), draft).broken?.message).toBe(
      "Two steps are called `clean`",
    );
    expect(readDraft("- a\n").broken?.message).toContain("mapping");
  });

  it("reads the same whether the text can be cut or not", () => {
    for (const text of [
      TEXT.replace("jobs:\n", '"jobs":\n'),
      `---\n${TEXT}`,
      TEXT.replace("force_rerun", "x: &x 1\n  force_rerun"),
    ]) {
      expect(readDraft(text).pipeline.steps.map(({ value, inputs }) => [value, inputs])).toEqual(
        draft.pipeline.steps.map(({ value, inputs }) => [value, inputs]),
      );
    }
  });
});

const at = (from: number, to: number) => TEXT.slice(from, to);

describe("places", () => {
  it("of steps and inputs are where the text has them", () => {
    const inner = step("inner/learn");
    const span = spanOf(draft, inner ?? null, inner?.inputs[0]?.valueSpan ?? { from: 0, to: 0 });

    expect(at(span.from, span.to)).toBe("${{parent.inputs.rows}}");
  });

  it("tell what the text cursor is in", () => {
    expect(placeAt(draft, TEXT.indexOf("azureml:learn"))).toMatchObject({ step: { key: "inner/learn" }, port: null });
    expect(placeAt(draft, TEXT.indexOf("azureml:two"))).toMatchObject({
      step: { key: "clean" },
      port: { side: "input", name: "set.two" },
    });
    expect(placeAt(draft, TEXT.indexOf("./rows"))).toEqual({ step: null, port: { side: "input", name: "rows" } });
  });
});
