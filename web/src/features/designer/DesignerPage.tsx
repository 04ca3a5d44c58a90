import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { type Draft, draftQuery } from "../../api/drafts";
import { useWorkspace } from "../../app/workspace";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { Workbench } from "./Workbench";

/** A draft to work on. */
export function DesignerPage() {
  const workspace = useWorkspace();
  const { draft: id } = useParams({ from: "/designer/$draft" });
  const client = useQueryClient();
  const query = useQuery(draftQuery(workspace, id));
  const [epoch, setEpoch] = useState(0);
  if (query.isPending) {
    return <Skeleton lines={8} />;
  }
  if (query.isError) {
    return <Trouble what="The draft" problem={query.error} onRetry={() => query.refetch()} />;
  }
  /** Go on with what the server has instead of what is here. */
  const adopt = (draft: Draft) => {
    client.setQueryData(draftQuery(workspace, id).queryKey, draft);
    setEpoch((before) => before + 1);
  };
  return <Workbench key={`${id} ${epoch}`} workspace={workspace} stored={query.data} onAdopt={adopt} />;
}
