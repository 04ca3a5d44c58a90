/** Which part of a picture is on the screen. Screen = picture × zoom + (x, y). */

import type { Rectangle } from "../domain/picture";

export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

export const ZOOM_MIN = 0.04;
export const ZOOM_MAX = 2;
const MARGIN = 40;
/** A picture that fits is not blown up. */
const FIT_ZOOM_MAX = 1;

export function fitted(picture: Size, screen: Size, zoomMin = ZOOM_MIN): Viewport {
  const zoom = clamp(
    Math.min(
      (screen.width - 2 * MARGIN) / Math.max(1, picture.width),
      (screen.height - 2 * MARGIN) / Math.max(1, picture.height),
    ),
    zoomMin,
    FIT_ZOOM_MAX,
  );
  const x = (screen.width - picture.width * zoom) / 2;
  const y = (screen.height - picture.height * zoom) / 2;
  // What does not fit begins at the top: there the data comes in.
  return { zoom, x, y: Math.max(y, MARGIN) };
}

/** The same point of the picture stays under *at*. */
export function zoomed(view: Viewport, factor: number, at: { x: number; y: number }): Viewport {
  const zoom = clamp(view.zoom * factor, ZOOM_MIN, ZOOM_MAX);
  const ratio = zoom / view.zoom;
  return { zoom, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

/** What of the picture can be seen, with a margin around it. */
export function seen(view: Viewport, screen: Size, margin: number): Rectangle {
  return {
    x: -view.x / view.zoom - margin,
    y: -view.y / view.zoom - margin,
    width: screen.width / view.zoom + 2 * margin,
    height: screen.height / view.zoom + 2 * margin,
  };
}

export function touches(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Moved no further than needed for *target* to be on the screen. */
export function showing(view: Viewport, screen: Size, target: Rectangle): Viewport {
  const left = target.x * view.zoom + view.x;
  const top = target.y * view.zoom + view.y;
  const x = pushed(left, target.width * view.zoom, screen.width);
  const y = pushed(top, target.height * view.zoom, screen.height);
  return x === 0 && y === 0 ? view : { ...view, x: view.x + x, y: view.y + y };
}

/** With *target* in the middle, near enough to be read. */
export function centred(view: Viewport, screen: Size, target: Rectangle, zoomMin = 0.8): Viewport {
  const zoom = Math.max(view.zoom, zoomMin);
  return {
    zoom,
    x: screen.width / 2 - (target.x + target.width / 2) * zoom,
    y: screen.height / 2 - (target.y + Math.min(target.height, screen.height / zoom) / 2) * zoom,
  };
}

function pushed(start: number, length: number, room: number): number {
  const [first, last] = [MARGIN, room - MARGIN - length];
  // What is larger than the screen is shown from its beginning.
  return start < first || last < first ? first - start : Math.min(0, last - start);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
