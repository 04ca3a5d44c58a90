import { type DragEvent, type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Board, endKey, type PortSpot } from "../domain/draft/board";
import type { WireEnd } from "../domain/draft/pipeline";
import type { Point } from "../domain/layout";
import { DraftCard, type Fit } from "./DraftCard";
import { GraphCanvas } from "./GraphCanvas";
import "./draft.css";

const DRAG_PIXELS = 4;
const PORT = "[data-port]";
const CARD = "[data-key]";

export interface ProblemCount {
  errors: number;
  warnings: number;
}

export interface DraftCanvasProps {
  board: Board;
  selected: readonly string[];
  problems: ReadonlyMap<string, ProblemCount>;
  focus: { key: string; count: number } | null;
  memory: string;
  isReadOnly: boolean;
  /** Whether a wire from one end may go to each of the others. */
  fits(from: WireEnd): ReadonlyMap<string, Fit>;
  onSelect(keys: readonly string[]): void;
  onOpen(key: string): void;
  /** Boxes were dragged by so much. */
  onMove(keys: readonly string[], by: Point): void;
  onConnect(from: WireEnd, to: WireEnd): void;
  /** A wire was dropped on a box, beside its ports. */
  onConnectBox(from: WireEnd, box: string): void;
  /** A wire was dropped where nothing is. */
  onDropWire(from: WireEnd, at: Point): void;
  /** Something of the palette was dropped. */
  onDropItem(reference: string, at: Point): void;
}

/** What the palette's rows carry while they are dragged. */
export const DRAGGED = "application/x-pipeyard-item";

interface Drawing {
  from: PortSpot;
  at: Point;
  /** It was pressed, not dragged: the next press on a port ends it. */
  isPressed: boolean;
}

/** A draft's boxes, to be moved and wired. */
export function DraftCanvas(props: DraftCanvasProps) {
  const { board, selected, problems, focus, memory, isReadOnly, fits } = props;
  const { onSelect, onOpen, onMove, onConnect, onConnectBox, onDropWire, onDropItem } = props;
  const reach = useRef<((point: Point) => Point | null) | null>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [drag, setDrag] = useState<{ keys: readonly string[]; by: Point } | null>(null);
  const chosen = useMemo(() => new Set(selected), [selected]);
  const fitting = useMemo(() => (drawing === null ? null : fits(drawing.from.end)), [drawing, fits]);
  const moved = useMemo(() => (drag === null ? board : movedBoard(board, new Set(drag.keys), drag.by)), [board, drag]);
  const wasMoved = useRef(false);

  const inPicture = useCallback(
    (event: { clientX: number; clientY: number }) => reach.current?.({ x: event.clientX, y: event.clientY }) ?? null,
    [],
  );
  const finish = useCallback(
    (from: PortSpot, event: { clientX: number; clientY: number }) => {
      const under = document.elementFromPoint(event.clientX, event.clientY);
      const port = under?.closest<HTMLElement>(PORT)?.dataset.port;
      const box = under?.closest<HTMLElement>(CARD)?.dataset.key;
      const to = port === undefined ? undefined : spotAt(board, port);
      const at = inPicture(event);
      if (to !== undefined) {
        connectEnds(from.end, to.end, onConnect);
      } else if (box !== undefined) {
        onConnectBox(from.end, box);
      } else if (at !== null && under?.closest(".canvas") !== null) {
        onDropWire(from.end, at);
      }
    },
    [board, inPicture, onConnect, onConnectBox, onDropWire],
  );

  const onPort = useCallback(
    (spot: PortSpot, event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0 || isReadOnly) {
        return;
      }
      event.preventDefault();
      if (drawing?.isPressed) {
        setDrawing(null);
        connectEnds(drawing.from.end, spot.end, onConnect);
        return;
      }
      follow(event, {
        onMove: (move) => setDrawing({ from: spot, at: inPicture(move) ?? spot, isPressed: false }),
        onEnd: (end, isMoved) => {
          if (isMoved) {
            setDrawing(null);
            finish(spot, end);
          } else {
            setDrawing({ from: spot, at: spot, isPressed: true });
          }
        },
        onCancel: () => setDrawing(null),
      });
    },
    [drawing, finish, inPicture, isReadOnly, onConnect],
  );
  const onDown = useCallback(
    (key: string, event: PointerEvent<HTMLElement>) => {
      wasMoved.current = false;
      if (event.button !== 0 || isReadOnly) {
        return;
      }
      const keys = chosen.has(key) ? [...chosen] : [key];
      const start = inPicture(event);
      follow(event, {
        onMove: (move) => {
          const now = inPicture(move);
          if (start !== null && now !== null) {
            setDrag({ keys, by: { x: now.x - start.x, y: now.y - start.y } });
          }
        },
        onEnd: (end, isMoved) => {
          const now = inPicture(end);
          setDrag(null);
          if (isMoved && start !== null && now !== null) {
            wasMoved.current = true;
            onMove(keys, { x: now.x - start.x, y: now.y - start.y });
          }
        },
        onCancel: () => setDrag(null),
      });
    },
    [chosen, inPicture, isReadOnly, onMove],
  );
  const select = useCallback(
    (key: string, isAdded: boolean) => {
      // The press that ends a move chooses nothing.
      if (wasMoved.current) {
        wasMoved.current = false;
        return;
      }
      const rest = selected.filter((one) => one !== key);
      onSelect(isAdded ? (chosen.has(key) ? rest : [...rest, key]) : [key]);
    },
    [chosen, selected, onSelect],
  );
  useEffect(() => {
    if (drawing === null) {
      return;
    }
    const leave = (event: KeyboardEvent) => event.key === "Escape" && setDrawing(null);
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, [drawing]);
  const fitOf = useCallback((spot: PortSpot): Fit => fitting?.get(endKey(spot.end)) ?? null, [fitting]);

  const drop = (event: DragEvent) => {
    const reference = event.dataTransfer.getData(DRAGGED);
    const at = inPicture(event);
    if (reference !== "" && at !== null) {
      event.preventDefault();
      onDropItem(reference, at);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be placed with the keyboard too.
    <div
      className="draft-canvas"
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && !isReadOnly && event.preventDefault()}
      onDrop={drop}
      onPointerMove={(event) => {
        const at = drawing?.isPressed ? inPicture(event) : null;
        if (drawing !== null && at !== null) {
          setDrawing({ ...drawing, at });
        }
      }}
    >
      <GraphCanvas
        picture={moved.picture}
        selected={drag === null ? (selected.at(-1) ?? null) : null}
        found={null}
        focus={focus}
        memory={memory}
        label="The pipeline. The same steps are in the outline."
        toneOf={() => "waiting"}
        nameOf={(key) => board.steps.get(key)?.name ?? key}
        isGroup={() => false}
        reach={reach}
        onSelect={(key) => {
          if (drawing?.isPressed && key === null) {
            setDrawing(null);
          }
          onSelect(key === null ? [] : [key]);
        }}
        onOpen={onOpen}
        onToggle={onOpen}
        onInside={onOpen}
        overlay={drawing === null ? null : <Line from={drawing.from} to={drawing.at} />}
        card={(place, onPress) => {
          const ports = moved.ports.get(place.key) ?? [];
          const count = problems.get(place.key);
          return (
            <DraftCard
              place={place}
              step={moved.steps.get(place.key) ?? null}
              ports={ports}
              isSelected={chosen.has(place.key)}
              isDim={fitting !== null && !ports.some((spot) => fitting.get(endKey(spot.end))?.isOk)}
              errors={count?.errors ?? 0}
              warnings={count?.warnings ?? 0}
              fitOf={fitOf}
              onDown={onDown}
              onPort={onPort}
              onSelect={(key, isAdded) => {
                if (!isAdded && !wasMoved.current) {
                  onPress(key);
                }
                select(key, isAdded);
              }}
            />
          );
        }}
      />
    </div>
  );
}

function Line({ from, to }: { from: Point; to: Point }) {
  const middle = (from.y + to.y) / 2;
  return (
    <svg className="drawn-wire" width="1" height="1" aria-hidden="true">
      <path d={`M${from.x},${from.y}C${from.x},${middle} ${to.x},${middle} ${to.x},${to.y}`} />
    </svg>
  );
}

/** A wire may be drawn from either of its ends. */
function connectEnds(one: WireEnd, other: WireEnd, connect: (from: WireEnd, to: WireEnd) => void): void {
  if (isSource(one)) {
    connect(one, other);
  } else {
    connect(other, one);
  }
}

export const isSource = (end: WireEnd): boolean => end.kind === "step-output" || end.kind === "pipeline-input";

function spotAt(board: Board, key: string): PortSpot | undefined {
  for (const spots of board.ports.values()) {
    const found = spots.find((spot) => endKey(spot.end) === key);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

interface Following {
  onMove(event: globalThis.PointerEvent): void;
  onEnd(event: globalThis.PointerEvent, isMoved: boolean): void;
  onCancel(): void;
}

/** Follow the pointer until it is let go, wherever it goes. */
function follow(start: PointerEvent<HTMLElement>, { onMove, onEnd, onCancel }: Following): void {
  let isMoved = false;
  const stop = new AbortController();
  const move = (event: globalThis.PointerEvent) => {
    isMoved ||= Math.abs(event.clientX - start.clientX) + Math.abs(event.clientY - start.clientY) > DRAG_PIXELS;
    if (isMoved) {
      onMove(event);
    }
  };
  addEventListener("pointermove", move, { signal: stop.signal });
  addEventListener(
    "pointerup",
    (event) => {
      stop.abort();
      onEnd(event, isMoved);
    },
    { signal: stop.signal },
  );
  addEventListener(
    "pointercancel",
    () => {
      stop.abort();
      onCancel();
    },
    { signal: stop.signal },
  );
}

/** The board while boxes are dragged: they and the ends of their wires are where the pointer is. */
function movedBoard(board: Board, keys: ReadonlySet<string>, by: Point): Board {
  const shift = <P extends Point>(point: P): P => ({ ...point, x: point.x + by.x, y: point.y + by.y });
  const places = new Map([...board.picture.places].map(([key, place]) => [key, keys.has(key) ? shift(place) : place]));
  const ports = new Map([...board.ports].map(([key, spots]) => [key, keys.has(key) ? spots.map(shift) : spots]));
  const wires = board.picture.wires.map((wire) =>
    keys.has(wire.from) || keys.has(wire.to)
      ? {
          ...wire,
          points: wire.points.map((point, at) => (keys.has(at === 0 ? wire.from : wire.to) ? shift(point) : point)),
        }
      : wire,
  );
  return { ...board, picture: { ...board.picture, places, wires }, ports };
}
