import { describe, expect, it } from "vitest";
import {
  inOrder,
  kindWord,
  type Lineage,
  type LineageNode,
  levelText,
  lineagePicture,
  nodeName,
  widened,
} from "./lineage";

const node = (id: string, level: number, more: Partial<LineageNode> = {}): LineageNode => {
  const [kind = "", name = "", version = null] = id.split("/");
  return {
    id,
    kind,
    name,
    version,
    workspace: "default",
    registry: null,
    level,
    display_name: null,
    type: null,
    label: kind === "jobs" ? "Completed" : null,
    created_at: null,
    is_gone: false,
    has_more_above: false,
    has_more_below: false,
    ...more,
  };
};
const graph = (nodes: LineageNode[], edges: [string, string][], truncated = false): Lineage => ({
  of: nodes[0]?.id ?? "",
  nodes,
  edges: edges.map(([from, to]) => ({ from, to, names: ["inputs.x"] })),
  limit: 500,
  truncated,
});

const FIRST = graph(
  [node("models/net/1", 0), node("jobs/train", -1), node("data/raw/1", -2, { has_more_above: true })],
  [
    ["jobs/train", "models/net/1"],
    ["data/raw/1", "jobs/train"],
  ],
);

describe("lineagePicture", () => {
  it("puts what something was made of above it", () => {
    const { places, wires } = lineagePicture(FIRST);
    const top = (id: string) => places.get(id)?.y ?? Number.NaN;

    expect(top("data/raw/1")).toBeLessThan(top("jobs/train"));
    expect(top("jobs/train")).toBeLessThan(top("models/net/1"));
    expect(wires.map((wire) => wire.points.length)).toEqual([2, 2]);
  });
});

describe("widened", () => {
  const more = graph([node("data/raw/1", 0), node("jobs/fetch", -1)], [["jobs/fetch", "data/raw/1"]]);

  it("puts what was asked for later where it belongs", () => {
    const whole = widened(FIRST, [{ id: "data/raw/1", found: more }]);

    expect(whole.nodes.map(({ id, level }) => [id, level])).toEqual([
      ["models/net/1", 0],
      ["jobs/train", -1],
      ["data/raw/1", -2],
      ["jobs/fetch", -3],
    ]);
    expect(whole.edges).toHaveLength(3);
    expect(whole.truncated).toBe(false);
  });

  it("has nothing more where an answer had all of it", () => {
    const whole = widened(FIRST, [{ id: "data/raw/1", found: more }]);

    expect(whole.nodes.find(({ id }) => id === "data/raw/1")?.has_more_above).toBe(false);
  });

  it("says that something was left out wherever that was", () => {
    expect(widened(FIRST, [{ id: "data/raw/1", found: { ...more, truncated: true } }]).truncated).toBe(true);
  });

  it("leaves out what hangs on nothing any more", () => {
    expect(widened(FIRST, [{ id: "data/other/1", found: more }])).toEqual(FIRST);
  });

  it("draws a version once that is found from two sides", () => {
    const again = graph([node("jobs/train", 0), node("data/raw/1", -1)], [["data/raw/1", "jobs/train"]]);
    const whole = widened(FIRST, [{ id: "jobs/train", found: again }]);

    expect(whole.nodes).toHaveLength(3);
    expect(whole.edges).toHaveLength(2);
  });
});

describe("words", () => {
  it("name versions, jobs and outputs as people do", () => {
    expect(nodeName(node("data/raw/1", 0))).toBe("raw:1");
    expect(nodeName(node("models/net/2", 0, { registry: "team" }))).toBe("net:2 in team");
    expect(nodeName(node("jobs/calm_fox", 0, { display_name: "train" }))).toBe("train");
    expect(nodeName(node("outputs/some-step/log", 0))).toBe("log");
    expect(kindWord(node("outputs/some-step/log", 0))).toBe("output");
    expect(kindWord(node("data/raw/1", 0, { is_gone: true }))).toBe("data, deleted");
  });

  it("say where something stands", () => {
    expect([-2, -1, 0, 1].map(levelText)).toEqual([
      "2 steps before",
      "1 step before",
      "where it begins",
      "1 step after",
    ]);
    expect(inOrder(FIRST.nodes).map(({ level }) => level)).toEqual([-2, -1, 0]);
  });
});
