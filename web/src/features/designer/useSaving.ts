import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import { type Draft, holdDraft, releaseDraft, saveDraft } from "../../api/drafts";
import type { Positions } from "../../domain/draft/positions";
import { holderOfTab } from "./holder";
import { forgetUnsaved, keepUnsaved } from "./unsaved";

const QUIET_MS = 1000;
const AGAIN_MS = 4000;
const HOLD_MS = 45_000;
/** How often a tab that only reads looks what the other one did. */
const LOOK_MS = 4000;

export type SaveState = "saved" | "changed" | "saving" | "offline" | "stale" | "reading";

export interface Work {
  name: string;
  text: string;
  positions: Positions;
}

export interface Saving {
  state: SaveState;
  /** The server's newest state that this tab knows. */
  revision: number;
  /** Of `stale` and `reading`: what the server has. */
  other: Draft | null;
  /** Why the last save did not succeed. */
  problem: unknown;
  /** Save now; resolves with the revision, or null if it could not be saved. */
  flush(): Promise<number | null>;
  takeOver(): void;
  /** Write over what the server has. */
  overwrite(): void;
}

/** Saves a while after the last change, holds the draft for this tab, and says how that went. *onAdopt* goes on with another state. */
export function useSaving(workspace: string, draft: Draft, work: Work, onAdopt: (draft: Draft) => void): Saving {
  const holder = holderOfTab();
  const [state, setState] = useState<SaveState>("saved");
  const [revision, setRevision] = useState(draft.revision);
  const [other, setOther] = useState<Draft | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const newest = useRef(work);
  const saved = useRef<Work>(storedWork(draft, work.positions));
  const known = useRef(draft.revision);
  const running = useRef<Promise<number | null> | null>(null);
  const isReading = useRef(false);
  const adopt = useRef(onAdopt);
  useLayoutEffect(() => {
    newest.current = work;
    adopt.current = onAdopt;
  });

  const send = useCallback(async (): Promise<number | null> => {
    const now = newest.current;
    setState("saving");
    try {
      const answer = await saveDraft(workspace, draft.id, {
        revision: known.current,
        holder,
        ...(now.name === saved.current.name ? {} : { name: now.name }),
        ...(now.text === saved.current.text ? {} : { text: now.text }),
        ...(now.positions === saved.current.positions ? {} : { layout: { positions: now.positions } }),
      });
      saved.current = now;
      known.current = answer.revision;
      setRevision(answer.revision);
      setProblem(null);
      const isDone = isSame(newest.current, now);
      setState(isDone ? "saved" : "changed");
      if (isDone) {
        forgetUnsaved(draft.id);
      }
      return answer.revision;
    } catch (reason) {
      setProblem(reason);
      if (reason instanceof ApiError && reason.status === 409) {
        const there = await holdDraft(workspace, draft.id, holder, false).catch(() => null);
        setOther(there);
        isReading.current = reason.code === "draft-held";
        setState(isReading.current ? "reading" : "stale");
      } else {
        setState("offline");
      }
      return null;
    }
  }, [workspace, draft.id, holder]);

  const flush = useCallback(async (): Promise<number | null> => {
    await running.current;
    if (isSame(newest.current, saved.current)) {
      return known.current;
    }
    running.current = send();
    const done = await running.current;
    running.current = null;
    return done;
  }, [send]);

  useEffect(() => {
    if (state === "stale" || state === "reading") {
      return;
    }
    if (isSame(work, saved.current)) {
      if (state === "changed" || state === "offline") {
        // It was taken back before it was sent.
        setState("saved");
        forgetUnsaved(draft.id);
      }
      return;
    }
    keepUnsaved(draft.id, { revision: known.current, text: work.text, positions: work.positions });
    if (state === "saved") {
      setState("changed");
    }
    const timer = setTimeout(flush, state === "offline" ? AGAIN_MS : QUIET_MS);
    return () => clearTimeout(timer);
  }, [work, state, draft.id, flush]);

  const hold = useCallback(
    async (isTaking: boolean) => {
      const answer = await holdDraft(workspace, draft.id, holder, isTaking).catch(() => null);
      if (answer === null) {
        return;
      }
      const isMine = answer.holder === holder;
      if (!isMine) {
        isReading.current = true;
        setOther(answer);
        setState("reading");
      } else if (isReading.current) {
        isReading.current = false;
        setOther(answer);
        if (!isSame(newest.current, saved.current)) {
          setState("stale");
        } else if (answer.revision === known.current) {
          setState("saved");
        } else {
          // What the other tab did is what there is to go on with.
          adopt.current(answer);
        }
      }
    },
    [workspace, draft.id, holder],
  );
  useEffect(() => {
    hold(false);
    const timer = setInterval(() => hold(false), state === "reading" ? LOOK_MS : HOLD_MS);
    return () => clearInterval(timer);
  }, [hold, state]);
  useEffect(() => {
    const leave = () => releaseDraft(workspace, draft.id, holder);
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      flush().then(leave);
    };
  }, [workspace, draft.id, holder, flush]);

  return {
    state,
    revision,
    other,
    problem,
    flush,
    takeOver: () => hold(true),
    overwrite: () => {
      if (other !== null) {
        known.current = other.revision;
        setRevision(other.revision);
        setState("changed");
      }
    },
  };
}

/** What the server has, with the very object of the positions where they are as here: they are compared by it. */
function storedWork({ name, text, layout }: Draft, here: Positions): Work {
  const positions = (layout.positions ?? {}) as Positions;
  return { name, text, positions: JSON.stringify(positions) === JSON.stringify(here) ? here : positions };
}

const isSame = (one: Work, other: Work): boolean =>
  one.text === other.text && one.name === other.name && one.positions === other.positions;
