import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { type AssetName, type Kind, namesQuery } from "../../api/assets";
import { inWorkspace, useWorkspace } from "../../app/workspace";
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
  const filter = { text: search.q ?? "", isArchived: search.archived === true };
  const query = useInfiniteQuery(namesQuery(workspace, kind, filter));
  const found = useMemo(() => query.data?.pages.flatMap((page) => page.value) ?? [], [query.data]);
  const [text, setText] = useState(search.q ?? "");
  useEffect(() => setText(search.q ?? ""), [search.q]);
  useEffect(() => {
    // The server searches once nobody has typed for a moment.
    const timer = setTimeout(() => {
      if (text !== (search.q ?? "")) {
        navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true });
      }
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [text, search.q, navigate]);
  return (
    <div className="jobs">
      <title>{`${TITLE[kind]} · Pipeyard`}</title>
      <div className="jobs-head">
        <h1>{TITLE[kind]}</h1>
        <span className="muted" role="status">
          {query.data !== undefined && countText(found.length, query.hasNextPage, filter.text !== "")}
        </span>
      </div>
      <search className="filters">
        <input
          className="field grow"
          type="search"
          value={text}
          placeholder="Search names, tags (key:value) and types"
          aria-label="Search names, tags and types"
          onChange={(event) => setText(event.target.value)}
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
        <None kind={kind} isEmpty={filter.text === "" && !filter.isArchived} />
      ) : (
        <Names kind={kind} names={found} workspace={workspace}>
          {query.hasNextPage && (
            <div className="filters">
              <button
                type="button"
                className="button"
                disabled={query.isFetchingNextPage}
                onClick={() => query.fetchNextPage()}
              >
                Show more
              </button>
            </div>
          )}
        </Names>
      )}
    </div>
  );
}

const WAIT_MS = 150;

function countText(count: number, isMore: boolean, isFound: boolean): string {
  const many = isMore ? `first ${count}` : String(count);
  return isFound ? `${many} found` : many;
}

interface NamesProps {
  kind: Kind;
  names: readonly AssetName[];
  workspace: string;
  children: ReactNode;
}

function Names({ kind, names, workspace, children }: NamesProps) {
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
          {names.map((one) => (
            <tr key={one.name}>
              <td className="job-name">
                <Link to="/assets/$kind/$name" params={{ kind, name: one.name }} search={inWorkspace(workspace)}>
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
      {children}
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
