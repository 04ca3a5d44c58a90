import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../../api/client";
import { codeAddress, codeQuery } from "../../api/compare";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { FileTree } from "../files/FileTree";

interface CodeTabProps {
  name: string;
  workspace: string;
  file: string | null;
  /** What it runs: a file that it names is shown at first. */
  command: string;
  onFile(path: string): void;
}

/** The files that the step ran, as they were sent. */
export default function CodeTab({ name, workspace, file, command, onFile }: CodeTabProps) {
  const code = useQuery(codeQuery(workspace, name));
  if (code.error instanceof ApiError && code.error.status === 404) {
    return <p className="muted">{code.error.message}</p>;
  }
  if (code.isError) {
    return <Trouble what="The code" problem={code.error} onRetry={() => code.refetch()} />;
  }
  if (code.data === undefined) {
    return <Skeleton lines={5} />;
  }
  const files = code.data.value;
  const shown = files.find((one) => one.path === file) ?? files.find((one) => command.includes(one.path));
  return (
    <div className="stack">
      <p className="muted small breakable">
        {code.data.name} · <code>{code.data.path}</code>
      </p>
      <FileTree
        files={files}
        addressOf={(path) => codeAddress(workspace, name, path)}
        first={shown?.path}
        onChosen={onFile}
      />
    </div>
  );
}
