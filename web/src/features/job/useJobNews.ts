import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { graphQuery } from "../../api/jobs";
import { type JobGraph, withCards } from "../../domain/job";
import { isOver } from "../../domain/status";
import { useLive } from "../useLive";

/** Take in what changes; load once more when something may have been missed, and at the end. */
export function useJobNews(workspace: string, name: string, graph: JobGraph | undefined): void {
  const client = useQueryClient();
  const topics = useMemo(() => (graph !== undefined && !isOver(graph.job.label) ? [graph.job.name] : []), [graph]);
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
    // Of a job that was over when it was loaded, nothing was missed.
    onReset: () => topics.length > 0 && reload(),
    onNewJobs: () => {},
  });
}
