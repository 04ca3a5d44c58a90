import { type DragEvent, type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Board } from "../domain/draft/board";
import { dragged } from "../domain/draft/board-moves";
import type { WireEnd } from "../domain/draft/pipeline";
import { endKey, type PortSpot, scopeOfBox } from "../domain/draft/spots";
import type { Point } from "../domain/layout";
import type { Place, Rectangle } from "../domain/picture";
import { DraftCard, type Fit } from "./DraftCard";
import { DraftFrame } from "./DraftFrame";
import { follow } from "./follow";
import { GraphCanvas } from "./GraphCanvas";
import { useMarquee } from "./useMarquee";
import "./draft.css";

const PORT = "[data-port]";
const CARD = "[data-key]";

export interface ProblemCount {
  errors: number;
  warnings: number;
}

export interface DraftCanvasProps {
  board: Board;
  /** The pipelines whose insides are only shown. */
  foreign: ReadonlySet<string>;
  selected: readonly string[];
  problems: ReadonlyMap<string, ProblemCount>;
  focus: { key: string; count: number } | null;
  memory: string;
  isReadOnly: boolean;
  /** Whether a wire from one end may go to each of the others. */
  fits(from: WireEnd): ReadonlyMap<string, Fit>;
  onSelect(keys: readonly string[]): void;
  onOpen(key: string): void;
  /** Whether a step is a pipeline that can be drawn open. */
  canFold(key: string): boolean;
  onFold(key: string): void;
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
  const { board, foreign, selected, problems, focus, memory, isReadOnly, fits } = props;
  const { onSelect, onOpen, canFold, onFold, onMove, onConnect, onConnectBox, onDropWire, onDropItem } = props;
  const reach = useRef<((point: Point) => Point | null) | null>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [drag, setDrag] = useState<{ keys: readonly string[]; by: Point } | null>(null);
  const fitting = useMemo(() => (drawing === null ? null : fits(drawing.from.end)), [drawing, fits]);
  const moved = useMemo(() => (drag === null ? board : dragged(board, drag.keys, drag.by)), [board, drag]);
  const wasMoved = useRef(false);

  const inPicture = useCallback(
    (event: { clientX: number; clientY: number }) => reach.current?.({ x: event.clientX, y: event.clientY }) ?? null,
    [],
  );
  const marquee = useMarquee({ board, foreign, selected, inPicture, onSelect });
  const chosen = useMemo(() => new Set(marquee.keys ?? selected), [marquee.keys, selected]);
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
  const isOwn = (key: string) => !foreign.has(scopeOfBox(key));
  /** The step of the draft itself that holds what is only shown. */
  const holderOf = (key: string): string => (isOwn(key) ? key : holderOf(scopeOfBox(key)));
  const cardAt = (place: Place, onPress: (key: string) => void) => {
    const ports = moved.ports.get(place.key) ?? [];
    const count = problems.get(place.key);
    const common = {
      place,
      ports,
      step: moved.steps.get(place.key) ?? null,
      isSelected: chosen.has(place.key),
      isDim: fitting !== null && !ports.some((spot) => fitting.get(endKey(spot.end))?.isOk),
      isInert: !isOwn(place.key),
      errors: count?.errors ?? 0,
      warnings: count?.warnings ?? 0,
      fitOf,
      onDown,
      onPort,
      onFold: canFold(place.key) ? onFold : undefined,
      onSelect: (key: string, isAdded: boolean) => {
        if (!isAdded && !wasMoved.current) {
          onPress(key);
        }
        select(key, isAdded);
      },
    };
    return place.kind === "frame" ? (
      <DraftFrame
        {...common}
        isForeign={foreign.has(place.key)}
        isEmpty={!hasBoxes(board, place.key)}
        onInside={onOpen}
      />
    ) : (
      <DraftCard {...common} />
    );
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be placed with the keyboard too.
    <div
      className="draft-canvas"
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && !isReadOnly && event.preventDefault()}
      onDrop={drop}
      onPointerDownCapture={marquee.onDown}
      onMouseDownCapture={marquee.onMouseDown}
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
        canReach={isOwn}
        onSelect={(key, isAdded) => {
          if (drawing?.isPressed && key === null) {
            setDrawing(null);
          }
          const own = key === null || isOwn(key) ? key : holderOf(key);
          onSelect(own === null ? [] : isAdded ? [...selected.filter((one) => one !== own), own] : [own]);
        }}
        onOpen={onOpen}
        onToggle={onOpen}
        overlay={
          <>
            {drawing !== null && <Line from={drawing.from} to={drawing.at} />}
            {marquee.area !== null && <div className="marquee" style={boundsOf(marquee.area)} />}
          </>
        }
        card={(place, onPress) => cardAt(place, onPress)}
      />
      <p className={chosen.size > 1 ? "selection-count" : "selection-count quiet"} role="status">
        {chosen.size === 0 ? "" : `${chosen.size} selected`}
      </p>
    </div>
  );
}

const boundsOf = ({ x, y, width, height }: Rectangle) => ({ left: x, top: y, width, height });

const hasBoxes = (board: Board, scope: string): boolean =>
  [...board.picture.places.keys()].some((key) => scopeOfBox(key) === scope);

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
