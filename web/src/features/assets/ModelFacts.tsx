import { useQuery } from "@tanstack/react-query";
import { parse } from "yaml";
import { treeFileAddress, treesQuery } from "../../api/assets";
import type { PartProps } from "./part";

const NAME = "MLmodel";

/** What a model in MLflow's format says of itself; nothing for other models. */
export function ModelFacts({ kind, asset, workspace }: PartProps) {
  const trees = useQuery(treesQuery(workspace, kind, asset.name, asset.version));
  const paths = (trees.data?.[0]?.files ?? []).map((file) => file.path);
  const path = paths
    .filter((one) => one === NAME || one.endsWith(`/${NAME}`))
    .sort((one, other) => one.length - other.length)[0];
  const address = path === undefined ? "" : treeFileAddress(workspace, kind, asset, 0, path);
  const text = useQuery({
    queryKey: ["text", address],
    enabled: path !== undefined,
    queryFn: async ({ signal }) => {
      const answer = await fetch(address, { credentials: "same-origin", signal });
      if (!answer.ok) {
        throw new Error(`the server answered ${answer.status}`);
      }
      return answer.text();
    },
  });
  if (path === undefined || text.data === undefined) {
    return text.isError ? <p className="tone-bad">MLmodel could not be read: {text.error.message}</p> : null;
  }
  const flavors = flavorsOf(text.data);
  return (
    <section className="stack">
      <h2>MLmodel</h2>
      {flavors.length > 0 && (
        <p>
          Flavors:{" "}
          {flavors.map((name) => (
            <span className="tag" key={name}>
              {name}
            </span>
          ))}
        </p>
      )}
      <pre className="code-block">{text.data}</pre>
    </section>
  );
}

function flavorsOf(text: string): string[] {
  try {
    const { flavors } = parse(text) as { flavors?: Record<string, unknown> };
    return Object.keys(flavors ?? {});
  } catch {
    return [];
  }
}
