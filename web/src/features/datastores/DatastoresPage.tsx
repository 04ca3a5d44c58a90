import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { datastoresQuery } from "../../api/datastores";
import type { Datastore } from "../../api/schema.gen";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { placeText } from "./place";
import "../jobs/jobs.css";

/** Where data and outputs are. Credentials are never sent here. */
export function DatastoresPage() {
  const workspace = useWorkspace();
  const query = useQuery(datastoresQuery(workspace));
  return (
    <div className="jobs">
      <title>Datastores · Pipeyard</title>
      <div className="jobs-head">
        <h1>Datastores</h1>
      </div>
      {query.isPending ? (
        <Skeleton lines={5} />
      ) : query.isError ? (
        <Trouble what="The datastores" problem={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div className="jobs-scroll">
          <Rows rows={query.data} workspace={workspace} />
          <p className="filters muted">
            To add one: <code>pipeyard datastore create --file datastore.yml</code>
          </p>
        </div>
      )}
    </div>
  );
}

function Rows({ rows, workspace }: { rows: readonly Datastore[]; workspace: string }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Name</th>
          <th className="wide">Type</th>
          <th>Place</th>
          <th className="wide">Credential</th>
          <th className="wide">Description</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td className="job-name">
              <Link to="/datastores/$name" params={{ name: row.name }} search={inWorkspace(workspace)}>
                {row.name}
              </Link>
              {row.is_default && <span className="tag">default</span>}
            </td>
            <td className="wide muted">{row.type}</td>
            <td className="breakable">
              <span className="narrow muted">{row.type}</span> <code>{placeText(row)}</code>
            </td>
            <td className="wide muted">{row.credentials_type === null ? "none" : `${row.credentials_type}, kept`}</td>
            <td className="wide muted">{row.description}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
