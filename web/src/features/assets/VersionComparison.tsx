import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { treesQuery, versionQuery } from "../../api/assets";
import type { AssetFiles, AssetVersion } from "../../api/schema.gen";
import { difference, withoutEqual } from "../../domain/difference";
import { interfaceChanges, type Ports } from "../../domain/interface";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import type { PartProps } from "./part";
import { yamlOf } from "./yaml";

/** What a version changed of another: inputs and outputs, the YAML, and the files. */
export function VersionComparison({ kind, asset, workspace, other }: PartProps & { other: string }) {
  const before = useQuery(versionQuery(workspace, kind, asset.name, other));
  const filesBefore = useQuery(treesQuery(workspace, kind, asset.name, other));
  const filesAfter = useQuery(treesQuery(workspace, kind, asset.name, asset.version));
  const problem = before.error ?? filesBefore.error ?? filesAfter.error;
  if (problem !== null) {
    return <Trouble what="The comparison" problem={problem} onRetry={() => before.refetch()} />;
  }
  if (before.data === undefined || filesBefore.data === undefined || filesAfter.data === undefined) {
    return <Skeleton lines={5} />;
  }
  return (
    <section className="stack" aria-label="Comparison">
      <h2>
        From version {other} to version {asset.version}
      </h2>
      {kind === "components" && <Verdict before={before.data} after={asset} />}
      <YamlDifference before={yamlOf(before.data)} after={yamlOf(asset)} />
      <FileDifference before={filesBefore.data} after={filesAfter.data} />
    </section>
  );
}

function Verdict({ before, after }: { before: AssetVersion; after: AssetVersion }) {
  const remarks = interfaceChanges(portsOf(before), portsOf(after));
  const isBreaking = remarks.some((one) => one.isBreaking);
  if (remarks.length === 0) {
    return <p>Inputs and outputs are the same.</p>;
  }
  return (
    <>
      <p>
        <span className={`pill framed ${isBreaking ? "tone-bad" : "tone-good"}`}>
          {isBreaking ? "✗ breaking" : "✓ compatible"}
        </span>{" "}
        {isBreaking
          ? "Pipelines that use the earlier version may have to change."
          : "It may stand where the earlier version stood."}
      </p>
      <ul className="reasons">
        {remarks.map((one) => (
          <li key={one.text}>
            {one.text}
            {one.isBreaking && <span className="tone-bad"> (breaking)</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

const portsOf = (asset: AssetVersion): { inputs: Ports; outputs: Ports } => ({
  inputs: (asset.inputs ?? {}) as Ports,
  outputs: (asset.outputs ?? {}) as Ports,
});

const SPOKEN = { "=": "", "-": "taken out: ", "+": "put in: " };

function YamlDifference({ before, after }: { before: string; after: string }) {
  const lines = useMemo(() => withoutEqual(difference(before, after)), [before, after]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys.
    <section className="code-block difference" tabIndex={0} aria-label="Differences of the YAML">
      {lines.map((line, at) =>
        line === null ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing but their place.
          <div key={at} className="muted">
            ⋯
          </div>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          <div key={at} className={`difference-line ${{ "=": "", "-": "out", "+": "in" }[line.mark]}`}>
            <span className="muted" aria-hidden="true">
              {line.mark === "=" ? " " : line.mark}
            </span>
            <span className="hidden">{SPOKEN[line.mark]}</span>
            {line.text}
          </div>
        ),
      )}
    </section>
  );
}

type Trees = AssetFiles["trees"];

function FileDifference({ before, after }: { before: Trees; after: Trees }) {
  const changes = useMemo(() => fileChanges(before, after), [before, after]);
  if (changes.length === 0) {
    return <p className="muted">The files are the same.</p>;
  }
  return (
    <>
      <h3>Files</h3>
      <ul className="reasons">
        {changes.map(({ path, what }) => (
          <li key={path} className="breakable">
            <code>{path}</code> <span className="muted">{what}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function fileChanges(before: Trees, after: Trees): { path: string; what: string }[] {
  const one = digests(before);
  const other = digests(after);
  return [...new Set([...one.keys(), ...other.keys()])].sort().flatMap((path) => {
    const [was, is] = [one.get(path), other.get(path)];
    return was === is ? [] : [{ path, what: was === undefined ? "new" : is === undefined ? "gone" : "changed" }];
  });
}

/** What is in each file, by its path; where no digest is known, its size stands for it. */
function digests(trees: Trees): Map<string, string> {
  return new Map(
    trees.flatMap((tree) =>
      tree.files.map((file) => [`${tree.place.join("/")}/${file.path}`, file.sha256 ?? String(file.size)]),
    ),
  );
}
