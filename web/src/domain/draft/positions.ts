/**
 * Where boxes stand. Kept apart from the text: moving a box changes nothing that would run.
 *
 * Keys are those of steps, and `input:x` and `output:x` for the pipeline's own. What has no position is placed by the layout.
 */

import type { Point } from "../layout";
import type { Done } from "./apply";
import { boxOfData, dataBoxOf, scopeOfBox } from "./spots";

export type Positions = Readonly<Record<string, Point>>;

export interface Size {
  width: number;
  height: number;
}

/** Positions after an edit: they follow steps that got another key, and forget those that are gone. */
export function followed(positions: Positions, { draft, renamed }: Pick<Done, "draft" | "renamed">): Positions {
  const found: Record<string, Point> = {};
  let isSame = true;
  for (const [key, point] of Object.entries(positions)) {
    const data = dataBoxOf(key);
    const now =
      data === null ? (renamed[key] ?? key) : boxOfData({ ...data, scope: renamed[data.scope] ?? data.scope });
    const around = data === null ? now : scopeOfBox(now);
    const isThere = around === "" || draft.pipeline.byKey.has(around);
    isSame &&= isThere && now === key;
    if (isThere) {
      found[now] = point;
    }
  }
  return isSame ? positions : found;
}

/** Some boxes moved by as much as one of them. */
export function nudged(positions: Positions, keys: readonly string[], by: Point): Positions {
  const now = { ...positions };
  for (const key of keys) {
    const point = positions[key];
    if (point !== undefined) {
      now[key] = { x: point.x + by.x, y: point.y + by.y };
    }
  }
  return now;
}

export type Edge = "left" | "right" | "top" | "bottom" | "center" | "middle";

/** Boxes in one line: along an edge that they share then, or through their middles. */
export function aligned(
  positions: Positions,
  sizes: ReadonlyMap<string, Size>,
  keys: readonly string[],
  edge: Edge,
): Positions {
  const boxes = keys.flatMap((key) => {
    const [point, size] = [positions[key], sizes.get(key)];
    return point === undefined || size === undefined ? [] : [{ key, ...point, ...size }];
  });
  if (boxes.length < 2) {
    return positions;
  }
  const [left, top] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const now = { ...positions };
  for (const { key, x, y, width, height } of boxes) {
    now[key] = {
      x: edge === "left" ? left : edge === "right" ? right - width : edge === "center" ? (left + right - width) / 2 : x,
      y:
        edge === "top"
          ? top
          : edge === "bottom"
            ? bottom - height
            : edge === "middle"
              ? (top + bottom - height) / 2
              : y,
    };
  }
  return now;
}

/** The place nearest to a wanted one where a box covers no other: below it, step by step. */
export function freePlace(
  positions: Positions,
  sizes: ReadonlyMap<string, Size>,
  wanted: Point,
  size: Size,
  gap = 20,
): Point {
  const place = { ...wanted };
  for (let tries = 0; tries <= sizes.size; tries += 1) {
    const hit = [...sizes].find(([key, other]) => {
      const point = positions[key];
      return (
        point !== undefined &&
        place.x < point.x + other.width &&
        point.x < place.x + size.width &&
        place.y < point.y + other.height &&
        point.y < place.y + size.height
      );
    });
    if (hit === undefined) {
      return place;
    }
    place.y = (positions[hit[0]]?.y ?? 0) + hit[1].height + gap;
  }
  return place;
}
