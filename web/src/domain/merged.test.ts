import { describe, expect, it } from "vitest";
import { edge, graphOf, step } from "../testing";
import type { JobGraph } from "./job";
import {
  changesOfWires,
  changeWithin,
  countChanges,
  differingValue,
  differingWords,
  type Merged,
  mergedGraph,
  mergedName,
  type Pairing,
  wireKey,
} from "./merged";
import { pictureOf } from "./picture";

/** As the server pairs: by place, but for what is said to be renamed (`{name in A: name in B}`). */
function pairing(a: JobGraph, b: JobGraph, renamed: Record<string, string> = {}, more: Partial<Pairing> = {}): Pairing {
  const inB = new Set(b.steps.map((one) => one.key));
  const back = new Map(Object.entries(renamed).map(([ours, theirs]) => [theirs, ours]));
  const nameOf = (key: string) => back.get(key) ?? key;
  const inA = new Set(a.steps.map((one) => one.key));
  const row = (key: string, before: string | null, after: string | null, change: string) => ({
    key,
    before,
    after,
    change,
    differences: [],
  });
  const words = (graph: JobGraph, named: (key: string) => string) =>
    graph.edges.map((one) => ({ ...one, from: named(one.from), to: named(one.to) }));
  const ours = words(a, (key) => key);
  const theirs = words(b, nameOf);
  const has = (edges: typeof ours, one: (typeof ours)[number]) =>
    edges.some((other) => other.from === one.from && other.to === one.to);
  return {
    steps: [
      ...a.steps.map(({ key }) => {
        const after = renamed[key] ?? (inB.has(key) ? key : null);
        return row(key, key, after, after === null ? "removed" : after === key ? "same" : "changed");
      }),
      ...b.steps.filter(({ key }) => !inA.has(nameOf(key))).map(({ key }) => row(nameOf(key), null, key, "added")),
    ],
    edges: [
      ...ours.map((one) => ({ ...one, change: has(theirs, one) ? "same" : "removed" })),
      ...theirs.filter((one) => !has(ours, one)).map((one) => ({ ...one, change: "added" })),
    ],
    order: [],
    inputs: [],
    outputs: [],
    ...more,
  };
}

const changesOf = (merged: Merged) => Object.fromEntries([...merged.steps].map(([key, one]) => [key, one.change]));
const wiresOf = (merged: Merged, open: string[] = []) => Object.fromEntries(changesOfWires(merged, new Set(open)));

describe("two graphs over one another", () => {
  const a = graphOf([step("load"), step("fit"), step("old")], [edge("load", "fit"), edge("load", "old")]);
  const b = graphOf([step("load"), step("fit"), step("new")], [edge("load", "fit"), edge("fit", "new")]);

  it("hold every step and line of both, each said to be in one or in both", () => {
    const merged = mergedGraph(a, b, pairing(a, b));

    expect(changesOf(merged)).toEqual({ load: "same", fit: "same", old: "removed", new: "added" });
    expect(wiresOf(merged)).toEqual({
      [wireKey("load", "fit")]: "same",
      [wireKey("load", "old")]: "removed",
      [wireKey("fit", "new")]: "added",
    });
    expect([...pictureOf(merged.graph, new Set()).places.keys()].sort()).toEqual(["fit", "load", "new", "old"]);
    expect(countChanges(merged.steps.values())).toEqual({ removed: 1, added: 1, changed: 0, same: 2 });
  });

  it("know both sides of a step, and show it as it is in B", () => {
    const later = graphOf([step("fit", { label: "Failed", name: "b-fit" })]);
    const earlier = graphOf([step("fit", { label: "Completed", name: "a-fit" })]);
    const merged = mergedGraph(earlier, later, pairing(earlier, later));

    expect(merged.steps.get("fit")?.before?.name).toBe("a-fit");
    expect(merged.graph.steps[0]?.name).toBe("b-fit");
  });

  it("keep a step that was renamed as one, under both names", () => {
    const one = graphOf([step("load"), step("fit")], [edge("load", "fit")]);
    const two = graphOf([step("fetch"), step("fit")], [edge("fetch", "fit")]);
    const merged = mergedGraph(one, two, pairing(one, two, { load: "fetch" }));
    const load = merged.steps.get("load");

    expect(changesOf(merged)).toEqual({ load: "changed", fit: "same" });
    expect(load && mergedName(load)).toBe("load → fetch");
    expect(load && differingWords(load)).toEqual(["name"]);
    expect(wiresOf(merged)).toEqual({ [wireKey("load", "fit")]: "same" });
  });

  it("leave a renamed step that nobody recognised as one that went and one that came", () => {
    const one = graphOf([step("load")]);
    const two = graphOf([step("fetch")]);

    expect(changesOf(mergedGraph(one, two, pairing(one, two)))).toEqual({ load: "removed", fetch: "added" });
  });

  it("may go in rings together though neither does alone", () => {
    const one = graphOf([step("x"), step("y")], [edge("x", "y")]);
    const two = graphOf([step("x"), step("y")], [edge("y", "x")]);
    const merged = mergedGraph(one, two, pairing(one, two));

    expect(pictureOf(merged.graph, new Set()).wires).toHaveLength(2);
    expect(wiresOf(merged)).toEqual({ [wireKey("x", "y")]: "removed", [wireKey("y", "x")]: "added" });
  });
});

describe("nested pipelines of two jobs", () => {
  const group = (key: string) => step(key, { kind: "pipeline" });
  const a = graphOf([group("prep"), step("prep/split"), step("prep/drop"), step("end")], [edge("prep/split", "end")]);
  const b = graphOf([group("ready"), step("ready/split"), step("ready/add"), step("end")], [edge("ready/add", "end")]);
  const renamed = { prep: "ready", "prep/split": "ready/split" };
  const pairs = pairing(a, b, renamed);
  const merged = mergedGraph(a, b, {
    ...pairs,
    steps: pairs.steps.map((one) =>
      one.after === "ready/add"
        ? { ...one, key: "prep/add" }
        : one.key === "prep/split"
          ? { ...one, change: "same" }
          : one,
    ),
    edges: pairs.edges.map((one) => (one.from === "ready/add" ? { ...one, from: "prep/add" } : one)),
  });

  it("are one frame, with the steps of both in it", () => {
    expect(changesOf(merged)).toEqual({
      prep: "changed",
      "prep/split": "same",
      "prep/drop": "removed",
      "prep/add": "added",
      end: "same",
    });
    expect(pictureOf(merged.graph, new Set(["prep"])).places.get("prep")?.kind).toBe("frame");
  });

  it("are a card while they are closed, whose lines are what is in them together", () => {
    expect(wiresOf(merged)).toEqual({ [wireKey("prep", "end")]: "changed" });
    expect(wiresOf(merged, ["prep"])).toEqual({
      [wireKey("prep/split", "end")]: "removed",
      [wireKey("prep/add", "end")]: "added",
    });
  });

  it("say on their closed card that something in them differs", () => {
    const outer = { ...(merged.steps.get("prep") as never as object), change: "same", key: "prep" } as never;

    expect(changeWithin(outer, merged.steps.values())).toBe("changed");
  });

  it("are drawn as pipelines also where the other job has a single step", () => {
    const one = graphOf([step("fit")]);
    const two = graphOf([group("fit"), step("fit/part")]);

    expect(mergedGraph(one, two, pairing(one, two)).graph.steps[0]?.kind).toBe("pipeline");
    expect(mergedGraph(two, one, pairing(two, one)).graph.steps[0]?.kind).toBe("pipeline");
  });
});

describe("control nodes of two jobs", () => {
  it("are compared with what they choose: lines without data count too", () => {
    const a = graphOf([step("if", { kind: "if_else" }), step("yes")]);
    const b = graphOf([step("if", { kind: "if_else" }), step("yes"), step("no")]);
    const order = [
      { from: "if", to: "yes", change: "same" },
      { from: "if", to: "no", change: "added" },
    ];
    const merged = mergedGraph(a, b, pairing(a, b, {}, { order }));

    expect(wiresOf(merged)).toEqual({ [wireKey("if", "yes")]: "same", [wireKey("if", "no")]: "added" });
    expect(pictureOf(merged.graph, new Set()).wires).toHaveLength(2);
  });
});

describe("inputs and outputs of two jobs", () => {
  const reads = (key: string, path: string) => step(key, { inputs: [{ name: "data", path }] });

  it("are the same input by its name, whatever place it stands for", () => {
    const a = graphOf([reads("fit", "one")], [], { inputs: [{ name: "raw", path: "one" }] });
    const b = graphOf([reads("fit", "two"), reads("more", "two")], [], { inputs: [{ name: "raw", path: "two" }] });
    const inputs = [{ name: "raw", values: ["one", "two"], change: "changed" }];
    const merged = mergedGraph(a, b, pairing(a, b, {}, { inputs }));

    expect(merged.ports.get("input:raw")?.change).toBe("changed");
    expect(wiresOf(merged)).toEqual({ [wireKey("input:raw", "fit")]: "same", [wireKey("input:raw", "more")]: "added" });
    expect(pictureOf(merged.graph, new Set()).places.get("input:raw")?.kind).toBe("input");
  });

  it("have two lines to an output that another step writes", () => {
    const out = (node: string) => ({ outputs: [{ name: "model", source: { job: "j", node, output: "out" } }] });
    const a = graphOf([step("x"), step("y")], [], out("x"));
    const b = graphOf([step("x"), step("y")], [], out("y"));
    const merged = mergedGraph(a, b, pairing(a, b));

    expect(wiresOf(merged)).toEqual({
      [wireKey("x", "output:model")]: "removed",
      [wireKey("y", "output:model")]: "added",
    });
    expect(pictureOf(merged.graph, new Set()).wires).toHaveLength(2);
  });
});

describe("values that differ", () => {
  it("are said as people write them", () => {
    expect(differingValue("azureml:fit:2")).toBe("fit:2");
    expect(differingValue("azureml:azureml_anonymous:0123456789abcdef")).toBe("not registered (01234567)");
    expect(differingValue(0.5)).toBe("0.5");
    expect(differingValue(null)).toBe("–");
  });
});
