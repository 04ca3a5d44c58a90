import { describe, expect, it } from "vitest";
import type { Catalogue, ComponentFacts, Schema } from "./catalogue";
import { completionsAt } from "./complete";
import { hoverAt } from "./hover";
import { readDraft } from "./read";
import { fieldsAt, schemaOfPipeline, valuesAt } from "./schema";

const train: ComponentFacts = {
  reference: "azureml:train:2",
  name: "train",
  version: "2",
  type: "command",
  displayName: "Train",
  description: "Learns.",
  inputs: {
    rows: { type: "uri_folder", description: "What it learns from." },
    rate: { type: "number", min: 0, max: 1, default: 0.1 },
    rule: { type: "string", enum: ["fast", "slow"] },
  },
  outputs: { model: { type: "mlflow_model" } },
  versions: ["2", "1"],
};

const catalogue: Catalogue = {
  components: new Map([["azureml:train:2", train]]),
  computes: ["cpu-cluster", "gpu"],
  datastores: ["workspaceblobstore"],
  data: ["azureml:flowers:1"],
  models: [],
  environments: ["azureml:python:3"],
};

const schema: Schema = {
  properties: {
    type: { enum: ["pipeline"], description: "The kind of job." },
    settings: { $ref: "#/$defs/settings" },
    jobs: { additionalProperties: { anyOf: [{ $ref: "#/$defs/step" }] } },
  },
  required: ["jobs"],
  $defs: {
    settings: {
      properties: {
        default_compute: { type: "string" },
        force_rerun: { type: "boolean", default: false, description: "Run every step." },
      },
    },
    step: {
      properties: { component: {}, compute: { type: "string", description: "Where it runs." }, limits: {} },
      required: ["component"],
    },
  },
};

const TEXT = `type: pipeline
inputs:
  folder:
    type: uri_folder
    path: ./data
  speed: 3
jobs:
  first:
    component: azureml:train:2
    inputs:
      rows: \${{parent.inputs.folder}}
      rule: fast
  second:
    component: azureml:train:2
    inputs:
      |
settings:
  force_rerun: false
`;

/** What is offered where `|` stands in a text. */
function at(text: string): string[] {
  const offset = text.indexOf("|");
  const plain = text.replace("|", "");
  const found = completionsAt(plain, offset, readDraft(TEXT.replace("|", "")), catalogue, schema);
  return found?.items.map((item) => item.label) ?? [];
}

const withLine = (line: string): string => TEXT.replace("|", line);

describe("completionsAt", () => {
  it("offers the inputs that a step does not give yet, those that it has to give first", () => {
    expect(at(TEXT)).toEqual(["rows", "rule", "rate"]);
    expect(at(withLine("rate: 1\n      r|"))).toEqual(["rows", "rule"]);
  });

  it("offers what fits an input, its own values first", () => {
    expect(at(withLine("rule: |"))[0]).toBe("fast");
    expect(at(withLine("rows: |"))).toEqual([
      "${{parent.inputs.folder}}",
      "${{parent.jobs.first.outputs.model}}",
      "azureml:flowers:1",
    ]);
  });

  it("goes on with an expression that was begun, and closes it", () => {
    const text = withLine("rows: ${{parent.jobs.|").replace("|", "");
    const offset = text.indexOf("parent.jobs.\n") + "parent.jobs.".length;

    expect(completionsAt(text, offset, readDraft(TEXT.replace("|", "")), catalogue, schema)).toEqual({
      from: offset - "parent.jobs.".length,
      to: offset,
      items: [
        {
          label: "parent.jobs.first.outputs.model",
          insert: "parent.jobs.first.outputs.model}}",
          detail: "mlflow_model",
        },
      ],
    });
  });

  it("offers components, and the versions of one behind its name", () => {
    const typed = (value: string) =>
      TEXT.replace("|", "").replace(
        "component: azureml:train:2\n    inputs:\n      rows",
        `component: ${value}\n    inputs:\n      rows`,
      );

    expect(at(typed("tr|"))).toEqual(["azureml:train:2"]);
    expect(at(typed("azureml:train:|"))).toEqual(["azureml:train:2", "azureml:train:1"]);
  });

  it("offers computes, fields and values of the schema where these belong", () => {
    expect(at(TEXT.replace("|", "").replace("  force_rerun: false", "  default_compute: c|"))).toEqual(["cpu-cluster"]);
    expect(at(TEXT.replace("|", "").replace("  force_rerun: false", "  force_rerun: |"))).toEqual(["true", "false"]);
    expect(at(TEXT.replace("|", "").replace("  second:\n", "  second:\n    com|\n"))).toEqual(["compute"]);
    expect(at(`s|`)).toEqual(["settings", "jobs"]);
  });

  it("offers names of steps to what names steps", () => {
    expect(at(TEXT.replace("|", "").replace("  second:\n", "  second:\n    depends_on: |\n"))).toEqual(["first"]);
    expect(at(TEXT.replace("|", "").replace("  second:\n", "  second:\n    depends_on:\n      - |\n"))).toEqual([
      "first",
    ]);
  });
});

describe("completionsAt between brackets", () => {
  /** What is offered in the second step, written in brackets. */
  const inSecond = (flow: string): string[] =>
    at(TEXT.replace("|", "").replace(/ {2}second:\n.*\n.*\n\s*\n/, `  second: ${flow}\n`));
  /** The whole text of the step after the first thing that is offered was taken. */
  const taken = (flow: string): string | undefined => {
    const text = TEXT.replace("|", "").replace(/ {2}second:\n.*\n.*\n\s*\n/, `  second: ${flow}\n`);
    const offset = text.indexOf("|");
    const plain = text.replace("|", "");
    const found = completionsAt(plain, offset, readDraft(TEXT.replace("|", "")), catalogue, schema);
    const [first] = found?.items ?? [];
    return first === undefined || found === null
      ? undefined
      : (plain.slice(0, found.from) + first.insert + plain.slice(found.to)).match(
          / {2}second: ([\s\S]*)\nsettings/,
        )?.[1];
  };

  it("offers keys that are not written yet, before and behind the cursor", () => {
    expect(inSecond("{|}")).toEqual(["component", "compute", "limits"]);
    expect(inSecond("{|, compute: azureml:gpu}")).toEqual(["component", "limits"]);
    expect(inSecond("{compute: azureml:gpu, com|")).toEqual(["component"]);
    expect(inSecond("{\n    compute: azureml:gpu, # a, b: {\n    |\n  }")).toEqual(["component", "limits"]);
    expect(taken("{com|}")).toBe("{component: }");
    expect(taken('{"com|": azureml:train:2}')).toBe('{"component": azureml:train:2}');
  });

  it("offers the inputs of the component that is written beside them", () => {
    expect(inSecond("{component: azureml:train:2, inputs: {|}}")).toEqual(["rows", "rule", "rate"]);
    expect(inSecond("{inputs: {rule: 'fast', |}, component: azureml:train:2}")).toEqual(["rows", "rate"]);
    expect(inSecond('{"component":"azureml:train:2","inputs":{"rule":|')[0]).toBe("fast");
    expect(at(withLine("rate: 1").replace("inputs:\n      rate: 1", "inputs: {rate: 1, r|}"))).toEqual([
      "rows",
      "rule",
    ]);
  });

  it("offers values: components, versions, computes, those of the schema", () => {
    expect(inSecond("{component: tr|}")).toEqual(["azureml:train:2"]);
    expect(inSecond("{component: azureml:train:|}")).toEqual(["azureml:train:2", "azureml:train:1"]);
    expect(taken("{compute: c|, component: x}")).toBe("{compute: azureml:cpu-cluster, component: x}");
    expect(taken("{compute:|}")).toBe("{compute: azureml:cpu-cluster}");
    expect(at(TEXT.replace("|", "").replace("settings:\n  force_rerun: false", "settings: {force_rerun: |}"))).toEqual([
      "true",
      "false",
    ]);
    expect(inSecond("{depends_on: [|]}")).toEqual(["first"]);
    expect(inSecond("{depends_on: [x, fi|")).toEqual(["first"]);
  });

  it("puts an expression in quotes, which between brackets it needs", () => {
    const own = '"${{parent.jobs.first.outputs.model}}"';
    const head = "{component: azureml:train:2, inputs: {rows:";
    for (const typed of ["${{parent.jobs|}}", "${{parent.jobs|}}}}", "${{parent.jobs|", '"${{parent.jobs|"}}']) {
      expect(taken(`${head} ${typed}`)?.startsWith(`${head} ${own}`)).toBe(true);
    }
    expect(taken(`${head} \${{parent.jobs|}}`)).toBe(`${head} ${own}}}`);
    expect(taken(`${head} \${{parent.jobs|}}}}`)).toBe(`${head} ${own}}}`);
    expect(taken(`${head} par|}}`)).toBe(`${head} "\${{parent.inputs.folder}}"}}`);
  });

  it("is at an end where the brackets are, or another key begins as far left", () => {
    expect(inSecond("{component: azureml:train:2}\n  third:\n    com|")).toEqual(["component", "compute"]);
    expect(inSecond("{component: azureml:train:2, inputs: {\n  third:\n    com|")).toEqual(["component", "compute"]);
    expect(inSecond("\n    command: |-\n      echo {a, [\n    com~".replace("|-", ">").replace("~", "|"))).toEqual([
      "component",
      "compute",
    ]);
    expect(inSecond("{command: 'a {b [c', com|}")).toEqual(["component", "compute"]);
  });
});

it("offers the fields of the kind that a step is", () => {
  const fields = (...names: string[]): Schema => ({ properties: Object.fromEntries(names.map((name) => [name, {}])) });
  const whole = schemaOfPipeline({
    ...fields("jobs"),
    $defs: {
      step: { title: "step", ...fields("component", "compute"), required: ["component"] },
      "inline step": { title: "inline step", ...fields("command", "compute") },
      "if_else step": { title: "if_else step", ...fields("condition", "type") },
    },
  });
  const offered = (text: string) =>
    completionsAt(text, text.length, readDraft("jobs: {}"), catalogue, whole)?.items.map(({ label }) => label);

  expect(offered("jobs:\n  a:\n    ")).toEqual(["component", "compute", "command"]);
  expect(offered("jobs:\n  a:\n    type: if_else\n    ")).toEqual(["condition"]);
  expect(offered("jobs:\n  a:\n    type: if")).toEqual(["if_else"]);
});

describe("hoverAt", () => {
  const plain = TEXT.replace("|", "");
  const hover = (word: string, by = 1) => hoverAt(plain, plain.indexOf(word) + by, readDraft(plain), catalogue, schema);

  it("tells of a component, a port, an expression and a field", () => {
    expect(hover("azureml:train:2")).toMatchObject({
      title: "Train 2",
      lines: ["Learns.", expect.stringContaining("rows (uri_folder)"), "Outputs: model (mlflow_model)"],
    });
    expect(hover("rule: fast")).toMatchObject({ title: "Input rule", lines: ["string", "One of fast, slow"] });
    expect(hover("parent.inputs.folder", 8)).toMatchObject({
      title: "Input folder of the pipeline",
      lines: ["uri_folder", "Now ./data"],
    });
    expect(hover("force_rerun")).toMatchObject({
      title: "force_rerun",
      lines: ["Run every step.", "Takes boolean", "If left out: false"],
    });
    expect(hover("folder:")).toBeNull();
  });

  it("tells of what stands between brackets, too", () => {
    const text = "jobs:\n  first: {component: azureml:train:2, inputs: {rule: fast}}\nsettings: {force_rerun: true}\n";
    const told = (word: string) => hoverAt(text, text.indexOf(word) + 1, readDraft(text), catalogue, schema)?.title;

    expect(told("azureml:train:2")).toBe("Train 2");
    expect(told("rule")).toBe("Input rule");
    expect(told("force_rerun")).toBe("force_rerun");
  });
});

describe("schemaOfPipeline", () => {
  const text = (words: string) => ({ description: "x", "x-type": words });
  const whole = schemaOfPipeline({
    properties: { jobs: text("mapping of steps"), settings: text("mapping") },
    $defs: {
      settings: { properties: { force_rerun: text("true or false"), default_compute: text("name of a compute") } },
      step: { properties: { limits: text("mapping"), inputs: text("mapping"), queue_settings: text("mapping") } },
      limits: { properties: { timeout: text("seconds") } },
      queue_settings: { properties: { priority: text("low, medium or high") } },
      input: { properties: { mode: text("text"), path: text("path, URI or reference") } },
    },
  });
  const fields = (...path: string[]) => fieldsAt(whole, path).map(({ name }) => name);

  it("puts the kinds that the server describes into one another", () => {
    expect(fields()).toEqual(["jobs", "settings"]);
    expect(fields("jobs", "any")).toEqual(["limits", "inputs", "queue_settings"]);
    expect(fields("jobs", "any", "limits")).toEqual(["timeout"]);
    expect(fields("jobs", "any", "inputs", "rows")).toEqual(["mode", "path"]);
  });

  it("finds the values in the words for a type", () => {
    expect(valuesAt(whole, ["settings", "force_rerun"])).toEqual([true, false]);
    expect(valuesAt(whole, ["jobs", "a", "queue_settings", "priority"])).toEqual(["low", "medium", "high"]);
    expect(valuesAt(whole, ["jobs", "a", "inputs", "b", "path"])).toEqual([]);
  });
});
