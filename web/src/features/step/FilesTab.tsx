import { useQuery } from "@tanstack/react-query";
import { fileAddress, filesQuery } from "../../api/jobs";
import { FileBrowser } from "../files/FileBrowser";

/** What the step left beside its outputs: logs, and whatever it wrote to `outputs/` and `logs/`. */
export function FilesTab({ workspace, name }: { workspace: string; name: string }) {
  const files = useQuery(filesQuery(workspace, name));
  return (
    <FileBrowser
      files={files.data}
      problem={files.error}
      onRetry={() => files.refetch()}
      addressOf={(path) => fileAddress(workspace, name, path)}
      whole={fileAddress(workspace, name, "").replace(/\/$/, "?format=zip")}
      whatIfEmpty="No files yet."
    />
  );
}
