/**
 * A job's graph and which groups are open → rectangles and arrows.
 *
 * Groups are laid out inside first and are a box to what is around them. A closed group is a card.
 */

import type { Edge, JobGraph, Port, Step } from "./job";
import { parentOf } from "./job";
import { type Arrow, type Box, layoutLayers, type Point } from "./layout";

export const CARD_WIDTH = 220;
export const CARD_HEIGHT = 60;
export const DATA_WIDTH = 200;
export const DATA_HEIGHT = 34;
const FRAME_TOP = 40;
const FRAME_SIDE = 20;
const FRAME_BOTTOM = 20;

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface CardPlace extends Rectangle {
  kind: "card";
  key: string;
}

/** An open group. */
export interface FramePlace extends Rectangle {
  kind: "frame";
  key: string;
}

/** An input or output of the whole job. */
export interface DataPlace extends Rectangle {
  kind: "input" | "output";
  key: string;
  port: Port;
}

export type Place = CardPlace | FramePlace | DataPlace;

export interface Wire {
  from: string;
  to: string;
  points: Point[];
  /** What flows, for the tooltip: several ports of the same two cards are one line. */
  flows: string[];
}

export interface Picture {
  places: Map<string, Place>;
  wires: Wire[];
  width: number;
  height: number;
}

export const inputKey = (name: string): string => `input:${name}`;
export const outputKey = (name: string): string => `output:${name}`;

/** What flows where one step only waits for another. */
export const ORDER_ONLY = "waits for";

interface Scope {
  members: string[];
  arrows: Map<string, Arrow>;
}

export function pictureOf(graph: JobGraph, open: ReadonlySet<string>): Picture {
  const steps = new Map(graph.steps.map((step) => [step.key, step]));
  const flows = visibleFlows(graph, steps, open);
  const scopes = scopesOf(graph, steps, open, flows);
  const places = new Map<string, Place>();
  const whole = placeScope("", scopes, steps, open, graph);
  for (const [key, place] of whole.places) {
    places.set(key, place);
  }
  const wires = [...flows.values()].map((flow): Wire => ({ ...flow, points: route(flow, places, whole.bends) }));
  return { places, wires, width: whole.width, height: whole.height };
}

interface Flow {
  from: string;
  to: string;
  flows: string[];
}

/** Edges between what is drawn: an end inside a closed group is the group. */
function visibleFlows(graph: JobGraph, steps: ReadonlyMap<string, Step>, open: ReadonlySet<string>): Map<string, Flow> {
  const flows = new Map<string, Flow>();
  const add = (from: string, to: string, text: string) => {
    if (from === to) {
      return;
    }
    const known = flows.get(`${from}\n${to}`);
    if (known === undefined) {
      flows.set(`${from}\n${to}`, { from, to, flows: [text] });
    } else if (!known.flows.includes(text)) {
      known.flows.push(text);
    }
  };
  for (const edge of graph.edges) {
    const to = shownAs(edge.to, open);
    // A group's own input says the same as the inputs of the steps in it.
    if (steps.get(edge.to)?.kind === "pipeline" && open.has(edge.to)) {
      continue;
    }
    const from = shownAs(edge.from, open);
    if (!to.startsWith(`${from}/`) && !from.startsWith(`${to}/`)) {
      add(from, to, edgeText(edge));
    }
  }
  for (const { from, to } of graph.order ?? []) {
    const [upper, lower] = [shownAs(from, open), shownAs(to, open)];
    if (!lower.startsWith(`${upper}/`) && !upper.startsWith(`${lower}/`)) {
      add(upper, lower, ORDER_ONLY);
    }
  }
  for (const output of graph.outputs) {
    if (output.source) {
      add(shownAs(output.source.node, open), outputKey(output.name), `${output.source.output} → ${output.name}`);
    }
  }
  const readers = readersOfInputs(graph);
  for (const [input, keys] of readers) {
    for (const key of keys) {
      add(inputKey(input), shownAs(key, open), input);
    }
  }
  return flows;
}

const edgeText = (edge: Edge): string => `${edge.output} → ${edge.input}`;

/** Data that the job is given, and the steps that read the same place. Values are not drawn: they would be noise. */
export function readersOfInputs(graph: JobGraph): Map<string, string[]> {
  const byPlace = new Map<string, string>();
  for (const input of graph.inputs) {
    const place = input.uri ?? input.path;
    if (place) {
      byPlace.set(place, input.name);
    }
  }
  const readers = new Map<string, string[]>();
  for (const step of graph.steps) {
    for (const port of step.inputs) {
      const place = port.uri ?? port.path;
      const input = place === undefined ? undefined : byPlace.get(place);
      if (input !== undefined && step.kind !== "pipeline") {
        readers.set(input, [...(readers.get(input) ?? []), step.key]);
      }
    }
  }
  return readers;
}

/** The card that stands for a step: itself, or the outermost closed group around it. */
export function shownAs(key: string, open: ReadonlySet<string>): string {
  const parts = key.split("/");
  for (let depth = 1; depth < parts.length; depth += 1) {
    const around = parts.slice(0, depth).join("/");
    if (!open.has(around)) {
      return around;
    }
  }
  return key;
}

function scopesOf(
  graph: JobGraph,
  steps: ReadonlyMap<string, Step>,
  open: ReadonlySet<string>,
  flows: ReadonlyMap<string, Flow>,
): Map<string, Scope> {
  const scopes = new Map<string, Scope>([["", { members: [], arrows: new Map() }]]);
  const scope = (key: string): Scope => {
    const known = scopes.get(key) ?? { members: [], arrows: new Map() };
    scopes.set(key, known);
    return known;
  };
  const read = readersOfInputs(graph);
  scope("").members.push(...graph.inputs.filter((input) => read.has(input.name)).map((input) => inputKey(input.name)));
  for (const step of graph.steps) {
    if (shownAs(step.key, open) === step.key) {
      scope(parentOf(step.key)).members.push(step.key);
    }
  }
  scope("").members.push(...graph.outputs.filter((output) => output.source).map((output) => outputKey(output.name)));
  for (const { from, to } of flows.values()) {
    const [upper, lower, around] = lifted(from, to, steps);
    if (upper !== lower) {
      scope(around).arrows.set(`${upper}\n${lower}`, { from: upper, to: lower });
    }
  }
  return scopes;
}

/** The two members of the innermost group around both ends that an arrow joins there. */
function lifted(from: string, to: string, steps: ReadonlyMap<string, Step>): [string, string, string] {
  const isStep = steps.has(from) && steps.has(to);
  const [a, b] = [from.split("/"), to.split("/")];
  let common = 0;
  while (isStep && common < a.length - 1 && common < b.length - 1 && a[common] === b[common]) {
    common += 1;
  }
  const member = (key: string, parts: string[]) => (steps.has(key) ? parts.slice(0, common + 1).join("/") : key);
  return [member(from, a), member(to, b), a.slice(0, common).join("/")];
}

interface Placed {
  places: Map<string, Place>;
  bends: Map<string, Point[]>;
  width: number;
  height: number;
}

function placeScope(
  around: string,
  scopes: ReadonlyMap<string, Scope>,
  steps: ReadonlyMap<string, Step>,
  open: ReadonlySet<string>,
  graph: JobGraph,
): Placed {
  const scope = scopes.get(around) ?? { members: [], arrows: new Map() };
  const inner = new Map<string, Placed>();
  const boxes = scope.members.map((key): Box => {
    if (!steps.has(key)) {
      return { id: key, width: DATA_WIDTH, height: DATA_HEIGHT };
    }
    if (!open.has(key) || steps.get(key)?.kind !== "pipeline") {
      return { id: key, width: CARD_WIDTH, height: CARD_HEIGHT };
    }
    const placed = placeScope(key, scopes, steps, open, graph);
    inner.set(key, placed);
    const width = Math.max(CARD_WIDTH, placed.width) + 2 * FRAME_SIDE;
    return { id: key, width, height: placed.height + FRAME_TOP + FRAME_BOTTOM };
  });
  const arrows = [...scope.arrows.values()];
  const layout = layoutLayers(boxes, arrows);
  const places = new Map<string, Place>();
  const bends = new Map<string, Point[]>();
  arrows.forEach((arrow, position) => {
    bends.set(`${arrow.from}\n${arrow.to}`, layout.bends[position] ?? []);
  });
  for (const box of boxes) {
    const corner = layout.places.get(box.id) as Point;
    const placed = inner.get(box.id);
    places.set(box.id, placeOf(box, corner, placed !== undefined, steps, graph));
    if (placed !== undefined) {
      const shift = { x: corner.x + FRAME_SIDE, y: corner.y + FRAME_TOP };
      for (const [key, place] of placed.places) {
        places.set(key, { ...place, x: place.x + shift.x, y: place.y + shift.y });
      }
      for (const [key, points] of placed.bends) {
        bends.set(
          key,
          points.map((point) => ({ x: point.x + shift.x, y: point.y + shift.y })),
        );
      }
    }
  }
  return { places, bends, width: layout.width, height: layout.height };
}

function placeOf(box: Box, corner: Point, isFrame: boolean, steps: ReadonlyMap<string, Step>, graph: JobGraph): Place {
  const rectangle = { ...corner, width: box.width, height: box.height };
  if (steps.has(box.id)) {
    return { ...rectangle, key: box.id, kind: isFrame ? "frame" : "card" };
  }
  const isInput = box.id.startsWith("input:");
  const name = box.id.slice(box.id.indexOf(":") + 1);
  const port = (isInput ? graph.inputs : graph.outputs).find((one) => one.name === name) ?? { name };
  return { ...rectangle, key: box.id, kind: isInput ? "input" : "output", port };
}

function route(flow: Flow, places: ReadonlyMap<string, Place>, bends: ReadonlyMap<string, Point[]>): Point[] {
  const from = places.get(flow.from);
  const to = places.get(flow.to);
  if (from === undefined || to === undefined) {
    return [];
  }
  const between = bends.get(`${flow.from}\n${flow.to}`) ?? [];
  return [{ x: from.x + from.width / 2, y: from.y + from.height }, ...between, { x: to.x + to.width / 2, y: to.y }];
}

/** Which groups are open before anybody chose: all while the picture stays small, else none but those around *shown*. */
export function openAtFirst(graph: JobGraph, shown: readonly string[], cardsMax = 60): Set<string> {
  const groups = graph.steps.filter((step) => step.kind === "pipeline").map((step) => step.key);
  if (graph.steps.length <= cardsMax) {
    return new Set(groups);
  }
  const open = new Set<string>();
  for (const key of shown) {
    for (let around = parentOf(key); around !== ""; around = parentOf(around)) {
      open.add(around);
    }
  }
  return open;
}
