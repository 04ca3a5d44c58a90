/**
 * A draft and where its boxes stand → what is drawn of one pipeline of it: boxes, their ports, wires between them.
 *
 * Boxes that nobody moved are laid out; as soon as one was moved, all of them have their places.
 */

import { type Arrow, type Box, layoutLayers, type Point } from "../layout";
import {
  CARD_HEIGHT,
  CARD_WIDTH,
  DATA_HEIGHT,
  DATA_WIDTH,
  type Wire as DrawnWire,
  inputKey,
  ORDER_ONLY,
  outputKey,
  type Picture,
  type Place,
} from "../picture";
import { Obstacles } from "./around";
import type { Catalogue } from "./catalogue";
import type { Pipeline, Step, Wire, WireEnd } from "./pipeline";
import { isDataType, portsOf, type StepPorts } from "./ports";
import type { Positions } from "./positions";
import type { Draft } from "./read";

export interface PortSpot {
  end: WireEnd;
  name: string;
  type: string | null;
  side: "in" | "out";
  /** In the picture. */
  x: number;
  y: number;
  isWired: boolean;
  /** An input that has to be given something and is not. */
  isLacking: boolean;
}

export interface Board {
  picture: Picture;
  /** By box. */
  ports: ReadonlyMap<string, readonly PortSpot[]>;
  /** The steps that are boxes here, by key. */
  steps: ReadonlyMap<string, Step>;
}

/** Where every box of a board stands, whether somebody put it there or the layout did. */
export const positionsOf = (board: Board): Positions =>
  Object.fromEntries([...board.picture.places].map(([key, { x, y }]) => [key, { x, y }]));

export function boardOf(draft: Draft, scope: string, positions: Positions, catalogue: Catalogue): Board {
  const { pipeline } = draft;
  const steps = new Map(pipeline.steps.filter((step) => step.scope === scope).map((step) => [step.key, step]));
  const wires = pipeline.wires.filter((wire) => isHere(wire.from, scope, steps) && isHere(wire.to, scope, steps));
  const wired = new Set(wires.flatMap((wire) => [endKey(wire.from), endKey(wire.to)]));
  const boxes = boxesOf(pipeline, scope, steps);
  const corners = placed(boxes, wires, positions);
  const places = new Map<string, Place>();
  const ports = new Map<string, PortSpot[]>();
  for (const { box, port, step } of boxes) {
    const corner = corners.get(box.id) ?? { x: 0, y: 0 };
    const rectangle = { ...corner, width: box.width, height: box.height };
    if (step !== undefined) {
      places.set(box.id, { ...rectangle, key: box.id, kind: "card" });
      ports.set(box.id, spotsOfStep(step, rectangle, portsOf(step, draft, catalogue), wired));
    } else if (port !== undefined) {
      const side = port.end.kind === "pipeline-input" ? "out" : "in";
      const kind = side === "out" ? "input" : "output";
      const drawn = { name: port.name, ...(port.type === null ? {} : { type: port.type }) };
      places.set(box.id, { ...rectangle, key: box.id, kind, port: drawn });
      ports.set(box.id, spread([port], side, rectangle, wired));
    }
  }
  const obstacles = new Obstacles(places.values());
  const drawn = wires.flatMap((wire) => drawnWire(wire, places, ports, obstacles));
  return { picture: { places, wires: drawn, ...extent(places) }, ports, steps };
}

interface Port {
  end: WireEnd;
  name: string;
  type: string | null;
  isLacking?: boolean;
}

interface Boxed {
  box: Box;
  step?: Step;
  port?: Port;
}

function boxesOf(pipeline: Pipeline, scope: string, steps: ReadonlyMap<string, Step>): Boxed[] {
  const around = scope === "" ? pipeline : (pipeline.byKey.get(scope)?.inner ?? { inputs: [], outputs: [] });
  const data = (end: WireEnd, name: string, type: string | null): Boxed => ({
    box: { id: boxOf(end), width: DATA_WIDTH, height: DATA_HEIGHT },
    port: { end, name, type },
  });
  return [
    ...around.inputs.map(({ name, type }) => data({ kind: "pipeline-input", scope, input: name }, name, type)),
    ...[...steps.values()].map((step) => ({ box: { id: step.key, width: CARD_WIDTH, height: CARD_HEIGHT }, step })),
    ...around.outputs.map(({ name, type }) => data({ kind: "pipeline-output", scope, output: name }, name, type)),
  ];
}

function isHere(end: WireEnd, scope: string, steps: ReadonlyMap<string, Step>): boolean {
  return end.kind === "pipeline-input" || end.kind === "pipeline-output" ? end.scope === scope : steps.has(end.step);
}

/** The box that an end is on: keys as in `positions.ts`; inside an inline pipeline behind its key. */
export function boxOf(end: WireEnd): string {
  if (end.kind !== "pipeline-input" && end.kind !== "pipeline-output") {
    return end.step;
  }
  const key = end.kind === "pipeline-input" ? inputKey(end.input) : outputKey(end.output);
  return end.scope === "" ? key : `${end.scope}/${key}`;
}

/** One text for each end of a wire; no name holds what parts it. */
export function endKey(end: WireEnd): string {
  switch (end.kind) {
    case "step":
      return `step|${end.step}`;
    case "step-input":
      return `in|${end.step}|${end.input}`;
    case "step-output":
      return `out|${end.step}|${end.output}`;
    case "pipeline-input":
      return `input|${end.scope}|${end.input}`;
    case "pipeline-output":
      return `output|${end.scope}|${end.output}`;
  }
}

let laidOut: { key: string; places: Map<string, Point> } | null = null;

function placed(boxes: readonly Boxed[], wires: readonly Wire[], positions: Positions): Map<string, Point> {
  const known = new Map(
    boxes.flatMap(({ box }) => (positions[box.id] === undefined ? [] : [[box.id, positions[box.id] as Point]])),
  );
  if (known.size === boxes.length) {
    return known;
  }
  const arrows = wires.map((wire): Arrow => ({ from: boxOf(wire.from), to: boxOf(wire.to) }));
  const key = JSON.stringify([boxes.map(({ box }) => box.id), arrows]);
  // A value that changes moves no box.
  if (laidOut?.key !== key) {
    laidOut = {
      key,
      places: layoutLayers(
        boxes.map(({ box }) => box),
        arrows,
      ).places,
    };
  }
  const all = new Map(laidOut.places);
  for (const [id, point] of known) {
    all.set(id, point);
  }
  return all;
}

function spotsOfStep(step: Step, place: Rect, declared: StepPorts, wired: ReadonlySet<string>): PortSpot[] {
  const inputs = declared.inputs.map(
    (port): Port => ({
      end: { kind: "step-input", step: step.key, input: port.name },
      name: port.name,
      type: port.type,
      isLacking: port.isLacking,
    }),
  );
  const outputs = declared.outputs.map(
    (port): Port => ({
      end: { kind: "step-output", step: step.key, output: port.name },
      name: port.name,
      type: port.type,
    }),
  );
  // What flows as data is a port on its box; plain values are, when they are wired.
  const shown = (port: Port) => port.type === null || isDataType(port.type) || wired.has(endKey(port.end));
  return [...spread(inputs.filter(shown), "in", place, wired), ...spread(outputs, "out", place, wired)];
}

type Rect = Point & { width: number; height: number };

function spread(ports: readonly Port[], side: "in" | "out", place: Rect, wired: ReadonlySet<string>): PortSpot[] {
  return ports.map((port, at) => ({
    ...port,
    side,
    isLacking: port.isLacking === true,
    isWired: wired.has(endKey(port.end)),
    x: place.x + (place.width * (at + 1)) / (ports.length + 1),
    y: side === "in" ? place.y : place.y + place.height,
  }));
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

export function endName(end: WireEnd): string {
  switch (end.kind) {
    case "step":
      return end.step;
    case "step-input":
    case "pipeline-input":
      return end.input;
    case "step-output":
    case "pipeline-output":
      return end.output;
  }
}

/** Where an end is: its port, or the middle of the box's side. */
function spotOf(
  end: WireEnd,
  places: ReadonlyMap<string, Place>,
  ports: ReadonlyMap<string, readonly PortSpot[]>,
  side: "in" | "out",
): Point | null {
  const box = boxOf(end);
  const key = endKey(end);
  const port = ports.get(box)?.find((one) => endKey(one.end) === key);
  const place = places.get(box);
  if (port !== undefined) {
    return { x: port.x, y: port.y };
  }
  return place === undefined
    ? null
    : { x: place.x + place.width / 2, y: side === "in" ? place.y : place.y + place.height };
}

function extent(places: ReadonlyMap<string, Place>): { width: number; height: number } {
  let [width, height] = [0, 0];
  for (const place of places.values()) {
    width = Math.max(width, place.x + place.width);
    height = Math.max(height, place.y + place.height);
  }
  return { width, height };
}
