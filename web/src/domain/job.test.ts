import { expect, it } from "vitest";
import { graphOf, step } from "../testing";
import { countByLabel, lastPart, parentOf, withCards } from "./job";

it("cards change the steps of their own job and no other", () => {
  const graph = graphOf([step("a"), step("b")]);
  const changed = withCards(graph, [
    step("a", { label: "Running" }),
    { ...step("b", { label: "Failed" }), root: "other" },
  ]);

  expect(changed.steps.map((one) => one.label)).toEqual(["Running", "NotStarted"]);
});

it("a card of the job itself changes its head", () => {
  const graph = graphOf([step("a")]);

  expect(withCards(graph, [{ ...graph.job, label: "Completed" }]).job.label).toBe("Completed");
});

it("a graph that nothing happened to stays the same value", () => {
  const graph = graphOf([step("a")]);

  expect(withCards(graph, [])).toBe(graph);
});

it("what a card does not say of a step is kept", () => {
  const graph = graphOf([step("a", { inputs: [{ name: "data" }] })]);
  const {
    inputs: _inputs,
    outputs: _outputs,
    component: _component,
    compute: _compute,
    ...card
  } = step("a", {
    label: "Running",
  });

  expect(withCards(graph, [card]).steps[0]?.inputs).toEqual([{ name: "data" }]);
});

it("pipelines inside are not counted as steps", () => {
  const steps = [step("g", { kind: "pipeline", label: "Running" }), step("g/a", { label: "Running" }), step("g/b")];

  expect([...countByLabel(steps)]).toEqual([
    ["Running", 1],
    ["NotStarted", 1],
  ]);
});

it("a key names its pipeline and itself", () => {
  expect([parentOf("a/b/c"), parentOf("a"), lastPart("a/b/c"), lastPart("a")]).toEqual(["a/b", "", "c", "a"]);
});
