import { describe, expect, it } from "vitest";
import type { Catalogue, ComponentFacts } from "./catalogue";
import { canConnect, candidatesOf, fitOf } from "./connect";
import { fittingComponents } from "./fit";
import type { WireEnd } from "./pipeline";
import { portsOf } from "./ports";
import { readDraft } from "./read";
import { upgradeOf } from "./upgrade";

const component = (
  name: string,
  inputs: ComponentFacts["inputs"],
  outputs: ComponentFacts["outputs"],
): ComponentFacts => ({
  reference: `azureml:${name}:1`,
  name,
  version: "1",
  type: "command",
  inputs,
  outputs,
});

const clean = component(
  "clean",
  { rows: { type: "uri_file" }, deep: { type: "integer", default: 1 } },
  { tidy: { type: "uri_folder" }, count: { type: "integer" } },
);
const train = component(
  "train",
  { rows: { type: "mltable" }, rate: { type: "number" }, note: { type: "string", optional: true } },
  { model: { type: "mlflow_model" } },
);

const catalogue: Catalogue = {
  components: new Map([clean, train].map((facts) => [facts.reference, facts])),
  computes: [],
  datastores: [],
  data: [],
  models: [],
  environments: [],
};

const draft = readDraft(`type: pipeline
inputs:
  rows: {type: uri_folder, path: ./rows}
  where: azureml://datastores/a/paths/b
  word: hello
outputs:
  kept: {type: uri_folder}
jobs:
  clean:
    component: azureml:clean:1
  train:
    component: azureml:train:1
    inputs:
      rows: \${{parent.jobs.clean.outputs.tidy}}
  later:
    component: azureml:train:1
    inputs:
      rows: \${{parent.jobs.train.outputs.model}}
  own:
    command: echo \${{inputs.x}}
    inputs: {x: 1}
    outputs: {said: {}}
  strange:
    component: azureml:strange:7
  round:
    type: do_while
    body: \${{parent.jobs.clean}}
  each:
    type: parallel_for
    body: \${{parent.jobs.own}}
    items: "[]"
`);

const out = (step: string, output: string): WireEnd => ({ kind: "step-output", step, output });
const into = (step: string, input: string): WireEnd => ({ kind: "step-input", step, input });
const given = (input: string): WireEnd => ({ kind: "pipeline-input", scope: "", input });
const kept: WireEnd = { kind: "pipeline-output", scope: "", output: "kept" };
const may = (from: WireEnd, to: WireEnd) => canConnect(draft, from, to, catalogue);
const reason = (from: WireEnd, to: WireEnd) => {
  const found = may(from, to);
  return found.ok ? null : found.reason;
};

describe("fitOf", () => {
  it("follows the server: data fits data, everything written fits a text, a whole number fits a number", () => {
    expect(fitOf("uri_file", "mltable")).toBe("tolerated");
    expect(fitOf("boolean", "string")).toBe("tolerated");
    expect(fitOf("integer", "number")).toBe("yes");
    expect(fitOf("number", "integer")).toBe("no");
    expect(fitOf("string", "uri_file")).toBe("no");
    expect(fitOf("uri_folder", "string")).toBe("no");
    expect(fitOf(null, "mltable")).toBe("yes");
  });
});

describe("canConnect", () => {
  it("joins what fits, with a remark where only Azure's tolerance lets it", () => {
    expect(may(out("clean", "tidy"), into("own", "x"))).toMatchObject({ ok: false });
    expect(may(out("clean", "count"), into("train", "rate"))).toEqual({ ok: true, remark: null });
    expect(may(out("clean", "tidy"), into("train", "rows"))).toEqual({
      ok: true,
      remark: "needs `mltable`, this is `uri_folder`",
    });
    expect(may(given("where"), into("train", "rows"))).toEqual({ ok: true, remark: null });
    expect(may(out("clean", "tidy"), kept)).toEqual({ ok: true, remark: null });
    expect(may(out("own", "said"), into("own", "new"))).toMatchObject({ ok: false });
    expect(may(out("own", "said"), into("train", "rows"))).toMatchObject({ ok: true });
  });

  it("says why not", () => {
    expect(reason(out("train", "model"), into("train", "rows"))).toBe("a step cannot read what it writes itself");
    expect(reason(out("clean", "tidy"), into("train", "rate"))).toBe("needs `number`, this is `uri_folder`");
    expect(reason(given("word"), into("train", "rows"))).toBe("needs `mltable`, this is `string`");
    expect(reason(out("later", "model"), into("clean", "rows"))).toBe(
      "these steps would wait for each other: round → train → later → round",
    );
    expect(reason(out("later", "model"), into("train", "rows"))).toBe(
      "these steps would wait for each other: train → later → train",
    );
    expect(reason(out("strange", "x"), into("train", "rows"))).toBe(
      "the component `azureml:strange:7` is not known here, so that nobody knows its outputs",
    );
    expect(reason(out("clean", "nothing"), into("train", "rows"))).toBe("`clean` has no output `nothing`");
    expect(reason(out("gone", "x"), into("train", "rows"))).toBe("there is no step `gone`");
    expect(reason(given("rows"), kept)).toContain("only what a step writes");
    expect(reason(into("train", "rows"), kept)).toContain("begins at an output");
  });

  it("answers for all ends at once as for each alone", () => {
    for (const end of [out("train", "model"), into("clean", "rows"), given("rows"), kept]) {
      const isSource = end.kind === "step-output" || end.kind === "pipeline-input";
      const candidates = candidatesOf(draft, end, catalogue);

      expect(candidates.length).toBeGreaterThan(3);
      for (const { end: other, connection } of candidates) {
        const [from, to] = isSource ? [end, other] : [other, end];
        expect([other, connection.ok]).toEqual([other, may(from, to).ok]);
      }
    }
  });
});

describe("portsOf", () => {
  const ports = (key: string) => {
    const step = draft.pipeline.byKey.get(key);
    return step === undefined ? null : portsOf(step, draft, catalogue);
  };

  it("tells what is declared, what is lacking, and what only the text has", () => {
    expect(ports("train")?.inputs.map(({ name, isLacking }) => [name, isLacking])).toEqual([
      ["rows", false],
      ["rate", true],
      ["note", false],
    ]);
    expect(ports("own")).toMatchObject({
      isKnown: false,
      inputs: [{ name: "x", type: "integer" }],
      outputs: [{ name: "said", type: "uri_folder" }],
    });
  });

  it("gives a step that repeats another that one's outputs", () => {
    expect(ports("round")?.outputs.map(({ name, type }) => [name, type])).toEqual([
      ["tidy", "uri_folder"],
      ["count", "integer"],
    ]);
    expect(ports("each")?.outputs).toMatchObject([{ name: "said", type: "mltable" }]);
  });
});

describe("what fits a wire that is dragged to where nothing is", () => {
  it("comes with the ports that it could join, just the right type first", () => {
    const found = fittingComponents([train, clean], draft, given("rows"), catalogue);

    expect(found.map(({ facts, ports }) => [facts.name, ports])).toEqual([
      ["train", ["rows"]],
      ["clean", ["rows"]],
    ]);
    expect(
      fittingComponents([train, clean], draft, into("train", "rate"), catalogue).map(({ facts, ports }) => [
        facts.name,
        ports,
      ]),
    ).toEqual([["clean", ["count"]]]);
  });
});

describe("upgradeOf", () => {
  it("tells what the version changes, and what this step would lose and lack", () => {
    const step = draft.pipeline.byKey.get("train");
    const after = { inputs: { table: { type: "mltable" } }, outputs: {} };
    const found = step === undefined ? null : upgradeOf(step, train, after);

    expect(found).toMatchObject({ lostInputs: ["rows"], lostOutputs: [], missingInputs: ["table"] });
    expect(found?.remarks.map(({ text }) => text)).toContain("output model is gone");
    expect(found?.remarks.map(({ text }) => text)).toContain("what this step gives to rows is taken away");
  });
});
