/** Follow the pointer from a press until it is let go, wherever it goes; Escape gives it up. */

import type { PointerEvent } from "react";

const DRAG_PIXELS = 4;

interface Following {
  onMove(event: globalThis.PointerEvent): void;
  onEnd(event: globalThis.PointerEvent, isMoved: boolean): void;
  onCancel(): void;
}

export function follow(start: PointerEvent<HTMLElement>, { onMove, onEnd, onCancel }: Following): void {
  let isMoved = false;
  const stop = new AbortController();
  const { signal } = stop;
  const move = (event: globalThis.PointerEvent) => {
    isMoved ||= Math.abs(event.clientX - start.clientX) + Math.abs(event.clientY - start.clientY) > DRAG_PIXELS;
    if (isMoved) {
      onMove(event);
    }
  };
  const giveUp = () => {
    stop.abort();
    onCancel();
  };
  addEventListener("pointermove", move, { signal });
  addEventListener(
    "pointerup",
    (event) => {
      stop.abort();
      onEnd(event, isMoved);
    },
    { signal },
  );
  addEventListener("pointercancel", giveUp, { signal });
  addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        giveUp();
      }
    },
    { signal, capture: true },
  );
}
