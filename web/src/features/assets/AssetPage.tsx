import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback } from "react";
import { archiveVersion, type Kind, versionQuery, versionsQuery } from "../../api/assets";
import { registryOf } from "../../api/client";
import type { AssetSearch } from "../../app/router";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { timeText } from "../../domain/format";
import { Copy } from "../../ui/Copy";
import { tell } from "../../ui/notices";
import { Skeleton } from "../../ui/Skeleton";
import { Tabs } from "../../ui/Tabs";
import { Trouble } from "../../ui/Trouble";
import { Details } from "./Details";
import { FilesTab } from "./FilesTab";
import { PreviewTab } from "./PreviewTab";
import type { PartProps } from "./part";
import { UsesTab } from "./UsesTab";
import { ONE, TITLE } from "./words";
import { referenceOf } from "./yaml";
import "./assets.css";

const BuildTab = lazy(async () => ({ default: (await import("./BuildTab")).BuildTab }));
const LineageView = lazy(async () => ({ default: (await import("../lineage/LineageView")).LineageView }));
const VersionsTab = lazy(async () => ({ default: (await import("./VersionsTab")).VersionsTab }));
const YamlTab = lazy(async () => ({ default: (await import("./YamlTab")).YamlTab }));

const TABS: { id: string; label: string; kind?: Kind }[] = [
  { id: "details", label: "Details" },
  { id: "preview", label: "Preview", kind: "data" },
  { id: "build", label: "Build", kind: "environments" },
  { id: "files", label: "Files" },
  { id: "versions", label: "Versions" },
  { id: "jobs", label: "Jobs" },
  { id: "lineage", label: "Lineage" },
  { id: "yaml", label: "YAML" },
];

/** One version of an asset; which one is in the address, the newest if none. */
export function AssetPage() {
  const { kind, name } = useParams({ from: "/assets/$kind/$name" }) as { kind: Kind; name: string };
  const search = useSearch({ from: "/assets/$kind/$name" });
  const navigate = useNavigate({ from: "/assets/$kind/$name" });
  const workspace = useWorkspace();
  const versions = useQuery(versionsQuery(workspace, kind, name));
  const newest = versions.data?.find((one) => !one.archived) ?? versions.data?.[0];
  const version = search.version ?? newest?.version;
  const asset = useQuery({ ...versionQuery(workspace, kind, name, version ?? ""), enabled: version !== undefined });
  const tabs = TABS.filter((one) => one.kind === undefined || one.kind === kind);
  const tab = tabs.find((one) => one.id === search.tab)?.id ?? "details";
  const changeLineage = useCallback(
    (values: Partial<AssetSearch>) => navigate({ search: (before) => ({ ...before, ...values }), replace: true }),
    [navigate],
  );
  if (versions.isError || asset.isError) {
    return (
      <Trouble
        what={`${ONE[kind]} ${name}`}
        problem={versions.error ?? asset.error}
        onRetry={() => (versions.isError ? versions.refetch() : asset.refetch())}
      />
    );
  }
  if (versions.data === undefined || asset.data === undefined || version === undefined) {
    return <Skeleton lines={10} />;
  }
  const reference = referenceOf(asset.data, kind, registryOf(workspace));
  const part: PartProps = { kind, asset: asset.data, workspace };
  return (
    <div className="asset">
      <title>{`${name} · Pipeyard`}</title>
      <div className="page-title">
        <Link to="/assets/$kind" params={{ kind }} search={inWorkspace(workspace)} className="muted">
          {TITLE[kind]}
        </Link>
        <span className="muted" aria-hidden="true">
          /
        </span>
        <h1>{asset.data.display_name ?? name}</h1>
        <label>
          <span className="hidden">Version</span>
          <select
            className="field"
            value={version}
            // What was looked at of another version's lineage is nothing of this one's.
            onChange={(event) =>
              navigate({
                search: (before) => ({ ...before, version: event.target.value, more: undefined, at: undefined }),
              })
            }
          >
            {versions.data.map((one) => (
              <option key={one.version} value={one.version}>
                version {one.version}, {timeText(one.creation_context.created_at)}
                {one.version === newest?.version ? " (latest)" : ""}
                {one.archived ? " (archived)" : ""}
              </option>
            ))}
          </select>
        </label>
        <span className="space" />
        <Copy text={reference} label={reference} />
        <Archive kind={kind} asset={asset.data} workspace={workspace} />
      </div>
      <Tabs
        label={`About the ${ONE[kind]}`}
        tabs={tabs}
        selected={tab}
        onSelect={(id) =>
          navigate({ search: (before) => ({ ...before, tab: id === "details" ? undefined : id }), replace: true })
        }
      />
      <div className="asset-body" role="tabpanel" aria-label={tab}>
        <Suspense fallback={<Skeleton lines={6} />}>
          {tab === "files" ? (
            <FilesTab {...part} />
          ) : tab === "preview" ? (
            <PreviewTab {...part} />
          ) : tab === "build" ? (
            <BuildTab {...part} />
          ) : tab === "versions" ? (
            <VersionsTab {...part} other={search.with} />
          ) : tab === "jobs" ? (
            <UsesTab {...part} />
          ) : tab === "lineage" ? (
            <LineageView
              of={`${kind}/${name}/${version}`}
              workspace={workspace}
              search={search}
              onChange={changeLineage}
            />
          ) : tab === "yaml" ? (
            <YamlTab {...part} />
          ) : (
            <Details {...part} />
          )}
        </Suspense>
      </div>
    </div>
  );
}

function Archive({ kind, asset, workspace }: PartProps) {
  const client = useQueryClient();
  const reload = () => {
    client.invalidateQueries({ queryKey: ["assets", workspace, kind] });
    return client.invalidateQueries({ queryKey: ["asset", workspace, kind, asset.name] });
  };
  const act = useMutation({
    mutationFn: () => archiveVersion(workspace, kind, asset, asset.archived ? "restore" : "archive"),
    onSuccess: () => {
      const what = `${asset.archived ? "Restored" : "Archived"} version ${asset.version} of ${asset.name}.`;
      tell(what, async () => {
        await archiveVersion(workspace, kind, asset, asset.archived ? "archive" : "restore");
        await reload();
      });
      return reload();
    },
  });
  return (
    <>
      {act.isError && <span className="tone-bad">{act.error.message}</span>}
      <button type="button" className="button" disabled={act.isPending} onClick={() => act.mutate()}>
        {asset.archived ? "Restore" : "Archive"}
      </button>
    </>
  );
}
