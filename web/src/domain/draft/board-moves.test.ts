import { describe, expect, it } from "vitest";
import { NO_CATALOGUE } from "../../testing";
import { boardOf } from "./board";
import { alignedOn, dragged, framesAt, movedBy, placeIn, stepsTouched } from "./board-moves";
import type { Positions } from "./positions";
import { readDraft } from "./read";
import { endKey } from "./spots";

const DRAFT = readDraft(`type: pipeline
jobs:
  first: {type: command, command: x, outputs: {out: {type: uri_folder}}}
  group:
    type: pipeline
    component:
      inputs: {table: {type: uri_folder}}
      outputs: {model: {type: uri_folder}}
      jobs:
        split:
          type: command
          command: x
          inputs: {table: "\${{parent.inputs.table}}"}
          outputs: {part: {type: uri_folder}}
        deep:
          type: pipeline
          component: {jobs: {fit: {type: command, command: x}}}
        train:
          type: command
          command: x
          inputs: {part: "\${{parent.jobs.split.outputs.part}}"}
          outputs: {model: "\${{parent.outputs.model}}"}
    inputs: {table: "\${{parent.jobs.first.outputs.out}}"}
    outputs: {model: {type: uri_folder}}
  last: {type: command, command: x, inputs: {model: "\${{parent.jobs.group.outputs.model}}"}}
`);
const OPEN = new Set(["group", "group/deep"]);
const NONE: ReadonlySet<string> = new Set();
const board = (positions: Positions = {}, open: ReadonlySet<string> = OPEN) =>
  boardOf(DRAFT, "", positions, NO_CATALOGUE, open);
type Board = ReturnType<typeof board>;

const place = (of: Board, key: string) => of.picture.places.get(key) ?? { x: -1, y: -1, width: 0, height: 0, kind: "" };
const isIn = (of: Board, key: string, frame: string): boolean => {
  const [a, b] = [place(of, key), place(of, frame)];
  return b.x < a.x && b.y < a.y && a.x + a.width < b.x + b.width && a.y + a.height < b.y + b.height;
};
const covers = (of: Board, one: string, other: string): boolean => {
  const [a, b] = [place(of, one), place(of, other)];
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
};

describe("an open pipeline", () => {
  it("is a frame around its boxes, frame in frame, between what is read and what reads it", () => {
    const now = board();

    expect(place(now, "group").kind).toBe("frame");
    for (const key of ["group/input:table", "group/split", "group/deep", "group/train", "group/output:model"]) {
      expect(isIn(now, key, "group")).toBe(true);
    }
    expect(isIn(now, "group/deep/fit", "group/deep")).toBe(true);
    expect([covers(now, "group", "first"), covers(now, "group", "last")]).toEqual([false, false]);
  });

  it("has its ports on the frame, and leads from them to its inputs and from its outputs to them", () => {
    const now = board();
    const port = now.ports.get("group")?.find(({ end }) => endKey(end) === "in|group|table");
    const inner = now.picture.wires.find(({ to }) => to === "group/input:table");
    const outer = now.picture.wires.find(({ from, to }) => from === "first" && to === "group");

    expect(port?.y).toBe(place(now, "group").y);
    expect(inner?.points[0]).toEqual({ x: port?.x, y: port?.y });
    expect(outer?.points.at(-1)).toEqual({ x: port?.x, y: port?.y });
    expect(now.picture.wires.some(({ from, to }) => from === "group/output:model" && to === "group")).toBe(true);
  });

  it("is one card again when it is closed, and has its boxes where they were when it is opened once more", () => {
    const moved = movedBy(board(), {}, ["group/split"], { x: 70, y: 10 });
    const closed = board(moved, NONE);

    expect([place(closed, "group").kind, closed.picture.places.has("group/split")]).toEqual(["card", false]);
    expect(board(moved).corners["group/split"]).toEqual(moved["group/split"]);
  });

  it("makes way below and beside it where somebody placed the boxes while it was a card, and nowhere else", () => {
    const placed = { first: { x: 0, y: 0 }, group: { x: 0, y: 100 }, last: { x: 0, y: 200 } };
    const now = board(placed);

    expect(now.corners.first).toEqual(placed.first);
    expect([covers(now, "group", "last"), covers(now, "group", "first")]).toEqual([false, false]);
    expect(board(placed, NONE).corners).toEqual(placed);
    const beside = board({ ...placed, last: { x: 240, y: 110 } });
    expect([covers(beside, "group", "last"), beside.corners.last?.y]).toEqual([false, 110]);
  });

  it("carries what is in it when it is dragged, and grows where a box in it goes", () => {
    const before = board();
    const by = { x: 100, y: -20 };
    const now = dragged(before, ["group"], by);
    const after = board(movedBy(before, {}, ["group", "group/split"], by));
    // Around it all have their places, so that nothing is laid out anew.
    const held = movedBy(before, movedBy(before, {}, ["first"], by), ["group/split"], { x: -500, y: 0 });
    const left = board(held);

    expect(place(now, "group/deep/fit").x).toBe(place(before, "group/deep/fit").x + 100);
    expect(place(after, "group/split").x - place(after, "group").x).toBe(
      place(before, "group/split").x - place(before, "group").x,
    );
    expect(isIn(left, "group/split", "group")).toBe(true);
    expect(place(left, "group/train").x).toBe(place(before, "group/train").x);
  });

  it("is as large as what it holds, wherever that stands as that pipeline counts", () => {
    const far = {
      "group/split": { x: 900, y: 700 },
      "group/train": { x: 900, y: 800 },
      "group/deep": { x: 1200, y: 700 },
    };
    const data = { "group/input:table": { x: 900, y: 600 }, "group/output:model": { x: 900, y: 900 } };
    const now = board({ ...board().corners, ...far, ...data });
    const group = place(now, "group");

    expect([group.x, group.y]).toEqual([board().corners.group?.x, board().corners.group?.y]);
    expect(group.width).toBeLessThan(800);
    expect(isIn(now, "group/split", "group")).toBe(true);
  });

  it("keeps places apart: moving a box in it gives none to the boxes around it", () => {
    expect(Object.keys(movedBy(board(), {}, ["group/split"], { x: 1, y: 1 })).sort()).toEqual([
      "group/deep",
      "group/input:table",
      "group/output:model",
      "group/split",
      "group/train",
    ]);
  });
});

describe("a place on the board", () => {
  it("is in the innermost frame that is there, and counted as that one counts", () => {
    const now = board();
    const fit = place(now, "group/deep/fit");
    const at = { x: fit.x + 5, y: fit.y + 5 };

    expect(framesAt(now, at)).toEqual(["group/deep", "group"]);
    expect(framesAt(now, { x: place(now, "first").x, y: place(now, "first").y })).toEqual([]);
    const free = placeIn(now, "group/deep", { x: fit.x, y: fit.y + 100 }, { width: 10, height: 10 });
    expect(free).toEqual({ x: now.corners["group/deep/fit"]?.x, y: (now.corners["group/deep/fit"]?.y ?? 0) + 100 });
  });

  it("is aligned as it is seen, in whichever pipelines the boxes are", () => {
    const now = board(alignedOn(board(), {}, ["group/split", "first"], "left"));

    expect(place(now, "group/split").x).toBe(place(now, "first").x);
  });
});

describe("an area drawn over the board", () => {
  const all = { x: -1e4, y: -1e4, width: 1e5, height: 1e5 };

  it("takes the steps that it touches, of a frame those inside, and the frame where it holds all of it", () => {
    const now = board();
    const { x, y } = place(now, "group/split");

    expect(stepsTouched(now, { x: x - 2, y: y - 2, width: 4, height: 4 }, NONE)).toEqual(["group/split"]);
    expect(stepsTouched(now, all, NONE)).toEqual(["first", "group", "last"]);
    expect(stepsTouched(now, { x: x - 9, y: y - 9, width: 4, height: 4 }, NONE)).toEqual([]);
  });

  it("takes nothing of what is only shown", () => {
    const now = board();
    const inside = { ...place(now, "group"), y: place(now, "group").y + 1 };

    expect(stepsTouched(now, inside, new Set(["group", "group/deep"]))).toEqual([]);
    expect(stepsTouched(now, all, new Set(["group", "group/deep"]))).toEqual(["first", "group", "last"]);
  });
});
