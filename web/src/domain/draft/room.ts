/** Open pipelines need room: what a frame measures around what it holds, and how the boxes beside it make way. */

import type { Point } from "../layout";
import { CARD_HEIGHT, CARD_WIDTH, type Rectangle } from "../picture";
import type { Size } from "./positions";

const FRAME_TOP = 48;
const FRAME_SIDE = 24;
const FRAME_BOTTOM = 28;
const GAP = 28;

/** Where the boxes of a pipeline are, as that pipeline counts. */
export interface Extent {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function extentOf(places: readonly Rectangle[]): Extent {
  if (places.length === 0) {
    return { left: 0, top: 0, right: CARD_WIDTH, bottom: CARD_HEIGHT };
  }
  return {
    left: Math.min(...places.map(({ x }) => x)),
    top: Math.min(...places.map(({ y }) => y)),
    right: Math.max(...places.map(({ x, width }) => x + width)),
    bottom: Math.max(...places.map(({ y, height }) => y + height)),
  };
}

/** The frame around an inside; its corner is where the step's card would stand. */
export const frameAround = ({ left, top, right, bottom }: Extent): Size => ({
  width: Math.max(CARD_WIDTH, right - left) + 2 * FRAME_SIDE,
  height: Math.max(CARD_HEIGHT, bottom - top) + FRAME_TOP + FRAME_BOTTOM,
});

/** Where an inside has its zero, counted from the corner of its frame. */
export const zeroIn = ({ left, top }: Extent): Point => ({ x: FRAME_SIDE - left, y: FRAME_TOP - top });

export interface Standing {
  id: string;
  corner: Point;
  size: Size;
  isFrame: boolean;
}

/**
 * Where boxes stand that somebody placed while a pipeline among them was a card: those below and beside it make way.
 * Where nothing is covered nothing moves.
 */
export function apart(boxes: readonly Standing[]): Map<string, Point> {
  const corners = new Map(boxes.map(({ id, corner }) => [id, { ...corner }]));
  const at = (one: Standing): Point => corners.get(one.id) as Point;
  const frames = boxes.filter((one) => one.isFrame).sort((a, b) => a.corner.y - b.corner.y || a.corner.x - b.corner.x);
  for (const frame of frames) {
    const others = boxes.filter((one) => one !== frame);
    const start = at(frame);
    makeWay(
      frame,
      others.filter((one) => at(one).y >= start.y + CARD_HEIGHT),
      at,
      "down",
    );
    makeWay(
      frame,
      others.filter((one) => at(one).x >= start.x + CARD_WIDTH && shareRow(placeOf(one, at), placeOf(frame, at))),
      at,
      "right",
    );
  }
  return corners;
}

const placeOf = (one: Standing, at: (one: Standing) => Point): Rectangle => ({ ...at(one), ...one.size });

const shareRow = (a: Rectangle, b: Rectangle): boolean => a.y < b.y + b.height && b.y < a.y + a.height;

export const overlaps = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && shareRow(a, b);

/** All of some boxes go as far as the one that is covered most has to. */
function makeWay(
  frame: Standing,
  some: readonly Standing[],
  at: (one: Standing) => Point,
  way: "down" | "right",
): void {
  const around = placeOf(frame, at);
  let far = 0;
  for (const one of some) {
    const place = placeOf(one, at);
    if (overlaps(place, around)) {
      far = Math.max(
        far,
        way === "down" ? around.y + around.height + GAP - place.y : around.x + around.width + GAP - place.x,
      );
    }
  }
  for (const one of far === 0 ? [] : some) {
    const corner = at(one);
    if (way === "down") {
      corner.y += far;
    } else {
      corner.x += far;
    }
  }
}
