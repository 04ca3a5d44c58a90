import { describe, expect, it } from "vitest";
import type { Catalogue } from "./catalogue";
import type { Step } from "./pipeline";
import { readDraft } from "./read";
import { isFoldable, unfolded, wantedDocuments } from "./unfold";

const DRAFT = readDraft(`type: pipeline
jobs:
  here: {type: pipeline, component: {jobs: {a: {type: command, command: x}}}}
  there: {type: pipeline, component: azureml:both:1}
  last: {type: command, command: x, inputs: {m: "\${{parent.jobs.there.outputs.model}}"}}
`);

const DOCUMENT = readDraft(`type: pipeline
inputs: {rows: {type: integer}}
outputs: {model: {type: uri_folder}}
jobs:
  prep: {type: command, command: x, outputs: {table: {type: uri_folder}}}
  inner: {type: pipeline, component: {jobs: {b: {type: command, command: x}}}}
  learn:
    type: command
    command: x
    inputs: {table: "\${{parent.jobs.prep.outputs.table}}"}
    outputs: {model: "\${{parent.outputs.model}}"}
`).pipeline;

const facts = { reference: "azureml:both:1", name: "both", version: "1", type: "pipeline", inputs: {}, outputs: {} };
const CATALOGUE: Catalogue = {
  components: new Map([["azureml:both:1", facts]]),
  computes: [],
  datastores: [],
  data: [],
  models: [],
  environments: [],
};
const OPEN = new Set(["there"]);
const DOCUMENTS = new Map([["azureml:both:1", DOCUMENT]]);

describe("what a step holds elsewhere", () => {
  it("is asked for when it is opened, and drawn in behind its step with keys of its own", () => {
    const { draft, foreign } = unfolded(DRAFT, OPEN, DOCUMENTS);

    expect(wantedDocuments(DRAFT.pipeline, OPEN, CATALOGUE).map(({ key }) => key)).toEqual(["there"]);
    expect(wantedDocuments(draft.pipeline, OPEN, CATALOGUE)).toEqual([]);
    expect(draft.pipeline.steps.map(({ key }) => key)).toEqual([
      "here",
      "here/a",
      "there",
      "there/prep",
      "there/inner",
      "there/inner/b",
      "there/learn",
      "last",
    ]);
    expect([foreign.has("there"), foreign.has("there/inner"), foreign.has("here")]).toEqual([true, true, false]);
  });

  it("brings its wires, and takes none of the draft's", () => {
    const { draft } = unfolded(DRAFT, OPEN, DOCUMENTS);
    const ends = draft.pipeline.wires.map(({ id }) => id);

    expect(ends).toEqual([
      ...DRAFT.pipeline.wires.map(({ id }) => id),
      "data:there/prep.outputs.table>there/learn.inputs.table",
      "data:there/learn.outputs.model>there:outputs.model",
    ]);
  });

  it("stays the same steps as long as nothing changes, and is not there when it is closed", () => {
    const [one, other] = [unfolded(DRAFT, OPEN, DOCUMENTS), unfolded(DRAFT, OPEN, DOCUMENTS)];

    expect(one.draft.pipeline.byKey.get("there/prep")).toBe(other.draft.pipeline.byKey.get("there/prep"));
    expect(unfolded(DRAFT, new Set(["here"]), DOCUMENTS).draft).toBe(DRAFT);
  });

  it("ends where a component holds itself", () => {
    const own = readDraft("type: pipeline\njobs: {again: {type: pipeline, component: azureml:both:1}}\n").pipeline;
    const deep = new Set(Array.from({ length: 40 }, (_, at) => ["there", ...Array(at).fill("again")].join("/")));

    expect(unfolded(DRAFT, deep, new Map([["azureml:both:1", own]])).draft.pipeline.steps.length).toBeLessThan(20);
  });

  it("can be drawn when it is a pipeline that is here or known, and not in another registry", () => {
    const step = (key: string) => DRAFT.pipeline.byKey.get(key) as Step;
    const far = readDraft("jobs: {f: {type: pipeline, component: azureml://registries/r/components/both/versions/1}}");
    const all = new Map([["azureml://registries/r/components/both/versions/1", facts]]);

    expect(["here", "there", "last"].map((key) => isFoldable(step(key), CATALOGUE))).toEqual([true, true, false]);
    expect(isFoldable(far.pipeline.steps[0] as Step, { ...CATALOGUE, components: all })).toBe(false);
  });
});
