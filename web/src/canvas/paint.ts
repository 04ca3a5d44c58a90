/** Draws a picture's wires, and far away its cards too, on one canvas: thousands of lines as elements would crawl. */

import { ORDER_ONLY, type Picture, type Place, type Wire } from "../domain/picture";
import type { Tone } from "../domain/status";
import { type Size, seen, touches, type Viewport } from "./viewport";

/** Below this zoom cards are bars on the canvas: their text could not be read. */
export const CARDS_ZOOM_MIN = 0.4;
const NAMES_ZOOM_MIN = 0.22;
const BAR_MIN = 6;

export interface Inks {
  wire: string;
  lit: string;
  surface: string;
  hairline: string;
  frame: string;
  text: string;
  tones: Record<Tone, string>;
}

export interface WireLook {
  tone: Tone;
  /** Lengths of strokes and gaps; what is told by colour is told by them too. */
  dash: number[];
}

export interface Scene {
  picture: Picture;
  /** The tone of each card, by key. */
  toneOf(key: string): Tone;
  nameOf(key: string): string;
  /** How a wire is drawn that is not like the others; undefined: all are alike. */
  wireLook?: ((wire: Wire) => WireLook | null) | undefined;
  selected: string | null;
  /** What is looked for; null: nothing is. */
  found: ReadonlySet<string> | null;
}

export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  const ink = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    wire: ink("border"),
    lit: ink("accent"),
    surface: ink("surface"),
    hairline: ink("hairline"),
    frame: ink("sunken"),
    text: ink("text"),
    tones: {
      good: ink("good"),
      bad: ink("bad"),
      busy: ink("busy"),
      preparing: ink("preparing"),
      waiting: ink("waiting"),
      stopped: ink("stopped"),
      skipped: ink("skipped"),
    },
  };
}

export function paint(context: CanvasRenderingContext2D, scene: Scene, view: Viewport, screen: Size, inks: Inks): void {
  const ratio = devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, screen.width, screen.height);
  context.setTransform(ratio * view.zoom, 0, 0, ratio * view.zoom, ratio * view.x, ratio * view.y);
  const window = seen(view, screen, 50);
  paintFrames(context, scene, window, view.zoom, inks);
  paintWires(context, scene, window, view.zoom, inks);
  if (view.zoom < CARDS_ZOOM_MIN) {
    paintBars(context, scene, window, view.zoom, inks);
  }
}

type Window = ReturnType<typeof seen>;

/** Outer frames come before inner ones, as their steps do. */
function paintFrames(context: CanvasRenderingContext2D, scene: Scene, window: Window, zoom: number, inks: Inks): void {
  for (const place of scene.picture.places.values()) {
    if (place.kind === "frame" && touches(place, window)) {
      context.beginPath();
      context.roundRect(place.x, place.y, place.width, place.height, 6);
      context.fillStyle = inks.frame;
      context.fill();
      context.strokeStyle = place.key === scene.selected ? inks.lit : inks.wire;
      context.lineWidth = (place.key === scene.selected ? 2 : 1) * Math.max(1, 0.5 / zoom);
      context.stroke();
    }
  }
}

function paintWires(context: CanvasRenderingContext2D, scene: Scene, window: Window, zoom: number, inks: Inks): void {
  const isLit = (wire: Wire) => wire.from === scene.selected || wire.to === scene.selected;
  const lit: Wire[] = [];
  const waiting: Wire[] = [];
  const marked: [Wire, WireLook][] = [];
  context.lineWidth = Math.max(1.3, 0.7 / zoom);
  context.strokeStyle = inks.wire;
  context.beginPath();
  for (const wire of scene.picture.wires) {
    const look = scene.wireLook?.(wire) ?? null;
    if (look !== null) {
      // What it says is not hidden by its end being selected: it only grows.
      marked.push([wire, look]);
    } else if (isLit(wire)) {
      lit.push(wire);
    } else if (touches(boundsOf(wire), window)) {
      if (wire.flows.every((flow) => flow === ORDER_ONLY)) {
        waiting.push(wire);
      } else {
        trace(context, wire);
      }
    }
  }
  context.stroke();
  context.setLineDash([2, 5]);
  context.beginPath();
  for (const wire of waiting) {
    trace(context, wire);
  }
  context.stroke();
  const plain = context.lineWidth;
  for (const [wire, look] of marked) {
    context.lineWidth = plain * (isLit(wire) ? 2.6 : 1.6);
    context.setLineDash(look.dash);
    context.strokeStyle = inks.tones[look.tone];
    context.beginPath();
    trace(context, wire);
    context.stroke();
  }
  context.setLineDash([]);
  context.lineWidth = plain * 1.6;
  context.strokeStyle = inks.lit;
  context.beginPath();
  for (const wire of lit) {
    trace(context, wire);
  }
  context.stroke();
}

function trace(context: CanvasRenderingContext2D, wire: Wire): void {
  const [first, ...rest] = wire.points;
  if (first === undefined) {
    return;
  }
  context.moveTo(first.x, first.y);
  let before = first;
  for (const point of rest) {
    const middle = (before.y + point.y) / 2;
    context.bezierCurveTo(before.x, middle, point.x, middle, point.x, point.y);
    before = point;
  }
}

const bounds = new WeakMap<Wire, Window>();

function boundsOf(wire: Wire): Window {
  const known = bounds.get(wire);
  if (known !== undefined) {
    return known;
  }
  const xs = wire.points.map((point) => point.x);
  const ys = wire.points.map((point) => point.y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const found = { x, y, width: Math.max(...xs) - x + 1, height: Math.max(...ys) - y + 1 };
  bounds.set(wire, found);
  return found;
}

/** Failed ones last, so that nothing hides them. */
function paintBars(context: CanvasRenderingContext2D, scene: Scene, window: Window, zoom: number, inks: Inks): void {
  const late: Place[] = [];
  for (const place of scene.picture.places.values()) {
    if (place.kind === "frame" || !touches(place, window)) {
      continue;
    }
    if (place.kind === "card" && scene.toneOf(place.key) === "bad") {
      late.push(place);
    } else {
      paintBar(context, scene, place, zoom, inks);
    }
  }
  for (const place of late) {
    paintBar(context, scene, place, zoom, inks);
  }
}

function paintBar(context: CanvasRenderingContext2D, scene: Scene, place: Place, zoom: number, inks: Inks): void {
  const width = Math.max(place.width, BAR_MIN / zoom);
  const height = Math.max(place.height, BAR_MIN / zoom);
  const isDim = scene.found !== null && !scene.found.has(place.key);
  context.fillStyle = place.kind === "card" && !isDim ? inks.tones[scene.toneOf(place.key)] : inks.hairline;
  context.fillRect(place.x, place.y, width, height);
  if (place.key === scene.selected) {
    context.strokeStyle = inks.text;
    context.lineWidth = 3 / zoom;
    context.strokeRect(place.x, place.y, width, height);
  }
  if (zoom >= NAMES_ZOOM_MIN && place.kind === "card") {
    context.fillStyle = inks.surface;
    context.font = "600 26px 'Inter Variable', sans-serif";
    context.textBaseline = "middle";
    context.fillText(scene.nameOf(place.key), place.x + 10, place.y + place.height / 2, place.width - 20);
  }
}
