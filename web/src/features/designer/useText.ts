import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { type DraftProblem, schemaQuery } from "../../api/drafts";
import type { Catalogue, Schema } from "../../domain/draft/catalogue";
import { type Completions, completionsAt } from "../../domain/draft/complete";
import { type Hover, hoverAt } from "../../domain/draft/hover";
import { placeAt, spanOf } from "../../domain/draft/place";
import { readDraft } from "../../domain/draft/read";
import { schemaOfPipeline } from "../../domain/draft/schema";
import { offsetOf } from "../../domain/draft/text";
import type { DraftWork } from "./useDraftWork";
import type { Mark } from "./yaml-editor";

export interface DraftText {
  marks: readonly Mark[];
  focus: { offset: number; count: number; isFocused: boolean } | null;
  goTo(offset: number, isFocused: boolean): void;
  /** The text cursor was put somewhere: what stands there is selected. */
  onCursor(offset: number): void;
  complete(text: string, offset: number): Completions | null;
  hover(text: string, offset: number): Hover | null;
}

/** What the editor of the text needs to know of the draft, and the draft of it. */
export function useText(
  work: DraftWork,
  catalogue: Catalogue,
  problems: readonly DraftProblem[] | null,
  main: string,
): DraftText {
  const { draft } = work.history.now;
  const answer = useQuery(schemaQuery("pipeline job")).data as Schema | undefined;
  const schema = useMemo(() => (answer === undefined ? NO_SCHEMA : schemaOfPipeline(answer)), [answer]);
  const [focus, setFocus] = useState<DraftText["focus"]>(null);
  const goTo = useCallback(
    (offset: number, isFocused: boolean) =>
      setFocus((before) => ({ offset, isFocused, count: (before?.count ?? 0) + 1 })),
    [],
  );
  const chosen = work.selected.at(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text follows the selection, not each letter.
  useEffect(() => {
    const step = chosen === undefined ? undefined : draft.pipeline.byKey.get(chosen);
    if (step !== undefined && draft.broken === null) {
      goTo(spanOf(draft, step, step.nameSpan).from, false);
    }
  }, [chosen, goTo]);
  const marks = useMemo((): Mark[] => {
    const { broken, text } = draft;
    if (broken !== null) {
      return [{ from: broken.offset, to: broken.to, severity: "error", message: broken.message }];
    }
    return (problems ?? []).flatMap((problem): Mark[] =>
      problem.span === null || problem.span.file !== main
        ? []
        : [
            {
              from: offsetOf(text, problem.span),
              to: offsetOf(text, { line: problem.span.end_line, column: problem.span.end_column }),
              severity: problem.severity === "error" ? "error" : "warning",
              message: problem.hint === null ? problem.message : `${problem.message} (${problem.hint})`,
            },
          ],
    );
  }, [draft, problems, main]);
  return {
    marks,
    focus,
    goTo,
    onCursor: (offset) => {
      const place = draft.broken === null ? placeAt(draft, offset) : null;
      if (place?.step) {
        if (place.step.scope !== work.scope) {
          work.goInside(place.step.scope);
        }
        work.select([place.step.key]);
      }
    },
    complete: (text, offset) => completionsAt(text, offset, readDraft(text, draft), catalogue, schema),
    hover: (text, offset) => hoverAt(text, offset, readDraft(text, draft), catalogue, schema),
  };
}

const NO_SCHEMA: Schema = {};
