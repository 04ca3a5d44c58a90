import { useQuery } from "@tanstack/react-query";
import { treeFileAddress, treesQuery } from "../../api/assets";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { FileTree } from "../files/FileTree";
import type { PartProps } from "./part";

const WORD: Record<string, string> = { code: "Code", path: "Files", build: "Build context" };

/** The files that a version holds: data, a model, a component's code, an environment's build context. */
export function FilesTab({ kind, asset, workspace }: PartProps) {
  const trees = useQuery(treesQuery(workspace, kind, asset.name, asset.version));
  if (trees.isError) {
    return <Trouble what="The files" problem={trees.error} onRetry={() => trees.refetch()} />;
  }
  if (trees.data === undefined) {
    return <Skeleton lines={4} />;
  }
  if (trees.data.length === 0) {
    return <p className="muted">It has no files of its own.</p>;
  }
  return (
    <div className="stack">
      {trees.data.map((tree, at) => (
        <section className="stack" key={tree.place.join("/") + tree.component}>
          <h2>
            {WORD[tree.role] ?? tree.role} <span className="muted small">{tree.name}</span>
          </h2>
          <FileTree files={tree.files} addressOf={(path) => treeFileAddress(workspace, kind, asset, at, path)} />
        </section>
      ))}
    </div>
  );
}
