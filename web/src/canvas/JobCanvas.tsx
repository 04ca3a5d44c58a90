import {
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Step } from "../domain/job";
import type { Picture, Place } from "../domain/picture";
import { lookOf } from "../domain/status";
import { DataCard } from "./DataCard";
import { Minimap } from "./Minimap";
import { FrameCard, NodeCard } from "./NodeCard";
import { CARDS_ZOOM_MIN, type Inks, inksOf, paint, type Scene } from "./paint";
import { centred, fitted, type Size, seen, showing, touches, type Viewport, zoomed } from "./viewport";
import "./canvas.css";

/** Cards a little outside the window are kept, so that a small move makes none anew. */
const KEPT_AROUND = 240;
const CLICK_PIXELS = 4;
const ZOOM_STEP = 1.25;
/** Large jobs begin readable at the top instead of whole and unreadable. */
const FIRST_ZOOM_MIN = 0.5;

export interface JobCanvasProps {
  picture: Picture;
  steps: ReadonlyMap<string, Step>;
  selected: string | null;
  /** What is looked for: the rest is dimmed. Null: nothing is. */
  found: ReadonlySet<string> | null;
  /** Brought into the middle each time that its count changes. */
  focus: { key: string; count: number } | null;
  /** Where the viewport is remembered for this session. */
  memory: string;
  onSelect(key: string | null): void;
  onOpen(key: string): void;
  onToggle(key: string): void;
  /** Show only what is in a group. */
  onInside(key: string): void;
}

/** A job's graph, to move around in. The picture is given; nothing here decides what is in it. */
export function JobCanvas(props: JobCanvasProps) {
  const { picture, steps, selected, found, focus, memory, onSelect, onOpen, onToggle, onInside } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const screen = useScreen(frame);
  const [view, setView] = useViewport(memory, picture, screen);
  const inks = useInks(frame);
  const scene = useMemo(
    (): Scene => ({
      picture,
      selected,
      found,
      toneOf: (key) => lookOf(steps.get(key)?.label ?? "NotStarted").tone,
      nameOf: (key) => steps.get(key)?.display_name ?? key,
    }),
    [picture, steps, selected, found],
  );

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context && view && inks) {
      paint(context, scene, view, screen, inks);
    }
  }, [scene, view, screen, inks]);

  const show = useCallback(
    (key: string) => {
      const place = picture.places.get(key);
      if (place !== undefined) {
        setView((before) => before && showing(before, screen, place));
      }
    },
    [picture, screen, setView],
  );
  useEffect(() => {
    if (selected !== null) {
      show(selected);
    }
  }, [selected, show]);

  const shownFocus = useRef(0);
  useEffect(() => {
    const place = focus === null ? undefined : picture.places.get(focus.key);
    // A group around it may only be laid out in a moment.
    if (focus !== null && place !== undefined && focus.count !== shownFocus.current && screen.width > 0) {
      shownFocus.current = focus.count;
      setView((before) => before && centred(before, screen, place));
    }
  }, [focus, picture, screen, setView]);

  const press = useDoublePress((key) => (steps.get(key)?.kind === "pipeline" ? onToggle(key) : onOpen(key)));
  const select = useCallback(
    (key: string | null) => {
      press(key);
      onSelect(key);
    },
    [press, onSelect],
  );
  const drag = useDrag(setView, (point) => select(view && cardAt(picture, view, point)));
  useWheel(frame, setView);
  const zoom = (factor: number) =>
    setView((before) => before && zoomed(before, factor, { x: screen.width / 2, y: screen.height / 2 }));
  const showAll = () => setView(fitted(picture, screen));
  const move = (event: KeyboardEvent) => {
    const next = keyTarget(event.key, selected, picture);
    if (next !== null) {
      event.preventDefault();
      onSelect(next);
      requestAnimationFrame(() =>
        frame.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next)}"]`)?.focus(),
      );
    } else if (event.key === "0") {
      showAll();
    } else if (event.key === "+" || event.key === "-") {
      zoom(event.key === "+" ? ZOOM_STEP : 1 / ZOOM_STEP);
    } else if (event.key === "e" && selected !== null && steps.get(selected)?.kind === "pipeline") {
      onToggle(selected);
    } else if (event.key === "i" && selected !== null && steps.get(selected)?.kind === "pipeline") {
      onInside(selected);
    }
  };

  const window = view && seen(view, screen, KEPT_AROUND / view.zoom);
  const isNear = view !== null && view.zoom >= CARDS_ZOOM_MIN;
  const near = window && isNear ? [...picture.places.values()].filter((place) => touches(place, window)) : [];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the cards in it are what is interacted with; dragging has keys beside it.
    <div className="canvas" ref={frame} onKeyDown={move} {...drag}>
      <canvas
        ref={canvas}
        width={Math.round(screen.width * (devicePixelRatio || 1))}
        height={Math.round(screen.height * (devicePixelRatio || 1))}
        // As big as what was painted on it, also while the window changes: it is never stretched.
        style={{ width: screen.width, height: screen.height }}
        aria-label="Lines between the cards"
        role="img"
      />
      {view !== null && (
        <section
          className="cards"
          aria-label="Graph. The same steps are in the list of steps."
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})` }}
        >
          {near.map((place) => (
            <PlacedCard
              key={place.key}
              place={place}
              steps={steps}
              selected={selected}
              found={found}
              onSelect={select}
              onToggle={onToggle}
              onInside={onInside}
            />
          ))}
        </section>
      )}
      <div className="canvas-tools" role="toolbar" aria-label="Graph">
        <button
          type="button"
          className="button icon"
          onClick={() => zoom(ZOOM_STEP)}
          aria-label="Zoom in"
          title="Zoom in (+)"
        >
          +
        </button>
        <button
          type="button"
          className="button icon"
          onClick={() => zoom(1 / ZOOM_STEP)}
          aria-label="Zoom out"
          title="Zoom out (-)"
        >
          −
        </button>
        <button type="button" className="button" onClick={showAll} title="Show all (0)">
          Fit
        </button>
        <span className="muted small">{view === null ? "" : `${Math.round(view.zoom * 100)}%`}</span>
      </div>
      {view !== null && inks !== null && (
        <Minimap scene={scene} view={view} screen={screen} inks={inks} onMove={setView} />
      )}
    </div>
  );
}

interface CardProps
  extends Pick<JobCanvasProps, "steps" | "selected" | "found" | "onSelect" | "onToggle" | "onInside"> {
  place: Place;
}

function PlacedCard({ place, steps, selected, found, onSelect, onToggle, onInside }: CardProps) {
  const step = steps.get(place.key);
  const isSelected = place.key === selected;
  if (place.kind !== "card" && place.kind !== "frame") {
    return <DataCard place={place} />;
  }
  if (step === undefined) {
    return null;
  }
  if (place.kind === "frame") {
    return <FrameCard place={place} step={step} onSelect={onSelect} onToggle={onToggle} onInside={onInside} />;
  }
  return (
    <NodeCard
      place={place}
      step={step}
      isSelected={isSelected}
      isDim={found !== null && !found.has(place.key)}
      onSelect={onSelect}
    />
  );
}

/** The card that an arrow key leads to: the nearest in that direction. */
export function keyTarget(key: string, from: string | null, picture: Picture): string | null {
  const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  const start = from === null ? undefined : picture.places.get(from);
  if (way === undefined) {
    return null;
  }
  const cards = [...picture.places.values()].filter((place) => place.kind === "card");
  if (start === undefined) {
    return cards[0]?.key ?? null;
  }
  const [wayX, wayY] = way as [number, number];
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const card of cards) {
    const x = card.x + card.width / 2 - start.x - start.width / 2;
    const y = card.y - start.y;
    const along = x * wayX + y * wayY;
    const aside = Math.abs(x * wayY) + Math.abs(y * wayX);
    if (card.key !== from && along > 0 && along + 2 * aside < least) {
      least = along + 2 * aside;
      best = card.key;
    }
  }
  return best;
}

function cardAt(picture: Picture, view: Viewport, point: { x: number; y: number }): string | null {
  const at = { x: (point.x - view.x) / view.zoom, y: (point.y - view.y) / view.zoom, width: 1, height: 1 };
  const found = [...picture.places.values()].filter((place) => place.kind === "card" && touches(place, at));
  return found[0]?.key ?? null;
}

function useScreen(frame: React.RefObject<HTMLElement | null>): Size {
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

/** Where one was in this job, kept for the session. It is fitted until somebody moves, and then nobody else's. */
function useViewport(memory: string, picture: Picture, screen: Size): [Viewport | null, SetView] {
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

function useInks(frame: React.RefObject<HTMLElement | null>): Inks | null {
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
function useDoublePress(onDouble: (key: string) => void): (key: string | null) => void {
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
function useDrag(setView: SetView, onClick: (point: { x: number; y: number }) => void) {
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

function useWheel(frame: React.RefObject<HTMLElement | null>, setView: SetView): void {
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
