/** Steps selected by a rectangle drawn over them, with Shift held down. */

import { type MouseEvent, type PointerEvent, useMemo, useState } from "react";
import type { Board } from "../domain/draft/board";
import { areaBetween, stepsTouched } from "../domain/draft/board-moves";
import type { Point } from "../domain/layout";
import type { Rectangle } from "../domain/picture";
import { follow } from "./follow";

interface Marquee {
  area: Rectangle | null;
  /** What is selected if it is let go now; null: no rectangle is drawn. */
  keys: readonly string[] | null;
  /** Begins a rectangle where this press is for one. */
  onDown(event: PointerEvent<HTMLElement>): void;
  /** The press that the browser makes of it: it would mark text, and what is marked is what is copied. */
  onMouseDown(event: MouseEvent<HTMLElement>): void;
}

interface MarqueeOf {
  board: Board;
  foreign: ReadonlySet<string>;
  selected: readonly string[];
  inPicture(event: { clientX: number; clientY: number }): Point | null;
  onSelect(keys: readonly string[]): void;
}

export function useMarquee({ board, foreign, selected, inPicture, onSelect }: MarqueeOf): Marquee {
  const [drawn, setDrawn] = useState<{ area: Rectangle; isAdded: boolean } | null>(null);
  const within = (area: Rectangle, isAdded: boolean): string[] => {
    const touched = stepsTouched(board, area, foreign);
    return isAdded ? [...new Set([...selected, ...touched])] : touched;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: *within* is made of what is listed.
  const keys = useMemo(
    () => (drawn === null ? null : within(drawn.area, drawn.isAdded)),
    [drawn, board, foreign, selected],
  );
  return {
    area: drawn?.area ?? null,
    keys,
    onDown: (event) => {
      const start = inPicture(event);
      if (!isOnGround(event) || start === null) {
        return;
      }
      // The canvas would move.
      event.stopPropagation();
      const isAdded = event.ctrlKey || event.metaKey;
      const areaTo = (end: { clientX: number; clientY: number }) => areaBetween(start, inPicture(end) ?? start);
      follow(event, {
        onMove: (move) => setDrawn({ area: areaTo(move), isAdded }),
        onEnd: (end, isMoved) => {
          setDrawn(null);
          if (isMoved) {
            const keys = within(areaTo(end), isAdded);
            onSelect(keys);
            focusOn(keys.at(-1));
          }
        },
        onCancel: () => setDrawn(null),
      });
    },
    onMouseDown: (event) => isOnGround(event) && event.preventDefault(),
  };
}

const isOnGround = (event: MouseEvent<HTMLElement>): boolean =>
  event.shiftKey && event.button === 0 && !(event.target as Element).closest("button, a, .minimap, .canvas-tools");

/** The keys go on from there, and not in the field where one was before. */
function focusOn(key: string | undefined): void {
  (document.activeElement as HTMLElement | null)?.blur();
  if (key !== undefined) {
    requestAnimationFrame(() =>
      document
        .querySelector<HTMLElement>(`.draft-canvas [data-key="${CSS.escape(key)}"]`)
        ?.focus({ preventScroll: true }),
    );
  }
}
