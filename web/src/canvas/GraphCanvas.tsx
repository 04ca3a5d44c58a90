import {
  type CSSProperties,
  Fragment,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import type { Point } from "../domain/layout";
import type { Picture, Place } from "../domain/picture";
import { Minimap } from "./Minimap";
import { useDoublePress, useDrag, useInks, useScreen, useViewport, useWheel } from "./moving";
import { CARDS_ZOOM_MIN, paint, type Scene } from "./paint";
import { centred, fitted, seen, showing, touches, type Viewport, zoomed } from "./viewport";
import "./canvas.css";

/** Cards a little outside the window are kept, so that a small move makes none anew. */
const KEPT_AROUND = 240;
const ZOOM_STEP = 1.25;

export interface GraphCanvasProps extends Omit<Scene, "picture" | "selected" | "found"> {
  picture: Picture;
  selected: string | null;
  /** What is looked for: the rest is dimmed. Null: nothing is. */
  found: ReadonlySet<string> | null;
  /** Brought into the middle each time that its count changes. */
  focus: { key: string; count: number } | null;
  /** Where the viewport is remembered for this session. */
  memory: string;
  /** For those who hear it: what is drawn, and where the same is to be had in words. */
  label: string;
  isGroup(key: string): boolean;
  /** Which cards the arrow keys lead to; all where it is not given. */
  canReach?: ((key: string) => boolean) | undefined;
  /** *isAdded*: besides what is selected, as Shift with an arrow says. */
  onSelect(key: string | null, isAdded?: boolean): void;
  /** A card was pressed twice. */
  onOpen(key: string): void;
  onToggle(key: string): void;
  /** Show only what is in a group. */
  onInside?: ((key: string) => void) | undefined;
  /** What is drawn at a place, in the coordinates of the picture. */
  card(place: Place, onSelect: (key: string) => void): ReactNode;
  /** Drawn above the cards, in the same coordinates. */
  overlay?: ReactNode;
  /** Filled with what tells where in the picture a point of the window is; null while nothing is seen. */
  reach?: RefObject<((point: Point) => Point | null) | null>;
}

/** A graph of cards, to move around in. The picture is given, and so is what a card looks like. */
export function GraphCanvas(props: GraphCanvasProps) {
  const { picture, selected, found, focus, memory, label, toneOf, nameOf, wireLook, isGroup, canReach } = props;
  const { onSelect, onOpen, onToggle, onInside, card, overlay, reach } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const screen = useScreen(frame);
  const [view, setView] = useViewport(memory, picture, screen);
  const inks = useInks(frame);
  const scene = useMemo(
    (): Scene => ({ picture, selected, found, toneOf, nameOf, wireLook }),
    [picture, selected, found, toneOf, nameOf, wireLook],
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

  const press = useDoublePress((key) => (isGroup(key) ? onToggle(key) : onOpen(key)));
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
    const next = keyTarget(event.key, selected, picture, canReach);
    if (next !== null) {
      event.preventDefault();
      onSelect(next, event.shiftKey);
      requestAnimationFrame(() =>
        frame.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next)}"]`)?.focus(),
      );
    } else if (event.key === "0") {
      showAll();
    } else if (event.key === "+" || event.key === "-") {
      zoom(event.key === "+" ? ZOOM_STEP : 1 / ZOOM_STEP);
    } else if (event.key === "e" && selected !== null && isGroup(selected)) {
      onToggle(selected);
    } else if (event.key === "i" && selected !== null && isGroup(selected)) {
      onInside?.(selected);
    }
  };

  useImperativeHandle(
    reach,
    () => (point: Point) => {
      const box = frame.current?.getBoundingClientRect();
      return view === null || box === undefined
        ? null
        : { x: (point.x - box.left - view.x) / view.zoom, y: (point.y - box.top - view.y) / view.zoom };
    },
    [view],
  );

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
          aria-label={label}
          style={
            {
              transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`,
              "--zoom": view.zoom,
            } as CSSProperties
          }
        >
          {near.map((place) => (
            <Fragment key={place.key}>{card(place, select)}</Fragment>
          ))}
          {overlay}
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

/** The card that an arrow key leads to: the nearest in that direction. */
function keyTarget(
  key: string,
  from: string | null,
  picture: Picture,
  canReach: (key: string) => boolean = () => true,
): string | null {
  const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  const start = from === null ? undefined : picture.places.get(from);
  if (way === undefined) {
    return null;
  }
  const cards = [...picture.places.values()].filter(
    ({ kind, key: one }) => (kind === "card" || kind === "frame") && canReach(one),
  );
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
