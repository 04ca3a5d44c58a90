import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { graphQuery } from "../../api/jobs";
import { type JobGraph, withCards } from "../../domain/job";
import { isOver } from "../../domain/status";
import { useLive } from "../useLive";

/** Take in what changes; load once more when something was missed, and at the end. */
export function useJobNews(workspace: string, name: string, graph: JobGraph | undefined): void {
  const client = useQueryClient();
  const root = graph?.job.name;
  const isLive = graph !== undefined && !isOver(graph.job.label);
  const topics = useMemo(() => (root === undefined ? null : isLive ? [root] : []), [root, isLive]);
  const reload = () => {
    client.invalidateQueries({ queryKey: ["graph", workspace, name] });
    client.invalidateQueries({ queryKey: ["job", workspace] });
  };
  useLive(workspace, topics, {
    onCards: (cards) => {
      client.setQueryData<JobGraph>(graphQuery(workspace, name).queryKey, (held) => held && withCards(held, cards));
      if (cards.some((card) => isOver(card.label))) {
        // Its outputs and its reason are known now.
        client.invalidateQueries({ queryKey: ["job", workspace] });
      }
      if (cards.some((card) => card.name === card.root && isOver(card.label))) {
        reload();
      }
    },
    // Of a job that was over when it was loaded, nothing was missed; nor if its mark is still the same.
    onReset: (marks) => {
      const mark = root === undefined || !isLive ? undefined : marks[root];
      if (mark !== undefined && (mark === null || mark !== graph?.mark)) {
        reload();
      }
    },
    onNewJobs: () => {},
  });
}
