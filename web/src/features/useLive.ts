import { useEffect, useRef } from "react";
import { type DraftTold, follow, type LiveListener, type LiveState } from "../api/live";
import { useLiveState } from "../app/live-state";

/** Follow jobs for as long as the page is shown; null: it is not known yet which. */
export function useLive(
  workspace: string,
  jobs: readonly string[] | null,
  listener: Omit<LiveListener, "onState">,
): void {
  const { set } = useLiveState();
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  const topics = jobs?.join("\n") ?? null;
  useEffect(() => {
    if (topics === null) {
      return;
    }
    const leave = follow(
      workspace,
      { jobs: topics === "" ? [] : topics.split("\n") },
      {
        onCards: (cards) => newest.current.onCards(cards),
        onReset: (marks) => newest.current.onReset(marks),
        onNewJobs: () => newest.current.onNewJobs(),
        onState: set,
      },
    );
    return () => {
      leave();
      set(null);
    };
  }, [workspace, topics, set]);
}

interface DraftListener {
  onDraft(head: DraftTold): void;
  /** Something may have been missed. */
  onReset(): void;
}

/** Follow a draft for as long as the page is shown; returns how that goes, null before it is known. */
export function useLiveDraft(workspace: string, id: string, listener: DraftListener): LiveState | null {
  const { state, set } = useLiveState();
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => {
    const leave = follow(
      workspace,
      { drafts: [id] },
      {
        onCards: () => {},
        onNewJobs: () => {},
        onReset: () => newest.current.onReset(),
        onDraft: (head) => newest.current.onDraft(head),
        onState: set,
      },
    );
    return () => {
      leave();
      set(null);
    };
  }, [workspace, id, set]);
  return state;
}
