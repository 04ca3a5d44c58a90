/** The ends of wires as they are drawn: which box each is on, and where on its edge. */

import type { Point } from "../layout";
import { inputKey, outputKey, type Rectangle } from "../picture";
import type { Step, WireEnd } from "./pipeline";
import { isDataType, type StepPorts } from "./ports";

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

/** What is at the edge of a box. */
export interface Port {
  end: WireEnd;
  name: string;
  type: string | null;
  isLacking?: boolean;
}

/** The box that an end is on: keys as in `positions.ts`; inside an inline pipeline behind its key. */
export function boxOf(end: WireEnd): string {
  if (end.kind !== "pipeline-input" && end.kind !== "pipeline-output") {
    return end.step;
  }
  return end.kind === "pipeline-input"
    ? boxOfData({ scope: end.scope, side: "input", name: end.input })
    : boxOfData({ scope: end.scope, side: "output", name: end.output });
}

export interface DataBox {
  scope: string;
  side: "input" | "output";
  name: string;
}

/** Which input or output of which pipeline a box is; null: it is a step. */
export function dataBoxOf(key: string): DataBox | null {
  const found = /^(?:(.*)\/)?(input|output):(.*)$/.exec(key);
  return found === null ? null : { scope: found[1] ?? "", side: found[2] as DataBox["side"], name: found[3] as string };
}

export function boxOfData({ scope, side, name }: DataBox): string {
  const key = side === "input" ? inputKey(name) : outputKey(name);
  return scope === "" ? key : `${scope}/${key}`;
}

/** The pipeline that a box belongs to. */
export const scopeOfBox = (key: string): string =>
  dataBoxOf(key)?.scope ?? (key.includes("/") ? key.slice(0, key.lastIndexOf("/")) : "");

/** Of some boxes those that are not inside of another one of them: they go where it goes. */
export function outermost(keys: readonly string[]): string[] {
  const all = new Set(keys);
  return keys.filter((key) => !isInsideOf(key, all));
}

/** Whether a box is in one of some pipelines, however deep. */
export function isInsideOf(key: string, some: ReadonlySet<string>): boolean {
  for (let around = scopeOfBox(key); around !== ""; around = scopeOfBox(around)) {
    if (some.has(around)) {
      return true;
    }
  }
  return false;
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

export function spotsOfStep(step: Step, place: Rectangle, declared: StepPorts, wired: ReadonlySet<string>): PortSpot[] {
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

export function spread(
  ports: readonly Port[],
  side: "in" | "out",
  place: Rectangle,
  wired: ReadonlySet<string>,
): PortSpot[] {
  return ports.map((port, at) => ({
    ...port,
    side,
    isLacking: port.isLacking === true,
    isWired: wired.has(endKey(port.end)),
    x: place.x + (place.width * (at + 1)) / (ports.length + 1),
    y: side === "in" ? place.y : place.y + place.height,
  }));
}

/** Where an end is: its port, or the middle of the box's side. */
export function spotOf(
  end: WireEnd,
  places: ReadonlyMap<string, Rectangle>,
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
