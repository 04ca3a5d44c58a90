import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { stringify } from "yaml";
import {
  type AssetVersion,
  archiveVersion,
  type Changes,
  changeVersion,
  type Kind,
  lineageQuery,
  treeFileAddress,
  treesQuery,
  versionQuery,
  versionsQuery,
} from "../../api/assets";
import { useWorkspace } from "../../app/workspace";
import { timeText } from "../../domain/format";
import { Copy } from "../../ui/Copy";
import { Skeleton } from "../../ui/Skeleton";
import { Tabs } from "../../ui/Tabs";
import { Trouble } from "../../ui/Trouble";
import { FileBrowser } from "../files/FileBrowser";
import { Description } from "./Description";
import { Interface } from "./Interface";
import { TagEditor } from "./TagEditor";
import { ONE, TITLE } from "./words";
import "./assets.css";

const TABS = [
  { id: "details", label: "Details" },
  { id: "files", label: "Files" },
  { id: "jobs", label: "Jobs" },
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
  const tab = search.tab ?? "details";
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
  const reference = `azureml:${name}:${version}`;
  return (
    <div className="asset">
      <title>{`${name} · Pipeyard`}</title>
      <div className="job-title">
        <Link to="/assets/$kind" params={{ kind }} className="muted">
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
            onChange={(event) => navigate({ search: (before) => ({ ...before, version: event.target.value }) })}
          >
            {versions.data.map((one) => (
              <option key={one.version} value={one.version}>
                version {one.version}
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
        tabs={TABS}
        selected={tab}
        onSelect={(id) =>
          navigate({ search: (before) => ({ ...before, tab: id === "details" ? undefined : id }), replace: true })
        }
      />
      <div className="asset-body" role="tabpanel" aria-label={tab}>
        {tab === "files" ? (
          <Trees kind={kind} asset={asset.data} workspace={workspace} />
        ) : tab === "jobs" ? (
          <Uses kind={kind} asset={asset.data} workspace={workspace} />
        ) : tab === "yaml" ? (
          <Yaml asset={asset.data} />
        ) : (
          <Details kind={kind} asset={asset.data} workspace={workspace} />
        )}
      </div>
    </div>
  );
}

interface PartProps {
  kind: Kind;
  asset: AssetVersion;
  workspace: string;
}

function Details({ kind, asset, workspace }: PartProps) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (changes: Changes) => changeVersion(workspace, kind, asset, changes),
    onSuccess: (changed) => {
      client.setQueryData(versionQuery(workspace, kind, asset.name, asset.version).queryKey, changed);
      client.invalidateQueries({ queryKey: ["assets", workspace, kind] });
    },
  });
  const { created_at, created_by, last_modified_at, last_modified_by } = asset.creation_context;
  const command = asset.command;
  return (
    <div className="asset-columns">
      <div className="stack">
        {change.isError && (
          <div className="notice bad" role="alert">
            It was not saved: {change.error.message}
          </div>
        )}
        <Description
          key={`${asset.version} ${asset.description}`}
          text={asset.description ?? ""}
          onSave={(description) => change.mutate({ description })}
        />
        <Interface title="Inputs" ports={asset.inputs} />
        <Interface title="Outputs" ports={asset.outputs} />
        {typeof command === "string" && (
          <>
            <div className="row">
              <h2>Command</h2>
              <Copy text={command} />
            </div>
            <pre className="code-block wrapped">{command}</pre>
          </>
        )}
        {asset.environment !== undefined && (
          <>
            <h2>Environment</h2>
            <pre className="code-block">
              {typeof asset.environment === "string" ? asset.environment : stringify(asset.environment)}
            </pre>
          </>
        )}
      </div>
      <aside className="stack" aria-label="Facts">
        <h2>Tags</h2>
        <TagEditor tags={asset.tags} onChange={(tags) => change.mutate({ tags })} />
        <h2>Facts</h2>
        <dl className="facts">
          <dt>Name</dt>
          <dd>{asset.name}</dd>
          <dt>Version</dt>
          <dd>{asset.version}</dd>
          {asset.type !== undefined && (
            <>
              <dt>Type</dt>
              <dd>{asset.type}</dd>
            </>
          )}
          <dt>Created</dt>
          <dd>
            {timeText(created_at)} by {created_by}
          </dd>
          <dt>Modified</dt>
          <dd>
            {timeText(last_modified_at ?? created_at)} by {last_modified_by ?? created_by}
          </dd>
          {asset.path !== undefined && (
            <>
              <dt>Path</dt>
              <dd>
                <code>{asset.path}</code>
              </dd>
            </>
          )}
          {asset.produced_by !== null && (
            <>
              <dt>Made by</dt>
              <dd>
                <Link to="/jobs/$name" params={{ name: asset.produced_by.job }}>
                  {asset.produced_by.job}
                </Link>{" "}
                · {asset.produced_by.output}
              </dd>
            </>
          )}
        </dl>
      </aside>
    </div>
  );
}

function Archive({ kind, asset, workspace }: PartProps) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: () => archiveVersion(workspace, kind, asset, asset.archived ? "restore" : "archive"),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ["asset", workspace, kind, asset.name] });
      client.invalidateQueries({ queryKey: ["assets", workspace, kind] });
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

function Trees({ kind, asset, workspace }: PartProps) {
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
        <section key={`${tree.role} ${tree.name}`}>
          <h2>
            {tree.name} <span className="muted small">{tree.role}</span>
          </h2>
          <FileBrowser
            files={tree.files}
            problem={null}
            onRetry={() => trees.refetch()}
            addressOf={(path) => treeFileAddress(workspace, kind, asset, at, path)}
            whatIfEmpty="The folder is empty."
          />
        </section>
      ))}
    </div>
  );
}

function Uses({ kind, asset, workspace }: PartProps) {
  const lineage = useQuery(lineageQuery(workspace, kind, asset.name, asset.version));
  if (lineage.isError) {
    return <Trouble what="Its jobs" problem={lineage.error} onRetry={() => lineage.refetch()} />;
  }
  if (lineage.data === undefined) {
    return <Skeleton lines={4} />;
  }
  const { used_by, needed_by, needs } = lineage.data;
  return (
    <div className="stack">
      <h2>Jobs that use this version</h2>
      {used_by.length === 0 ? (
        <p className="muted">None yet.</p>
      ) : (
        <ul className="reasons">
          {used_by.map((use) => (
            <li key={`${use.job} ${use.role}`}>
              <Link to="/jobs/$name" params={{ name: use.job }}>
                {use.root_job}
              </Link>{" "}
              <span className="muted">as {use.role}</span>
            </li>
          ))}
        </ul>
      )}
      {needed_by.length > 0 && <h2>Versions that contain it</h2>}
      {needed_by.map((id) => (
        <code key={id}>{id}</code>
      ))}
      {needs.length > 0 && <h2>What it needs</h2>}
      {needs.map((need) => (
        <code key={need.id}>
          {need.role}: {need.id}
        </code>
      ))}
    </div>
  );
}

const OURS = new Set([
  "id",
  "resourceGroup",
  "creation_context",
  "archived",
  "digest",
  "content_digest",
  "produced_by",
  "properties",
]);

function Yaml({ asset }: { asset: AssetVersion }) {
  const shown = Object.fromEntries(
    Object.entries(asset).filter(
      ([key, value]) => !OURS.has(key) && value !== null && !(key === "tags" && Object.keys(asset.tags).length === 0),
    ),
  );
  const text = stringify(shown, { lineWidth: 0 });
  return (
    <div className="stack">
      <div className="row">
        <h2>As registered</h2>
        <Copy text={text} />
      </div>
      <pre className="code-block">{text}</pre>
    </div>
  );
}
