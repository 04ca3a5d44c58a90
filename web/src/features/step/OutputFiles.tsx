import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../../api/client";
import { outputFileAddress, outputFilesQuery } from "../../api/jobs";
import { FileBrowser } from "../files/FileBrowser";

/** The files of one output. */
export function OutputFiles({ workspace, job, output }: { workspace: string; job: string; output: string }) {
  const files = useQuery(outputFilesQuery(workspace, job, output));
  if (files.error instanceof ApiError && files.error.status === 404) {
    return <p className="muted">Not written yet.</p>;
  }
  return (
    <FileBrowser
      files={files.data}
      problem={files.error}
      onRetry={() => files.refetch()}
      addressOf={(path) => outputFileAddress(workspace, job, output, path)}
      whole={outputFileAddress(workspace, job, output, "").replace(/\/$/, "?format=zip")}
      whatIfEmpty="The folder is empty."
    />
  );
}
