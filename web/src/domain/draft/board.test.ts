import { describe, expect, it } from "vitest";
import { NO_CATALOGUE } from "../../testing";
import { boardOf } from "./board";
import { readDraft } from "./read";
import { endKey } from "./spots";

const DRAFT = readDraft(`type: pipeline
inputs: {rows: {type: uri_folder, path: ./rows}, rate: 1}
jobs:
  b:
    type: command
    command: x
    inputs: {from: "\${{parent.jobs.a.outputs.out}}", rate: 2}
  a:
    type: command
    command: x
    inputs: {rows: "\${{parent.inputs.rows}}"}
    outputs: {out: {type: uri_folder}}
  inner:
    type: pipeline
    jobs: {c: {type: command, command: x}}
`);

describe("a board", () => {
  it("has a box for each step and each input of one pipeline, what is read above what reads it", () => {
    const { picture } = boardOf(DRAFT, "", {}, NO_CATALOGUE);
    const y = (key: string) => picture.places.get(key)?.y ?? Number.NaN;

    expect([...picture.places.keys()].sort()).toEqual(["a", "b", "inner", "input:rate", "input:rows"]);
    expect([y("input:rows") < y("a"), y("a") < y("b")]).toEqual([true, true]);
  });

  it("has ports for data, and for plain values when they are wired; wires end at them", () => {
    const { picture, ports } = boardOf(DRAFT, "", {}, NO_CATALOGUE);
    const end = ports.get("b")?.find((spot) => endKey(spot.end) === "in|b|from");
    const wire = picture.wires.find(({ to }) => to === "b");

    expect(ports.get("b")?.map(({ name }) => name)).toEqual(["from"]);
    expect(wire?.points.at(-1)).toMatchObject({ x: end?.x, y: end?.y });
  });

  it("keeps what was moved where it was put, and lays out the rest", () => {
    const moved = boardOf(DRAFT, "", { a: { x: 900, y: 900 } }, NO_CATALOGUE);

    expect(moved.corners.a).toEqual({ x: 900, y: 900 });
    expect(moved.corners.b).toEqual(boardOf(DRAFT, "", {}, NO_CATALOGUE).corners.b);
  });
});
