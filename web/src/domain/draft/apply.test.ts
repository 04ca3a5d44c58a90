import { describe, expect, it } from "vitest";
import { applyEdit, type Done } from "./apply";
import type { Edit } from "./edit";
import { readDraft } from "./read";
import { copySteps } from "./steps";

const TEXT = `# The whole story.
type: pipeline
inputs:
  rows: # what it learns from
    type: uri_folder
    path: ./rows
  rate: 0.10

outputs:
  model:

jobs:
  # Cleans.
  clean:
    component: azureml:clean:1
    inputs:
      rows: \${{parent.inputs.rows}}   # as they come
    outputs:
      tidy:

  train:
    component: 'azureml:train:1'
    inputs: {rows: "\${{ parent.jobs.clean.outputs.tidy }}", rate: "\${{parent.inputs.rate}}"}
    outputs:
      model: \${{parent.outputs.model}}

  judge:
    command: judge \${{inputs.model}} --of "\${{inputs.rows}}"
    environment: azureml:python:3
    depends_on: [clean]
    inputs:
      model:
        type: custom_model
        path: \${{parent.jobs.train.outputs.model}}
      rows: \${{parent.inputs.rows}}

settings:
  on_finalize: judge
`;

const draft = readDraft(TEXT);

function done(edit: Edit, from = draft): Done {
  const outcome = applyEdit(from, edit);
  if (!outcome.ok) {
    throw new Error(outcome.reason);
  }
  expect(outcome.draft.broken).toBeNull();
  expect(applyEdit(outcome.draft, outcome.inverse)).toMatchObject({ draft: { text: from.text } });
  return outcome;
}

/** Lines that went, with a minus, and lines that came, with a plus. */
function changed(edit: Edit, from = draft): string[] {
  const before = from.text.split("\n");
  const after = done(edit, from).draft.text.split("\n");
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `-${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+${line}`),
  ];
}

describe("inputs", () => {
  it("change nothing but their own value, and keep its quotes and the comment behind it", () => {
    expect(changed({ kind: "set-input", step: "clean", input: "rows", value: "azureml:flowers:1" })).toEqual([
      "-      rows: ${{parent.inputs.rows}}   # as they come",
      "+      rows: azureml:flowers:1   # as they come",
    ]);
    expect(changed({ kind: "set-input", step: "train", input: "rate", value: 3 })[1]).toBe(
      '+    inputs: {rows: "${{ parent.jobs.clean.outputs.tidy }}", rate: 3}',
    );
  });

  it("are added where others are, in the same style", () => {
    expect(changed({ kind: "set-input", step: "clean", input: "deep", value: true })).toEqual(["+      deep: true"]);
    expect(changed({ kind: "set-input", step: "train", input: "deep", value: "x, y" })[1]).toContain(
      '", deep: "x, y"}',
    );
  });

  it("take the mapping around them along when they were the last", () => {
    expect(changed({ kind: "unset-input", step: "clean", input: "rows" })).toEqual([
      "-      rows: ${{parent.inputs.rows}}   # as they come",
    ]);
    expect(
      done({ kind: "unset-input", step: "clean", input: "rows" }).draft.pipeline.byKey.get("clean")?.value,
    ).toEqual({
      component: "azureml:clean:1",
      outputs: { tidy: null },
    });
  });

  it("that become the pipeline's keep how they were written", () => {
    const text = "type: pipeline\njobs:\n  a:\n    component: ./a.yml\n    inputs:\n      rate: 1.0 # slow\n";
    const { draft: now } = done({ kind: "promote-input", step: "a", input: "rate", name: "rate" }, readDraft(text));

    expect(now.text).toBe(
      "type: pipeline\ninputs:\n  rate: 1.0\njobs:\n  a:\n    component: ./a.yml\n    inputs:\n      rate: ${{parent.inputs.rate}} # slow\n",
    );
  });
});

describe("wires", () => {
  it("keep the type and mode of an input that is written as a mapping", () => {
    const from = { kind: "step-output", step: "clean", output: "tidy" } as const;

    expect(changed({ kind: "connect", from, to: { kind: "step-input", step: "judge", input: "model" } })).toEqual([
      "-        path: ${{parent.jobs.train.outputs.model}}",
      "+        path: ${{parent.jobs.clean.outputs.tidy}}",
    ]);
  });

  it("to an output of the pipeline take the place of the one that it had", () => {
    const from = { kind: "step-output", step: "clean", output: "tidy" } as const;
    const { draft: now } = done({ kind: "connect", from, to: { kind: "pipeline-output", scope: "", output: "model" } });

    expect(now.pipeline.byKey.get("clean")?.value.outputs).toEqual({ tidy: "${{parent.outputs.model}}" });
    expect(now.pipeline.byKey.get("train")?.value.outputs).toBeUndefined();
  });

  it("between steps let one wait for the other", () => {
    const edit: Edit = { kind: "connect", from: { kind: "step", step: "train" }, to: { kind: "step", step: "judge" } };

    expect(changed(edit)).toEqual(["-    depends_on: [clean]", "+    depends_on: [clean, train]"]);
  });
});

describe("steps", () => {
  it("get another name everywhere", () => {
    expect(changed({ kind: "rename-step", step: "clean", name: "wash" })).toEqual([
      "-  clean:",
      '-    inputs: {rows: "${{ parent.jobs.clean.outputs.tidy }}", rate: "${{parent.inputs.rate}}"}',
      "-    depends_on: [clean]",
      "+  wash:",
      '+    inputs: {rows: "${{ parent.jobs.wash.outputs.tidy }}", rate: "${{parent.inputs.rate}}"}',
      "+    depends_on: [wash]",
    ]);
    expect(changed({ kind: "rename-step", step: "judge", name: "weigh" })).toContain("+  on_finalize: weigh");
  });

  it("that go take along what reads them, their comment and one blank line", () => {
    const { draft: now } = done({ kind: "remove-steps", steps: ["clean"] });

    expect(now.text).toContain("jobs:\n  train:\n");
    expect(now.text).toContain('    inputs: {rate: "${{parent.inputs.rate}}"}\n');
    expect(now.text).not.toMatch(/clean|Cleans/);
    expect(done({ kind: "remove-steps", steps: ["clean", "train", "judge"] }).draft.text).toContain("jobs: {}\n");
  });

  it("are copied as text that keeps the wires among them, and pasted under free names", () => {
    const text = copySteps(draft, ["clean", "train"]);
    const pasted = done({ kind: "paste-steps", scope: "", text });

    expect(text.startsWith("# Cleans.\nclean:\n  component: azureml:clean:1\n")).toBe(true);
    expect(pasted.steps).toEqual(["clean_2", "train_2"]);
    expect(pasted.draft.pipeline.byKey.get("train_2")?.inputs[0]?.binding).toMatchObject({
      kind: "step-output",
      step: "clean_2",
    });
    expect(pasted.draft.pipeline.byKey.get("train_2")?.outputs).toEqual([]);
    expect(applyEdit(draft, { kind: "paste-steps", scope: "", text: "well: then" }).ok).toBe(false);
  });

  it("are pasted into a pipeline without any", () => {
    const empty = readDraft("type: pipeline\njobs: {}\n");

    expect(done({ kind: "paste-steps", scope: "", text: "a:\n  component: ./a.yml\n" }, empty).draft.text).toBe(
      "type: pipeline\njobs:\n  a:\n    component: ./a.yml\n",
    );
    expect(
      done({ kind: "add-step", scope: "", name: "a", value: { component: "./a.yml" } }, readDraft("")).draft.text,
    ).toBe("jobs:\n  a:\n    component: ./a.yml\n");
  });

  it("lose with another version what that does not know, and so do those that read it", () => {
    const ports = { inputs: { rows: { type: "uri_folder" } }, outputs: {} };
    const { draft: now } = done({ kind: "set-component", step: "train", reference: "azureml:train:2", ports });

    expect(now.text).toContain(
      "component: 'azureml:train:2'\n    inputs: {rows: \"${{ parent.jobs.clean.outputs.tidy }}\"}\n\n",
    );
    expect(now.pipeline.byKey.get("judge")?.inputs.map((input) => input.name)).toEqual(["rows"]);
  });
});

describe("groups", () => {
  const group: Edit = { kind: "group-steps", steps: ["clean", "train"], name: "learn" };

  it("lead through their inputs and outputs what flowed in and out, and are as before when unpacked", () => {
    const grouped = done(group).draft;
    const learn = grouped.pipeline.byKey.get("learn");
    const unpacked = done({ kind: "unpack-step", step: "learn" }, grouped).draft;

    expect(learn?.value.inputs).toEqual({ rows: "${{parent.inputs.rows}}", rate: "${{parent.inputs.rate}}" });
    expect(learn?.value.outputs).toEqual({ model: "${{parent.outputs.model}}" });
    expect(grouped.pipeline.byKey.get("judge")?.value).toMatchObject({
      depends_on: ["learn"],
      inputs: { model: { path: "${{parent.jobs.learn.outputs.model}}" } },
    });
    expect(grouped.pipeline.byKey.get("learn/train")?.inputs[0]?.binding).toMatchObject({
      kind: "step-output",
      step: "learn/clean",
    });
    expect(grouped.text).toContain("  # as they come");
    for (const key of ["clean", "train"]) {
      expect(unpacked.pipeline.byKey.get(key)?.value).toEqual(draft.pipeline.byKey.get(key)?.value);
    }
    expect(unpacked.pipeline.byKey.get("judge")?.value.inputs).toEqual(draft.pipeline.byKey.get("judge")?.value.inputs);
  });

  it("can be a component of their own, whose text is given", () => {
    const outcome = done({ ...group, reference: "./learn.yml" } as Edit);

    expect(outcome.draft.pipeline.byKey.get("learn")?.value).toMatchObject({
      type: "pipeline",
      component: "./learn.yml",
    });
    expect(readDraft(outcome.component ?? "").pipeline.steps.map((step) => step.key)).toEqual(["clean", "train"]);
    expect(
      done(
        { kind: "unpack-step", step: "learn", component: outcome.component ?? "" },
        outcome.draft,
      ).draft.pipeline.byKey.get("train")?.value,
    ).toEqual(draft.pipeline.byKey.get("train")?.value);
  });

  it("give what reads an input of theirs what that input has", () => {
    const text = `${TEXT.replace("settings:\n  on_finalize: judge\n", "")}
  last:
    component: ./last.yml
    inputs:
      rate: \${{parent.jobs.train.inputs.rate}}
`;
    const grouped = done(group, readDraft(text)).draft;

    expect(grouped.pipeline.byKey.get("last")?.value.inputs).toEqual({ rate: "${{parent.inputs.rate}}" });
    expect(applyEdit(readDraft(text.replace("train.inputs.rate", "train.inputs.gone")), group)).toEqual({
      ok: false,
      reason: "`last` reads what input `gone` of `train` has: give it that value first",
    });
  });

  it("do not tear apart what decides and what is decided about", () => {
    const text = "jobs:\n  a:\n    command: 'true'\n  loop:\n    type: do_while\n    body: ${{parent.jobs.a}}\n";

    expect(applyEdit(readDraft(text), { kind: "group-steps", steps: ["a"], name: "g" })).toEqual({
      ok: false,
      reason: "`loop` decides about `a`: group both or neither",
    });
  });
});

describe("the pipeline's own", () => {
  it("inputs get another name in every step that reads them, and go with what reads them", () => {
    expect(changed({ kind: "rename-pipeline-input", scope: "", name: "rate", to: "speed" })).toEqual([
      "-  rate: 0.10",
      '-    inputs: {rows: "${{ parent.jobs.clean.outputs.tidy }}", rate: "${{parent.inputs.rate}}"}',
      "+  speed: 0.10",
      '+    inputs: {rows: "${{ parent.jobs.clean.outputs.tidy }}", rate: "${{parent.inputs.speed}}"}',
    ]);
    expect(
      done({ kind: "remove-pipeline-input", scope: "", name: "rows" }).draft.pipeline.wires.map((wire) => wire.id),
    ).not.toContainEqual(expect.stringContaining(":inputs.rows"));
  });

  it("settings are written where people write them", () => {
    const { draft: now } = done({ kind: "set-field", step: "", field: ["description"], value: "two\nlines\n" });

    expect(now.text).toContain("type: pipeline\ndescription: |\n  two\n  lines\ninputs:");
  });

  it("output may have its place and name, and keeps them when it goes to the pipeline", () => {
    const first = done({
      kind: "set-output-field",
      step: "clean",
      output: "tidy",
      field: "name",
      value: "tidy_rows",
    }).draft;
    const second = done({ kind: "promote-output", step: "clean", output: "tidy", name: "tidy" }, first).draft;

    expect(second.pipeline.byKey.get("clean")?.value.outputs).toEqual({
      tidy: { name: "tidy_rows", path: "${{parent.outputs.tidy}}" },
    });
    expect(second.pipeline.value.outputs).toEqual({ model: null, tidy: null });
  });
});

describe("what cannot be done", () => {
  it("is said in words, and the draft stays as it is", () => {
    const anchored = readDraft(
      "jobs:\n  a: &a\n    component: ./a.yml\n    inputs: {x: 1}\n  b:\n    <<: *a\n  c: *a\n",
    );

    expect(applyEdit(anchored, { kind: "unset-input", step: "b", input: "x" })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("anchor"),
    });
    expect(applyEdit(anchored, { kind: "set-input", step: "c", input: "x", value: 2 })).toMatchObject({ ok: false });
    expect(applyEdit(readDraft("jobs: ["), { kind: "remove-steps", steps: ["a"] })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("line 1"),
    });
    expect(applyEdit(draft, { kind: "rename-step", step: "clean", name: "Train" })).toMatchObject({ ok: false });
    expect(applyEdit(draft, { kind: "rename-step", step: "clean", name: "a b" })).toMatchObject({ ok: false });
  });

  it("keeps lines that end as Windows ends them", () => {
    const text = TEXT.replaceAll("\n", "\r\n");
    const { draft: now } = done({ kind: "duplicate-steps", steps: ["judge"] }, readDraft(text));

    expect(now.text.replaceAll("\r\n", "")).not.toContain("\n");
  });
});
