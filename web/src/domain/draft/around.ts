/** A wire and the boxes of its board → the points that lead it past those which are in its way. */

import type { Point } from "../layout";
import type { Rectangle } from "../picture";

/** Half of what the layout leaves between two boxes of a row. */
const GAP = 14;
const SAMPLES = 4;

/** Boxes by where they begin, so that a wire looks only at those between its ends. */
export class Obstacles {
  private readonly sorted: readonly Rectangle[];

  constructor(boxes: Iterable<Rectangle>) {
    this.sorted = [...boxes].sort((one, other) => one.y - other.y);
  }

  /** Return the two ends, and between them where the wire goes down beside a box instead of behind it. */
  wire(from: Point, to: Point): Point[] {
    const points = [from];
    let last = from;
    for (let at = this.firstBelow(from.y); at < this.sorted.length; at++) {
      const box = this.sorted[at] as Rectangle;
      if (box.y >= to.y) {
        break;
      }
      const isBetween = box.y >= last.y && box.y + box.height <= to.y;
      if (isBetween && isHit(last, to, box)) {
        const x = this.beside(box, xAt(last, to, box.y + box.height / 2), at);
        last = { x, y: box.y + box.height };
        points.push({ x, y: box.y }, last);
      }
    }
    return [...points, to];
  }

  private firstBelow(y: number): number {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] as Rectangle).y < y) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Return the nearer side of a box that no box beside it covers. */
  private beside(box: Rectangle, x: number, at: number): number {
    const row = this.row(box, at);
    const left = past(row, box.x - GAP, -1);
    const right = past(row, box.x + box.width + GAP, 1);
    return x - left <= right - x ? left : right;
  }

  /** Boxes that share some height with one of them. */
  private row(box: Rectangle, at: number): Rectangle[] {
    const found = [];
    for (let next = at; next < this.sorted.length && (this.sorted[next] as Rectangle).y < box.y + box.height; next++) {
      found.push(this.sorted[next] as Rectangle);
    }
    for (let before = at - 1; before >= 0 && (this.sorted[before] as Rectangle).y + 2 * box.height > box.y; before--) {
      if ((this.sorted[before] as Rectangle).y + (this.sorted[before] as Rectangle).height > box.y) {
        found.push(this.sorted[before] as Rectangle);
      }
    }
    return found;
  }
}

/** Go on in a direction until nothing of a row is there. */
function past(row: readonly Rectangle[], start: number, way: 1 | -1): number {
  let x = start;
  for (const box of [...row].sort((one, other) => way * (one.x - other.x))) {
    if (x > box.x - GAP && x < box.x + box.width + GAP) {
      x = way === 1 ? box.x + box.width + GAP : box.x - GAP;
    }
  }
  return x;
}

function isHit(from: Point, to: Point, box: Rectangle): boolean {
  for (let part = 0; part <= SAMPLES; part++) {
    const x = xAt(from, to, box.y + (box.height * part) / SAMPLES);
    if (x > box.x && x < box.x + box.width) {
      return true;
    }
  }
  return false;
}

/** Where a wire is at a height: it leaves and arrives upright, and crosses over in the middle. */
function xAt(from: Point, to: Point, y: number): number {
  const part = (y - from.y) / (to.y - from.y);
  return from.x + (to.x - from.x) * part * part * (3 - 2 * part);
}
