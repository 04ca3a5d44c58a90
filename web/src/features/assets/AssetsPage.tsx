import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { type AssetName, type Kind, namesQuery } from "../../api/assets";
import { useWorkspace } from "../../app/workspace";
import { Ago } from "../../ui/Ago";
import { Skeleton } from "../../ui/Skeleton";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { ONE, TITLE } from "./words";
import "../jobs/jobs.css";

/** All names of one kind, to be searched by name, tag and type. */
export function AssetsPage() {
  const { kind } = useParams({ from: "/assets/$kind" }) as { kind: Kind };
  const search = useSearch({ from: "/assets/$kind" });
  const navigate = useNavigate({ from: "/assets/$kind" });
  const workspace = useWorkspace();
  const query = useInfiniteQuery(namesQuery(workspace, kind, search.archived === true));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    // Searching has to know all names; ten thousand are read in a moment.
    if (hasNextPage && !isFetchingNextPage) {
      fetchNextPage();
    }
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const all = useMemo(() => query.data?.pages.flatMap((page) => page.value) ?? [], [query.data]);
  const found = useMemo(() => all.filter((one) => matches(one, search.q ?? "")), [all, search.q]);
  const [text, setText] = useState(search.q ?? "");
  useEffect(() => setText(search.q ?? ""), [search.q]);
  return (
    <div className="jobs">
      <title>{`${TITLE[kind]} · Pipeyard`}</title>
      <div className="jobs-head">
        <h1>{TITLE[kind]}</h1>
        <span className="muted">{all.length > 0 && `${found.length} of ${all.length}`}</span>
      </div>
      <search className="filters">
        <input
          className="field grow"
          type="search"
          value={text}
          placeholder="Search names, tags (key:value) and types"
          aria-label="Search names, tags and types"
          onChange={(event) => {
            setText(event.target.value);
            navigate({ search: (before) => ({ ...before, q: event.target.value || undefined }), replace: true });
          }}
        />
        <button
          type="button"
          className="button"
          aria-pressed={search.archived === true}
          onClick={() =>
            navigate({ search: (before) => ({ ...before, archived: search.archived ? undefined : true }) })
          }
        >
          Archived
        </button>
      </search>
      {query.isPending ? (
        <Skeleton lines={8} />
      ) : query.isError ? (
        <Trouble what={TITLE[kind]} problem={query.error} onRetry={() => query.refetch()} />
      ) : found.length === 0 ? (
        <None kind={kind} isEmpty={all.length === 0 && search.archived !== true} />
      ) : (
        <Names kind={kind} names={found} workspace={workspace} />
      )}
    </div>
  );
}

const SHOWN_MAX = 500;

function Names({ kind, names, workspace }: { kind: Kind; names: readonly AssetName[]; workspace: string }) {
  return (
    <div className="jobs-scroll">
      <table className="table jobs-table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Latest</th>
            {kind !== "environments" && <th>Type</th>}
            <th className="wide">Description</th>
            <th>Tags</th>
            <th>Created</th>
            <th className="wide">By</th>
          </tr>
        </thead>
        <tbody>
          {names.slice(0, SHOWN_MAX).map((one) => (
            <tr key={one.name}>
              <td className="job-name">
                <Link
                  to="/assets/$kind/$name"
                  params={{ kind, name: one.name }}
                  search={workspace === "default" ? {} : { workspace }}
                >
                  {one.display_name ?? one.name}
                </Link>
                {one.display_name !== null && one.display_name !== one.name && (
                  <span className="muted small">{one.name}</span>
                )}
              </td>
              <td>{one.latest_version}</td>
              {kind !== "environments" && <td className="muted">{one.type}</td>}
              <td className="wide muted">{one.description}</td>
              <td>
                <span className="tags">
                  {Object.entries(one.tags).map(([key, value]) => (
                    <Tag key={key} name={key} value={value} />
                  ))}
                </span>
              </td>
              <td>
                <Ago time={one.creation_context.created_at} />
              </td>
              <td className="wide">{one.creation_context.created_by}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {names.length > SHOWN_MAX && (
        <p className="filters muted">{names.length - SHOWN_MAX} more: search to see them.</p>
      )}
    </div>
  );
}

function None({ kind, isEmpty }: { kind: Kind; isEmpty: boolean }) {
  return (
    <div className="empty">
      <h2>{isEmpty ? `No ${TITLE[kind].toLowerCase()} yet` : "Nothing matches"}</h2>
      {isEmpty && (
        <>
          <p>Register one from its YAML; every pipeline of the workspace can then name it.</p>
          <pre className="code-block">
            pipeyard {ONE[kind]} create --file {ONE[kind]}.yml
          </pre>
        </>
      )}
    </div>
  );
}

/** Every word has to be in the name, the type or a tag (`key`, `value` or `key:value`). */
function matches(one: AssetName, text: string): boolean {
  const tags = Object.entries(one.tags).flatMap(([key, value]) => [key, value, `${key}:${value}`]);
  const held = [one.name, one.display_name ?? "", one.type ?? "", ...tags].map((word) => word.toLowerCase());
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .every((word) => held.some((known) => known.includes(word)));
}
