import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import { type Draft, holdDraft, releaseDraft, restoreDraft, saveDraft } from "../../api/drafts";
import type { Positions } from "../../domain/draft/positions";
import { useLiveDraft } from "../useLive";
import { holderOfTab } from "./holder";
import { forgetUnsaved, keepUnsaved } from "./unsaved";

const QUIET_MS = 1000;
const AGAIN_MS = 4000;
const HOLD_MS = 45_000;
/** How often a tab that only reads looks what the other one did, where no stream tells it. */
const LOOK_MS = 4000;

export type SaveState =
  | "saved"
  | "changed"
  | "saving"
  | "offline"
  | "stale"
  | "reading"
  /** It was put away elsewhere, and can be brought back. */
  | "archived"
  /** It was forgotten elsewhere, for good. */
  | "gone";

/** Nothing is saved in these until somebody decides. */
const WAITING: ReadonlySet<SaveState> = new Set(["stale", "reading", "archived", "gone"]);

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
  /** Bring it back after it was put away, and go on. */
  bringBack(): Promise<void>;
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
  const isAway = useRef(false);
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
      if (reason instanceof ApiError && (reason.code === "draft-archived" || reason.code === "no-such-draft")) {
        setState(reason.code === "draft-archived" ? "archived" : "gone");
      } else if (reason instanceof ApiError && reason.status === 409) {
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
    if (WAITING.has(state)) {
      if (!isSame(work, saved.current)) {
        keepUnsaved(draft.id, { revision: known.current, text: work.text, positions: work.positions });
      }
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
      const answer = await holdDraft(workspace, draft.id, holder, isTaking).catch((reason: unknown) => reason);
      if (answer instanceof ApiError && answer.code === "no-such-draft") {
        setState("gone");
      }
      if (answer === null || typeof answer !== "object" || !("holder" in answer)) {
        return;
      }
      const there = answer as Draft;
      // An answer to a save that is under way tells better what came of it.
      const isNewer = there.revision > known.current && running.current === null;
      const wasAway = isAway.current;
      isAway.current = there.archived;
      if (there.archived) {
        setState("archived");
      } else if (there.holder !== holder) {
        isReading.current = true;
        setOther(there);
        setState("reading");
      } else if (isReading.current || isNewer || wasAway) {
        isReading.current = false;
        setOther(there);
        const isUnchanged = isSame(newest.current, saved.current);
        if (there.revision === known.current) {
          setState(isUnchanged ? "saved" : "changed");
        } else if (isUnchanged) {
          // What was done elsewhere is what there is to go on with.
          adopt.current(there);
        } else {
          setState("stale");
        }
      }
    },
    [workspace, draft.id, holder],
  );
  useEffect(() => {
    hold(false);
  }, [hold]);
  const live = useLiveDraft(workspace, draft.id, {
    onReset: () => hold(false),
    onDraft: (head) => {
      if (head.revision === undefined) {
        setState("gone");
      } else if (head.archived || isAway.current || head.holder !== holder || head.revision > known.current) {
        hold(false);
      }
    },
  });
  const isLooking = WAITING.has(state) && live !== "live";
  useEffect(() => {
    // What is held has to be said again and again; of what others do the stream tells, if there is one.
    const timer = setInterval(() => hold(false), isLooking ? LOOK_MS : HOLD_MS);
    return () => clearInterval(timer);
  }, [hold, isLooking]);
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
    bringBack: async () => {
      try {
        await restoreDraft(workspace, draft.id);
        setProblem(null);
        await hold(false);
      } catch (reason) {
        setProblem(reason);
      }
    },
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
