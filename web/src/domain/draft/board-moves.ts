/** What is done on a board with a pointer or keys: boxes moved and aligned, places found, boxes inside of an area. */

import type { Point } from "../layout";
import type { Place, Rectangle } from "../picture";
import type { Board } from "./board";
import { aligned, type Edge, freePlace, nudged, type Positions, type Size } from "./positions";
import { overlaps } from "./room";
import { isInsideOf, outermost, scopeOfBox } from "./spots";

/** Positions in which all boxes of the pipelines of some boxes have their places. */
function withPlaces(board: Board, positions: Positions, keys: readonly string[]): Positions {
  const scopes = new Set(keys.map(scopeOfBox));
  const places = Object.entries(board.corners).filter(([key]) => scopes.has(scopeOfBox(key)));
  return { ...positions, ...Object.fromEntries(places) };
}

/** Boxes moved by as much as one of them; what is in a frame goes with it. */
export function movedBy(board: Board, positions: Positions, keys: readonly string[], by: Point): Positions {
  const free = outermost(keys);
  return held(board, nudged(withPlaces(board, positions, free), free, by), free);
}

/** Where the first box of a frame went further up or left, the frame goes with it, so that nothing else in it moves. */
function held(board: Board, positions: Positions, moved: readonly string[]): Positions {
  const now = { ...positions };
  const depthOf = (scope: string) => scope.split("/").length;
  const scopes = new Set(moved.map(scopeOfBox).sort((one, other) => depthOf(other) - depthOf(one)));
  for (const scope of scopes) {
    const inside = [...Object.keys(board.corners), ...moved].filter((key) => scopeOfBox(key) === scope);
    const [before, after] = [firstOf(board.corners, inside), firstOf(now, inside)];
    const corner = scope === board.scope ? undefined : now[scope];
    // A frame that nobody placed is laid out anew.
    if (corner !== undefined && Number.isFinite(before.x) && (before.x !== after.x || before.y !== after.y)) {
      now[scope] = { x: corner.x + after.x - before.x, y: corner.y + after.y - before.y };
      // Looked at after this one: a set is walked to its end, however it grows.
      scopes.add(scopeOfBox(scope));
    }
  }
  return now;
}

function firstOf(corners: Positions, keys: readonly string[]): Point {
  const points = keys.flatMap((key) => corners[key] ?? []);
  return { x: Math.min(...points.map(({ x }) => x)), y: Math.min(...points.map(({ y }) => y)) };
}

/** Boxes in one line as they are seen, whichever pipelines they are in. */
export function alignedOn(board: Board, positions: Positions, keys: readonly string[], edge: Edge): Positions {
  const free = outermost(keys);
  const seen: Record<string, Point> = {};
  for (const key of free) {
    const place = board.picture.places.get(key);
    if (place !== undefined) {
      seen[key] = { x: place.x, y: place.y };
    }
  }
  let now = withPlaces(board, positions, free);
  for (const [key, point] of Object.entries(aligned(seen, board.picture.places, free, edge))) {
    const before = seen[key] as Point;
    now = nudged(now, [key], { x: point.x - before.x, y: point.y - before.y });
  }
  return held(board, now, free);
}

/** The board while boxes are dragged: they, what is in them, and the ends of their wires are where the pointer is. */
export function dragged(board: Board, keys: readonly string[], by: Point): Board {
  const held = new Set(keys);
  const carried = new Set([...board.picture.places.keys()].filter((key) => held.has(key) || isInsideOf(key, held)));
  const shift = <P extends Point>(point: P): P => ({ ...point, x: point.x + by.x, y: point.y + by.y });
  const places = new Map<string, Place>();
  for (const [key, place] of board.picture.places) {
    places.set(key, carried.has(key) ? shift(place) : place);
  }
  const ports = new Map([...board.ports].map(([key, spots]) => [key, carried.has(key) ? spots.map(shift) : spots]));
  const wires = board.picture.wires.map((wire) => {
    const [isFrom, isTo] = [carried.has(wire.from), carried.has(wire.to)];
    const [start, end] = [wire.points[0], wire.points.at(-1)];
    if (!(isFrom || isTo) || start === undefined || end === undefined) {
      return wire;
    }
    // What it went past is not in its way any more, or not yet.
    const points = isFrom && isTo ? wire.points.map(shift) : [isFrom ? shift(start) : start, isTo ? shift(end) : end];
    return { ...wire, points };
  });
  return { ...board, picture: { ...board.picture, places, wires }, ports };
}

/** Where a new box of a pipeline goes: to the wanted place of the picture, or the nearest below that is free. Null: below everything. */
export function placeIn(board: Board, scope: string, wanted: Point | null, size: Size): Point {
  const boxes = Object.entries(board.corners).filter(([key]) => scopeOfBox(key) === scope);
  const sizes = new Map<string, Size>();
  let below = 0;
  for (const [key, corner] of boxes) {
    const place = board.picture.places.get(key);
    if (place !== undefined) {
      sizes.set(key, place);
      below = Math.max(below, corner.y + place.height);
    }
  }
  const origin = board.origins.get(scope) ?? { x: 0, y: 0 };
  const start = wanted === null ? { x: 0, y: below + 40 } : { x: wanted.x - origin.x, y: wanted.y - origin.y };
  return freePlace(Object.fromEntries(boxes), sizes, start, size);
}

/** Positions in which a new box stands, and with it all others of its pipeline. */
export const settledIn = (board: Board, positions: Positions, key: string, corner: Point): Positions =>
  held(board, { ...withPlaces(board, positions, [key]), [key]: corner }, [key]);

/** The frames that a point is in, innermost first. */
export function framesAt(board: Board, { x, y }: Point): string[] {
  const found: string[] = [];
  for (const [key, place] of board.picture.places) {
    if (place.kind === "frame" && overlaps(place, { x, y, width: 0, height: 0 })) {
      // Outer frames come before inner ones.
      found.unshift(key);
    }
  }
  return found;
}

/** The rectangle between two points. */
export const areaBetween = (one: Point, other: Point): Rectangle => ({
  x: Math.min(one.x, other.x),
  y: Math.min(one.y, other.y),
  width: Math.abs(one.x - other.x),
  height: Math.abs(one.y - other.y),
});

/**
 * The steps that an area touches. A frame is one of them where the area holds all of it, and then what is in it is not:
 * an area drawn inside of a frame is about the steps in there.
 */
export function stepsTouched(board: Board, area: Rectangle, foreign: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  for (const [key, place] of board.picture.places) {
    const isTouched = place.kind === "frame" ? holds(area, place) : place.kind === "card" && overlaps(area, place);
    if (isTouched && !foreign.has(scopeOfBox(key)) && !isInsideOf(key, found)) {
      found.add(key);
    }
  }
  return [...found];
}

const holds = (outer: Rectangle, inner: Rectangle): boolean =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;
