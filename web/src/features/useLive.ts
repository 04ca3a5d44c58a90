import { useEffect, useRef } from "react";
import { follow, type LiveListener } from "../api/live";
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
    const leave = follow(workspace, topics === "" ? [] : topics.split("\n"), {
      onCards: (cards) => newest.current.onCards(cards),
      onReset: (marks) => newest.current.onReset(marks),
      onNewJobs: () => newest.current.onNewJobs(),
      onState: set,
    });
    return () => {
      leave();
      set(null);
    };
  }, [workspace, topics, set]);
}
