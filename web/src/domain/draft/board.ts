/**
 * A draft and where its boxes stand → what is drawn of one pipeline of it: boxes, their ports, wires between them.
 *
 * Boxes that nobody moved are laid out; as soon as one was moved, all of its pipeline have their places.
 * An open pipeline is a frame around its own boxes, laid out like any other; it is a large box to what is around it.
 */

import { type Arrow, layoutLayers, type Point } from "../layout";
import {
  CARD_HEIGHT,
  CARD_WIDTH,
  DATA_HEIGHT,
  DATA_WIDTH,
  type Wire as DrawnWire,
  ORDER_ONLY,
  type Picture,
  type Place,
  type Rectangle,
} from "../picture";
import { Obstacles } from "./around";
import type { Catalogue } from "./catalogue";
import type { Pipeline, Step, Wire, WireEnd } from "./pipeline";
import { portsOf } from "./ports";
import type { Positions, Size } from "./positions";
import type { Draft } from "./read";
import { apart, type Extent, extentOf, frameAround, type Standing, zeroIn } from "./room";
import { boxOf, endKey, endName, type Port, type PortSpot, spotOf, spotsOfStep, spread } from "./spots";

export interface Board {
  /** Which pipeline it shows; "" is the draft's own. */
  scope: string;
  picture: Picture;
  /** By box. */
  ports: ReadonlyMap<string, readonly PortSpot[]>;
  /** The steps that are boxes or frames here, by key. */
  steps: ReadonlyMap<string, Step>;
  /** Where every box stands in its own pipeline, whether somebody put it there or the layout did. */
  corners: Positions;
  /** Where each pipeline that is drawn has its zero. */
  origins: ReadonlyMap<string, Point>;
}

const NONE: ReadonlySet<string> = new Set();

/** *open*: the steps that are drawn as frames, where they hold a pipeline. */
export function boardOf(
  draft: Draft,
  scope: string,
  positions: Positions,
  catalogue: Catalogue,
  open: ReadonlySet<string> = NONE,
): Board {
  const members = membersOf(draft.pipeline, scope, open);
  const wires = wiresIn(draft.pipeline, members);
  const all = [...wires.values()].flat();
  const wired = new Set(all.flatMap((wire) => [endKey(wire.from), endKey(wire.to)]));
  const whole = arranged(scope, draft.pipeline, members, wires, positions);
  const places = new Map<string, Place>();
  const ports = new Map<string, PortSpot[]>();
  const steps = new Map<string, Step>();
  const corners: Record<string, Point> = {};
  const origins = new Map<string, Point>();
  const inScopes = new Map<string, Rectangle[]>();
  const put = (around: Arranged, origin: Point) => {
    const rectangles: Rectangle[] = [];
    origins.set(around.scope, origin);
    inScopes.set(around.scope, rectangles);
    for (const { id, size, step, port, inside } of around.boxes) {
      const corner = around.corners.get(id) ?? { x: 0, y: 0 };
      corners[id] = { x: corner.x, y: corner.y };
      const rectangle = { x: origin.x + corner.x, y: origin.y + corner.y, ...size };
      rectangles.push(rectangle);
      if (step !== undefined) {
        steps.set(id, step);
        places.set(id, { ...rectangle, key: id, kind: inside === null ? "card" : "frame" });
        ports.set(id, spotsOfStep(step, rectangle, portsOf(step, draft, catalogue), wired));
      } else if (port !== undefined) {
        const side = port.end.kind === "pipeline-input" ? "out" : "in";
        const drawn = { name: port.name, ...(port.type === null ? {} : { type: port.type }) };
        places.set(id, { ...rectangle, key: id, kind: side === "out" ? "input" : "output", port: drawn });
        ports.set(id, spread([port], side, rectangle, wired));
      }
      if (inside !== null) {
        const zero = zeroIn(extent(inside));
        put(inside, { x: rectangle.x + zero.x, y: rectangle.y + zero.y });
      }
    }
  };
  put(whole, { x: 0, y: 0 });
  const drawn = [...wires].flatMap(([around, some]) => {
    // A wire goes past the boxes of its own pipeline; what is in a frame is in nobody's way outside of it.
    const obstacles = new Obstacles(inScopes.get(around) ?? []);
    return some.flatMap((wire) => drawnWire(wire, places, ports, obstacles));
  });
  drawn.push(...boundaryWires(places, ports, steps));
  return { scope, picture: { places, wires: drawn, ...sizeOf(places) }, ports, steps, corners, origins };
}

type Members = ReadonlyMap<string, readonly Step[]>;

/** The steps of every pipeline that is drawn: of one, and of the open ones in it. */
function membersOf(pipeline: Pipeline, scope: string, open: ReadonlySet<string>): Members {
  const members = new Map<string, Step[]>([[scope, []]]);
  for (const step of pipeline.steps) {
    const around = members.get(step.scope);
    around?.push(step);
    if (around !== undefined && step.inner !== null && open.has(step.key)) {
      members.set(step.key, []);
    }
  }
  return members;
}

function wiresIn(pipeline: Pipeline, members: Members): Map<string, Wire[]> {
  const found = new Map<string, Wire[]>([...members.keys()].map((scope) => [scope, []]));
  const scopeOf = (end: WireEnd) => ("scope" in end ? end.scope : pipeline.byKey.get(end.step)?.scope);
  for (const wire of pipeline.wires) {
    const scope = scopeOf(wire.from);
    if (scope !== undefined && scope === scopeOf(wire.to)) {
      found.get(scope)?.push(wire);
    }
  }
  return found;
}

interface Boxed {
  id: string;
  size: Size;
  step?: Step;
  port?: Port;
  inside: Arranged | null;
}

interface Arranged {
  scope: string;
  boxes: readonly Boxed[];
  corners: ReadonlyMap<string, Point>;
}

const extent = ({ boxes, corners }: Arranged): Extent =>
  extentOf(boxes.map(({ id, size }) => ({ x: 0, y: 0, ...corners.get(id), ...size })));

function arranged(
  scope: string,
  pipeline: Pipeline,
  members: Members,
  wires: ReadonlyMap<string, readonly Wire[]>,
  positions: Positions,
): Arranged {
  const around = scope === "" ? pipeline : (pipeline.byKey.get(scope)?.inner ?? { inputs: [], outputs: [] });
  const data = (end: WireEnd, name: string, type: string | null): Boxed => ({
    id: boxOf(end),
    size: { width: DATA_WIDTH, height: DATA_HEIGHT },
    port: { end, name, type },
    inside: null,
  });
  const boxes = [
    ...around.inputs.map(({ name, type }) => data({ kind: "pipeline-input", scope, input: name }, name, type)),
    ...(members.get(scope) ?? []).map((step): Boxed => {
      const inside = members.has(step.key) ? arranged(step.key, pipeline, members, wires, positions) : null;
      const card = { width: CARD_WIDTH, height: CARD_HEIGHT };
      return { id: step.key, size: inside === null ? card : frameAround(extent(inside)), step, inside };
    }),
    ...around.outputs.map(({ name, type }) => data({ kind: "pipeline-output", scope, output: name }, name, type)),
  ];
  return { scope, boxes, corners: cornersOf(scope, boxes, wires.get(scope) ?? [], positions) };
}

function cornersOf(
  scope: string,
  boxes: readonly Boxed[],
  wires: readonly Wire[],
  positions: Positions,
): ReadonlyMap<string, Point> {
  const known = new Map(boxes.flatMap(({ id }) => (positions[id] === undefined ? [] : [[id, positions[id] as Point]])));
  if (known.size === 0) {
    return laidOut(scope, boxes, wires);
  }
  const corners = known.size === boxes.length ? known : new Map([...laidOut(scope, boxes, wires), ...known]);
  const placed = boxes.map(
    ({ id, size, inside }): Standing => ({
      id,
      corner: corners.get(id) ?? { x: 0, y: 0 },
      size,
      isFrame: inside !== null,
    }),
  );
  return placed.some(({ isFrame }) => isFrame) ? apart(placed) : corners;
}

const LAYOUTS_KEPT = 60;
const layouts = new Map<string, { key: string; corners: ReadonlyMap<string, Point> }>();

/** The layout of a pipeline; the last one of each is remembered, so that a value that changes moves no box. */
function laidOut(scope: string, boxes: readonly Boxed[], wires: readonly Wire[]): ReadonlyMap<string, Point> {
  const arrows = wires.map((wire): Arrow => ({ from: boxOf(wire.from), to: boxOf(wire.to) }));
  const frames = boxes.flatMap(({ id, size, inside }) => (inside === null ? [] : [[id, size]]));
  const key = JSON.stringify([boxes.map(({ id }) => id), arrows, frames]);
  const before = layouts.get(scope);
  if (before?.key === key) {
    return before.corners;
  }
  const corners = layoutLayers(
    boxes.map(({ id, size }) => ({ id, ...size })),
    arrows,
  ).places;
  if (layouts.size >= LAYOUTS_KEPT) {
    layouts.clear();
  }
  layouts.set(scope, { key, corners });
  return corners;
}

function drawnWire(
  wire: Wire,
  places: ReadonlyMap<string, Place>,
  ports: ReadonlyMap<string, readonly PortSpot[]>,
  obstacles: Obstacles,
): DrawnWire[] {
  const [from, to] = [boxOf(wire.from), boxOf(wire.to)];
  const start = spotOf(wire.from, places, ports, "out");
  const end = spotOf(wire.to, places, ports, "in");
  return start === null || end === null
    ? []
    : [{ from, to, points: obstacles.wire(start, end), flows: [wire.kind === "data" ? flowText(wire) : ORDER_ONLY] }];
}

const flowText = ({ from, to }: Wire): string => `${endName(from)} → ${endName(to)}`;

/** From the ports of a frame to the inputs in it, and from the outputs in it to its ports: the same data by both names. */
function boundaryWires(
  places: ReadonlyMap<string, Place>,
  ports: ReadonlyMap<string, readonly PortSpot[]>,
  steps: ReadonlyMap<string, Step>,
): DrawnWire[] {
  const found: DrawnWire[] = [];
  for (const [key, place] of places) {
    const step = place.kind === "frame" ? steps.get(key) : undefined;
    for (const spot of step === undefined ? [] : (ports.get(key) ?? [])) {
      const end: WireEnd =
        spot.side === "in"
          ? { kind: "pipeline-input", scope: key, input: spot.name }
          : { kind: "pipeline-output", scope: key, output: spot.name };
      const box = boxOf(end);
      const inside = places.get(box);
      if (inside !== undefined) {
        const middle = inside.x + inside.width / 2;
        const at = { x: spot.x, y: spot.y };
        found.push(
          spot.side === "in"
            ? { from: key, to: box, points: [at, { x: middle, y: inside.y }], flows: [spot.name] }
            : { from: box, to: key, points: [{ x: middle, y: inside.y + inside.height }, at], flows: [spot.name] },
        );
      }
    }
  }
  return found;
}

function sizeOf(places: ReadonlyMap<string, Place>): { width: number; height: number } {
  let [width, height] = [0, 0];
  for (const place of places.values()) {
    width = Math.max(width, place.x + place.width);
    height = Math.max(height, place.y + place.height);
  }
  return { width, height };
}
