import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type AssetVersion, versionsQuery } from "../../api/assets";
import { inWorkspace } from "../../app/workspace";
import { timeText } from "../../domain/format";
import { Skeleton } from "../../ui/Skeleton";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import type { PartProps } from "./part";
import { VersionComparison } from "./VersionComparison";

interface VersionsTabProps extends PartProps {
  /** The version that this one is compared with. */
  other: string | undefined;
}

/** Every version of a name with its dates, and what two of them differ in. */
export function VersionsTab({ kind, asset, workspace, other }: VersionsTabProps) {
  const versions = useQuery(versionsQuery(workspace, kind, asset.name));
  if (versions.isError) {
    return <Trouble what="The versions" problem={versions.error} onRetry={() => versions.refetch()} />;
  }
  if (versions.data === undefined) {
    return <Skeleton lines={4} />;
  }
  return (
    <div className="stack">
      <div className="preview-rows">
        <table className="table">
          <thead>
            <tr>
              <th>Version</th>
              <th>Created</th>
              <th className="wide">By</th>
              <th>Modified</th>
              <th className="wide">Tags</th>
              <th>
                <span className="hidden">Compare</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.data.map((one) => (
              <Row key={one.version} one={one} kind={kind} shown={asset} workspace={workspace} other={other} />
            ))}
          </tbody>
        </table>
      </div>
      {other !== undefined && other !== asset.version && (
        <VersionComparison key={other} kind={kind} asset={asset} workspace={workspace} other={other} />
      )}
    </div>
  );
}

interface RowProps {
  one: AssetVersion;
  kind: PartProps["kind"];
  shown: AssetVersion;
  workspace: string;
  other: string | undefined;
}

function Row({ one, kind, shown, workspace, other }: RowProps) {
  const { created_at, created_by, last_modified_at } = one.creation_context;
  const isShown = one.version === shown.version;
  const place = { kind, name: shown.name };
  const search = inWorkspace(workspace);
  return (
    <tr aria-selected={isShown}>
      <td className="job-name">
        <Link to="/assets/$kind/$name" params={place} search={{ ...search, version: one.version }}>
          {one.version}
        </Link>
        {one.archived && <span className="tag">archived</span>}
        {isShown && <span className="muted small">shown</span>}
      </td>
      <td>{timeText(created_at)}</td>
      <td className="wide">{created_by}</td>
      <td className="muted">{last_modified_at === created_at ? "" : timeText(last_modified_at ?? null)}</td>
      <td className="wide">
        <span className="tags">
          {Object.entries(one.tags).map(([name, value]) => (
            <Tag key={name} name={name} value={value} />
          ))}
        </span>
      </td>
      <td>
        {!isShown && (
          <Link
            to="/assets/$kind/$name"
            params={place}
            search={{
              ...search,
              version: shown.version,
              tab: "versions",
              ...(one.version === other ? {} : { with: one.version }),
            }}
            replace
            aria-label={
              one.version === other
                ? `Close the comparison with version ${one.version}`
                : `Compare version ${shown.version} with ${one.version}`
            }
          >
            {one.version === other ? "Close" : "Compare"}
          </Link>
        )}
      </td>
    </tr>
  );
}
