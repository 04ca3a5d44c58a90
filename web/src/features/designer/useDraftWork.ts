import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Draft as StoredDraft } from "../../api/drafts";
import type { Done } from "../../domain/draft/apply";
import type { Edit } from "../../domain/draft/edit";
import { edited, type History, moved, redone, settled, startHistory, undone } from "../../domain/draft/history";
import type { Positions } from "../../domain/draft/positions";
import { readDraft } from "../../domain/draft/read";
import { dataBoxOf } from "../../domain/draft/spots";
import { keepOpen, openOf } from "./folds";
import { type Unsaved, unsavedOf } from "./unsaved";

const WORD_MS = 700;

export interface DraftWork {
  history: History;
  selected: readonly string[];
  /** The inline pipeline that is looked into; "" is the draft's own. */
  scope: string;
  /** The pipelines that are drawn open, where they stand. */
  open: ReadonlySet<string>;
  /** Why the last edit was refused. */
  refusal: string | null;
  /** It was edited before, and did not reach the server. */
  recovered: Unsaved | null;
  edit(edit: Edit): Done | null;
  /** What is typed in quick succession is taken back together. */
  type(edit: Edit): void;
  move(positions: Positions, label?: string): void;
  /** Where boxes stand after the last edit, as a part of it. */
  settle(positions: Positions): void;
  undo(): void;
  redo(): void;
  select(keys: readonly string[]): void;
  goInside(scope: string): void;
  /** Draw a pipeline open, or as a card again. */
  fold(key: string, isOpen: boolean): void;
  refuse(reason: string): void;
  forgetRefusal(): void;
}

/** A draft while it is edited in this tab. */
export function useDraftWork(stored: StoredDraft): DraftWork {
  const [recovered] = useState(() => unsavedOf(stored.id));
  const [history, setHistory] = useState(() => {
    const isOurs = recovered !== null && recovered.revision === stored.revision;
    const { text, positions } = isOurs
      ? recovered
      : { text: stored.text, positions: (stored.layout.positions ?? {}) as Positions };
    return startHistory(readDraft(text), positions);
  });
  const [selected, select] = useState<readonly string[]>([]);
  const [scope, setScope] = useState("");
  const [open, setOpen] = useState(() => openOf(stored.id));
  const [refusal, setRefusal] = useState<string | null>(null);
  useEffect(() => keepOpen(stored.id, open), [stored.id, open]);
  const newest = useRef(history);
  const typedAt = useRef(0);

  const put = useCallback((next: History, renamed: Readonly<Record<string, string>> = {}) => {
    newest.current = next;
    setHistory(next);
    const { byKey } = next.now.draft.pipeline;
    // What is gone is not selected, and not looked into.
    select((keys) => {
      const there = keys.map((key) => renamed[key] ?? key).filter((key) => dataBoxOf(key) !== null || byKey.has(key));
      return there.join("\n") === keys.join("\n") ? keys : there;
    });
    setOpen((before) => {
      // Those of before stay: what is renamed may be renamed back.
      const keys = [...before].flatMap((key) => renamed[key] ?? []);
      return keys.every((key) => before.has(key)) ? before : new Set([...before, ...keys]);
    });
    setScope((now) => {
      const scope = renamed[now] ?? now;
      return scope === "" || byKey.has(scope) ? scope : "";
    });
  }, []);
  const perform = useCallback(
    (edit: Edit, isContinued: boolean): Done | null => {
      const result = edited(newest.current, edit, isContinued);
      if (!result.ok) {
        setRefusal(result.reason);
        return null;
      }
      setRefusal(null);
      put(result.history, result.outcome.renamed);
      return result.outcome;
    },
    [put],
  );
  return useMemo(
    () => ({
      history,
      selected,
      scope,
      open,
      refusal,
      recovered,
      edit: (edit) => {
        typedAt.current = 0;
        return perform(edit, false);
      },
      type: (edit) => {
        const now = performance.now();
        perform(edit, now - typedAt.current < WORD_MS);
        typedAt.current = now;
      },
      move: (positions, label) => put(moved(newest.current, positions, label)),
      settle: (positions) => put(settled(newest.current, positions)),
      undo: () => {
        typedAt.current = 0;
        put(undone(newest.current));
      },
      redo: () => put(redone(newest.current)),
      select,
      goInside: (key) => {
        setScope(key);
        select([]);
      },
      fold: (key, isOpen) =>
        setOpen((before) => {
          const rest = [...before].filter((one) => one !== key);
          return new Set(isOpen ? [...rest, key] : rest);
        }),
      refuse: setRefusal,
      forgetRefusal: () => setRefusal(null),
    }),
    [history, selected, scope, open, refusal, recovered, perform, put],
  );
}
