import { expect, it } from "vitest";
import { edge, graphOf, START_MS, step, time } from "../testing";
import { criticalPath, timelineOf } from "./timeline";

const ran = (key: string, from: number, to: number) =>
  step(key, { started_at: time(from), ended_at: time(to), label: "Completed" });

it("phases follow each other up to the end", () => {
  const one = step("a", {
    started_at: time(30),
    ended_at: time(100),
    phases: { queued: time(0), preparing: time(10), running: time(30), finalizing: time(90), completed: time(100) },
  });
  const [bar] = timelineOf(graphOf([one]), START_MS).bars;

  expect(bar?.phases.map((phase) => [phase.name, phase.fromMs - START_MS, phase.toMs - START_MS])).toEqual([
    ["queued", 0, 10],
    ["preparing", 10, 30],
    ["running", 30, 90],
    ["finalizing", 90, 100],
  ]);
});

it("what still runs reaches to now", () => {
  const one = step("a", { started_at: time(0), phases: { running: time(0) } });

  expect(timelineOf(graphOf([one]), START_MS + 500).toMs).toBe(START_MS + 500);
});

it("steps that never began have no bar", () => {
  expect(timelineOf(graphOf([step("a")]), START_MS).bars).toEqual([]);
});

it("the critical path is what the last step waited for, link by link", () => {
  const graph = graphOf(
    [ran("fast", 0, 10), ran("slow", 0, 50), ran("join", 50, 80), ran("aside", 0, 70)],
    [edge("fast", "join"), edge("slow", "join")],
  );

  expect([...criticalPath(graph, START_MS)].sort()).toEqual(["join", "slow"]);
});
