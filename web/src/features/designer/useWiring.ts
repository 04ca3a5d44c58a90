import { useCallback, useMemo, useState } from "react";
import type { Palette, PaletteItem } from "../../api/drafts";
import { isSource } from "../../canvas/DraftCanvas";
import type { Fit } from "../../canvas/DraftCard";
import type { Board } from "../../domain/draft/board";
import { framesAt, placeIn, settledIn } from "../../domain/draft/board-moves";
import type { Catalogue, ComponentFacts } from "../../domain/draft/catalogue";
import { APART, canConnect, candidatesOf, scopeOf } from "../../domain/draft/connect";
import { type Fitting, fittingComponents } from "../../domain/draft/fit";
import type { Value, WireEnd } from "../../domain/draft/pipeline";
import { boxOf, dataBoxOf, endKey, scopeOfBox } from "../../domain/draft/spots";
import { referenceTo } from "../../domain/draft/version";
import type { Point } from "../../domain/layout";
import { CARD_HEIGHT, CARD_WIDTH } from "../../domain/picture";
import type { DraftWork } from "./useDraftWork";

/** What is asked before something is wired or placed. */
export type Question =
  /** What fits a wire that was dropped where nothing is. */
  | { kind: "fitting"; end: WireEnd; at: Point | null }
  /** Which port of a box, or, of a wire that begins with the keyboard, which end of all. */
  | { kind: "target"; from: WireEnd; box: string | null }
  /** From which output of a step a wire begins. */
  | { kind: "source"; step: string }
  /** What to place. */
  | { kind: "item" };

export interface Wiring {
  question: Question | null;
  ask(question: Question | null): void;
  fits(from: WireEnd): ReadonlyMap<string, Fit>;
  sourcesOf(end: WireEnd): readonly WireEnd[];
  candidates(end: WireEnd): ReturnType<typeof candidatesOf>;
  fitting(end: WireEnd): readonly Fitting[];
  connect(from: WireEnd, to: WireEnd): void;
  connectBox(from: WireEnd, box: string): void;
  dropWire(from: WireEnd, at: Point): void;
  place(item: PaletteItem, at: Point | null): void;
  placeReference(palette: Palette | undefined, reference: string, at: Point | null): void;
  /** A component put where a wire was dropped, and joined to it. */
  placeFitting(facts: ComponentFacts, port: string, end: WireEnd, at: Point | null): void;
  startWire(step: string): void;
  outputsOf(step: string): readonly WireEnd[];
  /** A wire between two ends, whichever it begins at. */
  join(one: WireEnd, other: WireEnd): void;
}

/** Wires and new boxes: what may join what, and the edits that do it. */
export function useWiring(work: DraftWork, board: Board, catalogue: Catalogue, foreign: ReadonlySet<string>): Wiring {
  const { draft, positions } = work.history.now;
  const [question, ask] = useState<Question | null>(null);
  const candidates = useCallback((end: WireEnd) => candidatesOf(draft, end, catalogue), [draft, catalogue]);
  const connect = useCallback(
    (from: WireEnd, to: WireEnd) => {
      const answer = canConnect(draft, from, to, catalogue);
      if (answer.ok) {
        work.edit({ kind: "connect", from, to });
      } else {
        work.refuse(answer.reason);
      }
    },
    [draft, catalogue, work],
  );
  const join = useCallback(
    (one: WireEnd, other: WireEnd) => (isSource(one) ? connect(one, other) : connect(other, one)),
    [connect],
  );
  const put = useCallback(
    (scope: string, value: Value, name: string, at: Point | null) => {
      const done = work.edit({ kind: "add-step", scope, name, value });
      const key = done?.steps[0];
      // Where nobody moved anything, the layout finds a place; a place that was pointed at is kept.
      if (key !== undefined && (at !== null || Object.keys(positions).some((one) => scopeOfBox(one) === scope))) {
        const wanted = at === null ? null : { x: at.x - CARD_WIDTH / 2, y: at.y - CARD_HEIGHT / 2 };
        const corner = placeIn(board, scope, wanted, { width: CARD_WIDTH, height: CARD_HEIGHT });
        work.settle(settledIn(board, positions, key, corner));
      }
      if (key !== undefined) {
        work.select([key]);
      }
      return key;
    },
    [board, positions, work],
  );
  /** The pipeline that something new goes into: the one that is pointed at, or where one is. */
  const scopeAt = useCallback(
    (at: Point | null): string | null => {
      const frames = at === null ? null : framesAt(board, at);
      if (frames !== null) {
        return foreign.has(frames[0] ?? "") ? null : (frames[0] ?? board.scope);
      }
      const chosen = work.selected.at(-1);
      const isFrame = chosen !== undefined && board.picture.places.get(chosen)?.kind === "frame";
      return chosen === undefined || !board.picture.places.has(chosen)
        ? board.scope
        : isFrame && !foreign.has(chosen)
          ? chosen
          : scopeOfBox(chosen);
    },
    [board, foreign, work.selected],
  );
  const place = useCallback(
    (item: PaletteItem, at: Point | null) => {
      const scope = scopeAt(at);
      if (scope === null) {
        work.refuse("what is in this frame is written elsewhere: unpack it, or open a draft of it");
      } else if (item.kind === "data" || item.kind === "models" || item.kind === "model") {
        const value = { type: item.type ?? "uri_folder", path: item.reference };
        work.edit({ kind: "set-pipeline-input", scope, name: freeName(stem(item.name), board, scope), value });
      } else {
        put(scope, stepOf(item), stem(item.name), at);
      }
    },
    [board, put, scopeAt, work],
  );
  return useMemo((): Wiring => {
    const wiring: Wiring = {
      question,
      ask,
      candidates,
      fits: (from) =>
        new Map(
          candidates(from).map(({ end, connection }): [string, Fit] => [
            endKey(end),
            connection.ok ? { isOk: true } : { isOk: false, reason: connection.reason },
          ]),
        ),
      sourcesOf: (end) => candidates(end).flatMap((one) => (one.connection.ok ? [one.end] : [])),
      fitting: (end) => fittingComponents([...new Set(catalogue.components.values())], draft, end, catalogue),
      connect,
      join,
      outputsOf: (step) => (board.ports.get(step) ?? []).filter((spot) => spot.side === "out").map((spot) => spot.end),
      connectBox: (from, box) => {
        if (scopeOfBox(box) !== scopeOf(draft, from)) {
          work.refuse(APART);
          return;
        }
        const found = candidates(from).filter(({ end }) => boxOf(end) === box);
        const free = found.filter(({ connection }) => connection.ok);
        if (free.length === 1 && free[0] !== undefined) {
          join(from, free[0].end);
        } else if (free.length === 0) {
          work.refuse(
            found[0]?.connection.ok === false ? found[0].connection.reason : "it has nothing that this wire could join",
          );
        } else {
          ask({ kind: "target", from, box });
        }
      },
      dropWire: (end, at) => {
        // On the ground of a frame that stands beside the wire's beginning, the frame is meant.
        const frame = framesAt(board, at).find((key) => scopeOfBox(key) === scopeOf(draft, end));
        if (frame !== undefined) {
          wiring.connectBox(end, frame);
        } else {
          ask({ kind: "fitting", end, at });
        }
      },
      place,
      placeReference: (palette, reference, at) => {
        const components = palette?.components ?? [];
        const item =
          [...components, ...(palette?.data ?? []), ...(palette?.models ?? [])].find(
            (one) => one.reference === reference,
          ) ?? components.find((one) => isVersionOf(one, reference));
        if (item !== undefined) {
          place({ ...item, reference }, at);
        }
      },
      placeFitting: (facts, port, end, at) => {
        const bound = isSource(end) ? { inputs: { [port]: expressionOf(end) } } : {};
        const key = put(
          scopeOf(draft, end) ?? board.scope,
          { type: facts.type, component: facts.reference, ...bound },
          stem(facts.name),
          at,
        );
        if (key !== undefined && !isSource(end)) {
          work.edit({ kind: "connect", from: { kind: "step-output", step: key, output: port }, to: end });
        }
      },
      startWire: (step) => {
        const outputs = (board.ports.get(step) ?? []).filter((spot) => spot.side === "out");
        if (outputs.length === 1 && outputs[0] !== undefined) {
          ask({ kind: "target", from: outputs[0].end, box: null });
        } else {
          ask({ kind: "source", step });
        }
      },
    };
    return wiring;
  }, [question, candidates, catalogue, draft, connect, join, place, put, board, work]);
}

const stepOf = (item: PaletteItem): Value => ({ type: item.type ?? "command", component: item.reference });

/** Whether a reference is to another version of a component than the newest. */
const isVersionOf = (item: PaletteItem, reference: string): boolean =>
  item.versions.some((version) => referenceTo({ ...item, text: item.reference }, version) === reference);

/** A name that an expression can hold. */
const stem = (name: string): string => name.replace(/\W+/g, "_").replace(/^(?=\d)/, "_") || "step";

function freeName(wanted: string, board: Board, scope: string): string {
  const inputs = [...board.picture.places.keys()].flatMap((key) => dataBoxOf(key) ?? []);
  const taken = new Set(inputs.filter((one) => one.scope === scope).map(({ name }) => name));
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) {
    name = `${wanted}_${count}`;
  }
  return name;
}

function expressionOf(end: WireEnd): string {
  if (end.kind === "pipeline-input") {
    return `\${{parent.inputs.${end.input}}}`;
  }
  return end.kind === "step-output" ? `\${{parent.jobs.${end.step.split("/").at(-1)}.outputs.${end.output}}}` : "";
}
