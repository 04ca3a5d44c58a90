import { IconFile, IconFolder } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { ApiError } from "../../api/client";
import { datastoresQuery, folderQuery, placeAddress } from "../../api/datastores";
import type { Entry } from "../../api/schema.gen";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { sizeText } from "../../domain/format";
import { Copy } from "../../ui/Copy";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { FilePreview } from "../files/FilePreview";
import { placeText } from "./place";
import "../jobs/jobs.css";
import "../files/files.css";

/** One datastore: what is known of it, and its folders one at a time. */
export function DatastorePage() {
  const { name } = useParams({ from: "/datastores/$name" });
  const { path = "" } = useSearch({ from: "/datastores/$name" });
  const workspace = useWorkspace();
  const all = useQuery(datastoresQuery(workspace));
  const folder = useQuery(folderQuery(workspace, name, path));
  const datastore = all.data?.find((one) => one.name === name);
  const uri = `azureml://datastores/${name}/paths/${path === "" ? "" : `${path}/`}`;
  return (
    <div className="jobs">
      <title>{`${name} · Pipeyard`}</title>
      <div className="jobs-head">
        <Link to="/datastores" search={inWorkspace(workspace)} className="muted">
          Datastores
        </Link>
        <span className="muted" aria-hidden="true">
          /
        </span>
        <h1>{name}</h1>
        {datastore?.is_default && <span className="tag">default</span>}
        {datastore !== undefined && (
          <span className="muted">
            {datastore.type} · {placeText(datastore)}
          </span>
        )}
        <span className="space" />
        <Copy text={uri} label="Copy path" />
      </div>
      <Crumbs name={name} path={path} workspace={workspace} />
      <div className="jobs-scroll">
        {folder.error instanceof ApiError && folder.error.code === "files-elsewhere" ? (
          <div className="empty">
            <h2>Its files are not listed here</h2>
            <p>{folder.error.message}</p>
            <p className="muted">{folder.error.hint}</p>
          </div>
        ) : folder.isError ? (
          <Trouble what={path === "" ? name : path} problem={folder.error} onRetry={() => folder.refetch()} />
        ) : folder.data === undefined ? (
          <Skeleton lines={6} />
        ) : folder.data.value.length === 0 ? (
          <p className="filters muted">The folder is empty.</p>
        ) : (
          <>
            <Entries name={name} path={path} entries={folder.data.value} workspace={workspace} />
            {folder.data.count > folder.data.value.length && (
              <p className="filters muted">
                The first {folder.data.value.length} of {folder.data.count}.
              </p>
            )}
          </>
        )}
      </div>
    </div>
  );
}

interface PlaceProps {
  name: string;
  path: string;
  workspace: string;
}

function Crumbs({ name, path, workspace }: PlaceProps) {
  const parts = path === "" ? [] : path.split("/");
  return (
    <nav className="filters crumbs" aria-label="Folder">
      {[name, ...parts].map((part, at) => {
        const to = parts.slice(0, at).join("/");
        const search = { ...inWorkspace(workspace), ...(to === "" ? {} : { path: to }) };
        return at === parts.length ? (
          <span key={to} aria-current="page">
            {part}
          </span>
        ) : (
          <span key={to}>
            <Link to="/datastores/$name" params={{ name }} search={search}>
              {part}
            </Link>{" "}
            <span className="muted" aria-hidden="true">
              /
            </span>
          </span>
        );
      })}
    </nav>
  );
}

function Entries({ name, path, entries, workspace }: PlaceProps & { entries: readonly Entry[] }) {
  const { file } = useSearch({ from: "/datastores/$name" });
  const here = path === "" ? "" : `${path}/`;
  const place = { ...inWorkspace(workspace), ...(path === "" ? {} : { path }) };
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Name</th>
          <th className="number">Size</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.name}>
            <td className="breakable">
              {entry.size === null ? (
                <Link
                  to="/datastores/$name"
                  params={{ name }}
                  search={{ ...inWorkspace(workspace), path: here + entry.name }}
                >
                  <IconFolder size={14} aria-label="folder" /> {entry.name}
                </Link>
              ) : (
                <Link
                  to="/datastores/$name"
                  params={{ name }}
                  search={entry.name === file ? place : { ...place, file: entry.name }}
                  aria-expanded={entry.name === file}
                >
                  <IconFile size={14} aria-hidden="true" /> {entry.name}
                </Link>
              )}
              {entry.name === file && entry.size !== null && (
                <FilePreview
                  file={{ path: entry.name, size: entry.size }}
                  address={placeAddress(workspace, name, here + entry.name)}
                />
              )}
            </td>
            <td className="number muted">{entry.size === null ? "" : sizeText(entry.size)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
