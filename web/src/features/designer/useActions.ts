import { useCallback, useState } from "react";
import type { DraftProblem } from "../../api/drafts";
import type { Board } from "../../domain/draft/board";
import { alignedOn, movedBy } from "../../domain/draft/board-moves";
import { dataBoxOf, outermost, scopeOfBox } from "../../domain/draft/spots";
import { copySteps } from "../../domain/draft/steps";
import { offsetOf } from "../../domain/draft/text";
import type { Point } from "../../domain/layout";
import type { MenuItem } from "../../ui/Menu";
import type { DraftWork } from "./useDraftWork";
import type { Folds } from "./useFolds";
import type { DraftText } from "./useText";
import type { Wiring } from "./useWiring";

export interface Actions {
  problemAt: number | null;
  goToProblem(at: number): void;
  nextProblem(way: 1 | -1): void;
  toggleText(): void;
  submit(): void;
  undo(): void;
  redo(): void;
  remove(): void;
  duplicate(): void;
  group(): void;
  copy(): Promise<void>;
  cut(): Promise<void>;
  paste(text: string): void;
  selectAll(): void;
  add(): void;
  wire(): void;
  nudge(by: Point): void;
  /** Draw the selected pipeline open, or as a card again. */
  fold(): void;
  /** Show only the selected pipeline. */
  goInside(): void;
  isReadOnly: boolean;
  menu(yamlAddress: string, zipAddress: string): readonly (MenuItem | null)[];
}

interface ActionsOf {
  work: DraftWork;
  board: Board;
  isReadOnly: boolean;
  problems: readonly DraftProblem[] | null;
  text: DraftText;
  hasText: boolean;
  showText(isShown: boolean): void;
  locate(key: string): void;
  open(key: string): void;
  folds: Folds;
  onSubmit(): void;
  onRevisions(): void;
  /** Null: the pipeline names no component files. */
  onRegister: (() => void) | null;
  wiring: Wiring;
}

/** Everything that can be done by a key or a menu, by name. */
export function useActions(of: ActionsOf): Actions {
  const { work, board, isReadOnly, problems, text, hasText, showText, locate, onSubmit, onRevisions, wiring } = of;
  const { folds, open, onRegister } = of;
  const { draft, positions } = work.history.now;
  const steps = outermost(work.selected.filter((key) => draft.pipeline.byKey.has(key)));
  const chosen = work.selected.at(-1);
  /** The pipeline in which something is selected. */
  const here = chosen !== undefined && board.picture.places.has(chosen) ? scopeOfBox(chosen) : board.scope;
  const [problemAt, setProblemAt] = useState<number | null>(null);
  const goToProblem = useCallback(
    (at: number) => {
      const problem = problems?.[at];
      if (problem === undefined) {
        return;
      }
      setProblemAt(at);
      if (problem.step !== null) {
        locate(problem.step);
      }
      if (problem.span !== null) {
        text.goTo(offsetOf(draft.text, problem.span), hasText && problem.step === null);
      }
    },
    [problems, locate, text, draft, hasText],
  );
  const remove = () => {
    if (steps.length > 0) {
      work.edit({ kind: "remove-steps", steps });
    }
    const gone = new Set(steps);
    for (const { scope, side, name } of work.selected.flatMap((key) => dataBoxOf(key) ?? [])) {
      if (!gone.has(scope)) {
        work.edit({ kind: side === "input" ? "remove-pipeline-input" : "remove-pipeline-output", scope, name });
      }
    }
  };
  const copy = async () => {
    if (steps.length > 0) {
      await navigator.clipboard.writeText(copySteps(draft, steps));
    }
  };
  const chosenOnly = steps.length === 0 ? "select steps first" : undefined;
  const isPipeline = chosen !== undefined && folds.canFold(chosen);
  const several = steps.length < 2 ? "select two steps or more" : undefined;
  const item = (id: string, label: string, onChoose: () => void, refusal?: string): MenuItem => ({
    id,
    label,
    refusal: isReadOnly && id !== "fold" && !id.startsWith("export") ? "it can only be read here" : refusal,
    onChoose,
  });
  const line = (edge: "left" | "top") => work.move(alignedOn(board, positions, work.selected, edge), "Align");
  const actions: Omit<Actions, "menu"> = {
    problemAt,
    goToProblem,
    isReadOnly,
    nextProblem: (way) => {
      const count = problems?.length ?? 0;
      if (count > 0) {
        goToProblem(((problemAt ?? (way === 1 ? -1 : 0)) + way + count) % count);
      }
    },
    toggleText: () => showText(!hasText),
    submit: onSubmit,
    undo: work.undo,
    redo: work.redo,
    remove,
    duplicate: () => {
      const done = steps.length === 0 ? null : work.edit({ kind: "duplicate-steps", steps });
      if (done !== null) {
        work.select(done.steps);
      }
    },
    group: () => {
      const done =
        steps.length === 0 ? null : work.edit({ kind: "group-steps", steps, name: "group", ports: portsByStep(board) });
      if (done !== null) {
        work.select(done.steps.slice(0, 1));
      }
    },
    copy,
    cut: async () => {
      await copy();
      remove();
    },
    paste: (pasted) => {
      const done = work.edit({ kind: "paste-steps", scope: here, text: pasted });
      if (done !== null) {
        work.select(done.steps);
      }
    },
    selectAll: () => work.select([...board.steps.keys()].filter((key) => scopeOfBox(key) === here)),
    add: () => wiring.ask({ kind: "item" }),
    wire: () => {
      const key = steps.at(-1);
      if (key !== undefined) {
        wiring.startWire(key);
      }
    },
    nudge: (by) => {
      if (work.selected.length > 0) {
        work.move(movedBy(board, positions, work.selected, by));
      }
    },
    fold: () => chosen !== undefined && folds.toggle(chosen),
    goInside: () => chosen !== undefined && open(chosen),
  };
  return {
    ...actions,
    menu: (yamlAddress, zipAddress) => [
      item("add", "Add a step (a)", actions.add),
      item("wire", "Connect (c)", actions.wire, chosenOnly),
      item("duplicate", "Duplicate (Ctrl D)", actions.duplicate, chosenOnly),
      item("group", "Group into a pipeline (Ctrl G)", actions.group, chosenOnly),
      item(
        "fold",
        "Open or close the pipeline here (e)",
        actions.fold,
        isPipeline ? undefined : "select a pipeline first",
      ),
      item("remove", "Remove (Del)", actions.remove, work.selected.length === 0 ? "select something first" : undefined),
      null,
      item("tidy", "Tidy", () => work.move(untouched(positions, board), "Tidy")),
      item("left", "Align left", () => line("left"), several),
      item("top", "Align at the top", () => line("top"), several),
      null,
      item(
        "register",
        "Register its components",
        () => onRegister?.(),
        onRegister === null ? "the pipeline names no component files" : undefined,
      ),
      item("revisions", "Earlier states", onRevisions),
      item("export-yaml", "Export the YAML", () => location.assign(yamlAddress)),
      item("export-zip", "Export with its files, as a zip", () => location.assign(zipAddress)),
    ],
  };
}

/** Nothing of this board has a place of its own any more: the layout places it. */
function untouched(positions: DraftWork["history"]["now"]["positions"], board: Board) {
  return Object.fromEntries(Object.entries(positions).filter(([key]) => !board.picture.places.has(key)));
}

function portsByStep(board: Board) {
  const ports: Record<string, { inputs: Record<string, { type: string }>; outputs: Record<string, { type: string }> }> =
    {};
  for (const [key, spots] of board.ports) {
    const side = (wanted: "in" | "out") =>
      Object.fromEntries(
        spots.flatMap((spot) => (spot.side === wanted && spot.type !== null ? [[spot.name, { type: spot.type }]] : [])),
      );
    ports[key] = { inputs: side("in"), outputs: side("out") };
  }
  return ports;
}
