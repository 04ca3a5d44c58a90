/** What a canvas of cards is moved by: its size, the viewport, pointer, wheel, two presses of one card. */

import {
  type PointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Picture } from "../domain/picture";
import { type Inks, inksOf } from "./paint";
import { fitted, type Size, type Viewport, zoomed } from "./viewport";

const CLICK_PIXELS = 4;
/** Large graphs begin readable at the top instead of whole and unreadable. */
const FIRST_ZOOM_MIN = 0.5;

export function useScreen(frame: RefObject<HTMLElement | null>): Size {
  const [screen, setScreen] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() => setScreen({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return screen;
}

type SetView = (next: Viewport | ((before: Viewport | null) => Viewport | null)) => void;

/** Where one was in this graph, kept for the session. It is fitted until somebody moves, and then nobody else's. */
export function useViewport(memory: string, picture: Picture, screen: Size): [Viewport | null, SetView] {
  const key = `pipeyard.view.${memory}`;
  const [moved, setMoved] = useState<Viewport | null>(() => {
    const kept = sessionStorage.getItem(key);
    return kept === null ? null : (JSON.parse(kept) as Viewport);
  });
  const own = useMemo(
    () => (screen.width > 0 && picture.places.size > 0 ? fitted(picture, screen, FIRST_ZOOM_MIN) : null),
    [picture, screen],
  );
  const set: SetView = useCallback(
    (next) =>
      setMoved((before) => {
        const view = before ?? own;
        const wanted = typeof next === "function" ? next(view) : next;
        return wanted === view ? before : wanted;
      }),
    [own],
  );
  useEffect(() => {
    if (moved !== null) {
      sessionStorage.setItem(key, JSON.stringify(moved));
    }
  }, [key, moved]);
  return [moved ?? own, set];
}

export function useInks(frame: RefObject<HTMLElement | null>): Inks | null {
  const [inks, setInks] = useState<Inks | null>(null);
  useEffect(() => {
    const read = () => frame.current && setInks(inksOf(frame.current));
    read();
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", read);
    addEventListener("pipeyard-theme", read);
    return () => {
      system.removeEventListener("change", read);
      removeEventListener("pipeyard-theme", read);
    };
  }, [frame]);
  return inks;
}

const DOUBLE_MS = 700;

/** The first press of two may open the panel and move the card away, so that the second one hits something else. */
export function useDoublePress(onDouble: (key: string) => void): (key: string | null) => void {
  const last = useRef<{ key: string | null; at: number }>({ key: null, at: 0 });
  const newest = useRef(onDouble);
  useEffect(() => {
    newest.current = onDouble;
  });
  useEffect(() => {
    const onDoubleClick = (event: MouseEvent) => {
      const { key, at } = last.current;
      last.current = { key: null, at: 0 };
      if (key !== null && event.timeStamp - at < DOUBLE_MS) {
        newest.current(key);
      }
    };
    document.addEventListener("dblclick", onDoubleClick);
    return () => document.removeEventListener("dblclick", onDoubleClick);
  }, []);
  return useCallback((key) => {
    const now = performance.now();
    // The second press of two is no first one.
    if (last.current.key === null || now - last.current.at > DOUBLE_MS) {
      last.current = { key, at: now };
    }
  }, []);
}

/** Drag the background to move; a press that does not move is a click on whatever is painted there. */
export function useDrag(setView: SetView, onClick: (point: { x: number; y: number }) => void) {
  const start = useRef<{ x: number; y: number; isMoved: boolean } | null>(null);
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button === 0 && !(event.target as Element).closest("button, a, .minimap")) {
        start.current = { x: event.clientX, y: event.clientY, isMoved: false };
        event.currentTarget.setPointerCapture(event.pointerId);
      }
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const from = start.current;
      if (from === null) {
        return;
      }
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      if (from.isMoved || Math.abs(x) + Math.abs(y) > CLICK_PIXELS) {
        start.current = { x: event.clientX, y: event.clientY, isMoved: true };
        setView((before) => before && { ...before, x: before.x + x, y: before.y + y });
      }
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const from = start.current;
      start.current = null;
      if (from !== null && !from.isMoved) {
        const box = event.currentTarget.getBoundingClientRect();
        onClick({ x: event.clientX - box.left, y: event.clientY - box.top });
      }
    },
    onPointerCancel: () => {
      start.current = null;
    },
  };
}

export function useWheel(frame: RefObject<HTMLElement | null>, setView: SetView): void {
  useEffect(() => {
    const element = frame.current;
    if (element === null) {
      return;
    }
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const at = { x: event.clientX - box.left, y: event.clientY - box.top };
      if (event.shiftKey) {
        setView((before) => before && { ...before, x: before.x - event.deltaY - event.deltaX });
      } else {
        setView((before) => before && zoomed(before, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), at));
      }
    };
    // React's own would be passive, and the page would scroll too.
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [frame, setView]);
}
