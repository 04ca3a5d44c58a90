/** Open pipelines need room: what a frame measures around what it holds, and how the boxes beside it make way. */

import type { Point } from "../layout";
import { CARD_HEIGHT, CARD_WIDTH, type Rectangle } from "../picture";

export const FRAME_TOP = 48;
export const FRAME_SIDE = 24;
export const FRAME_BOTTOM = 28;
const GAP = 28;

/** Where the boxes of a pipeline are, as that pipeline counts. */
export interface Extent {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function extentOf(places: Iterable<Rectangle>): Extent {
  // It does not begin further in than at its zero, so that a box that moves down or right moves nothing else.
  const found = { left: 0, top: 0, right: 0, bottom: 0 };
  for (const { x, y, width, height } of places) {
    found.left = Math.min(found.left, x);
    found.top = Math.min(found.top, y);
    found.right = Math.max(found.right, x + width);
    found.bottom = Math.max(found.bottom, y + height);
  }
  return found;
}

/** The frame around an inside, counted from the corner where the step's box stands. */
export function frameAround({ left, top, right, bottom }: Extent): Rectangle {
  return {
    x: left,
    y: top,
    width: Math.max(CARD_WIDTH, right - left) + 2 * FRAME_SIDE,
    height: Math.max(CARD_HEIGHT, bottom - top) + FRAME_TOP + FRAME_BOTTOM,
  };
}

export interface Standing {
  id: string;
  /** Where the box stands; of a frame where its card would. */
  corner: Point;
  /** Counted from the corner. */
  box: Rectangle;
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

const placeOf = ({ box, ...one }: Standing, at: (one: Standing) => Point): Rectangle => {
  const { x, y } = at({ box, ...one });
  return { ...box, x: x + box.x, y: y + box.y };
};

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
