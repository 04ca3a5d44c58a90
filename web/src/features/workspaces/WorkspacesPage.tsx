import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Workspace } from "../../api/schema.gen";
import { registriesQuery, workspacesQuery } from "../../api/workspaces";
import { inWorkspace } from "../../app/workspace";
import { Ago } from "../../ui/Ago";
import { Skeleton } from "../../ui/Skeleton";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import "../jobs/jobs.css";

/** Where jobs and assets are kept apart, and what all workspaces share. */
export function WorkspacesPage() {
  const workspaces = useQuery(workspacesQuery());
  const registries = useQuery(registriesQuery());
  const problem = workspaces.error ?? registries.error;
  return (
    <div className="jobs">
      <title>Workspaces · Pipeyard</title>
      <div className="jobs-head">
        <h1>Workspaces and registries</h1>
      </div>
      {problem !== null ? (
        <Trouble
          what="The workspaces"
          problem={problem}
          onRetry={() => {
            workspaces.refetch();
            registries.refetch();
          }}
        />
      ) : workspaces.data === undefined || registries.data === undefined ? (
        <Skeleton lines={4} />
      ) : (
        <div className="jobs-scroll">
          <Places title="Workspace" rows={workspaces.data} isRegistry={false} />
          {registries.data.length === 0 ? (
            <p className="filters muted">
              No registries yet. Assets that every workspace may use go into one:{" "}
              <code>pipeyard registry create --name team</code>
            </p>
          ) : (
            <Places title="Registry" rows={registries.data} isRegistry />
          )}
        </div>
      )}
    </div>
  );
}

function Places({ title, rows, isRegistry }: { title: string; rows: readonly Workspace[]; isRegistry: boolean }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>{title}</th>
          <th className="wide">Description</th>
          <th>Tags</th>
          <th>Created</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td className="job-name">
              {isRegistry ? (
                <Link to="/assets/$kind" params={{ kind: "components" }} search={{ workspace: `registry:${row.name}` }}>
                  {row.display_name}
                </Link>
              ) : (
                <Link to="/" search={inWorkspace(row.name)}>
                  {row.display_name}
                </Link>
              )}
              {row.display_name !== row.name && <span className="muted small">{row.name}</span>}
            </td>
            <td className="wide muted">{row.description}</td>
            <td>
              <span className="tags">
                {Object.entries(row.tags).map(([name, value]) => (
                  <Tag key={name} name={name} value={value} />
                ))}
              </span>
            </td>
            <td>
              <Ago time={row.creation_context.created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
