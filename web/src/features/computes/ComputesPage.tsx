import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { computesQuery } from "../../api/computes";
import type { Compute } from "../../api/schema.gen";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { ComputeForm } from "./ComputeForm";
import { InUse } from "./InUse";
import "../jobs/jobs.css";
import "./computes.css";

/** Where steps run, and how much of it is taken. */
export function ComputesPage() {
  const workspace = useWorkspace();
  const query = useQuery(computesQuery(workspace));
  const navigate = useNavigate();
  const [isCreating, setCreating] = useState(false);
  return (
    <div className="jobs">
      <title>Compute · Pipeyard</title>
      <div className="jobs-head">
        <h1>Compute</h1>
        <span className="space" />
        <button
          type="button"
          className="button"
          aria-expanded={isCreating}
          onClick={() => setCreating((before) => !before)}
        >
          New compute
        </button>
      </div>
      {isCreating && (
        <ComputeForm
          workspace={workspace}
          compute={null}
          onDone={(made) => {
            setCreating(false);
            if (made !== null) {
              navigate({ to: "/computes/$name", params: { name: made.name }, search: inWorkspace(workspace) });
            }
          }}
        />
      )}
      {query.isPending ? (
        <Skeleton lines={4} />
      ) : query.isError ? (
        <Trouble what="The computes" problem={query.error} onRetry={() => query.refetch()} />
      ) : (
        <Rows rows={query.data} workspace={workspace} />
      )}
    </div>
  );
}

function Rows({ rows, workspace }: { rows: readonly Compute[]; workspace: string }) {
  return (
    <div className="jobs-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Type</th>
            <th>In use</th>
            <th className="number">Instances at most</th>
            <th className="wide">Size</th>
            <th className="wide">Description</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((compute) => (
            <tr key={compute.name}>
              <td className="job-name">
                <Link to="/computes/$name" params={{ name: compute.name }} search={inWorkspace(workspace)}>
                  {compute.name}
                </Link>
              </td>
              <td className="muted">{compute.type}</td>
              <td>
                <InUse compute={compute} />
              </td>
              <td className="number">{compute.max_instances}</td>
              <td className="wide muted">{compute.size}</td>
              <td className="wide muted">{compute.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="filters muted">
        In a terminal: <code>pipeyard compute create --name cpu-cluster --type amlcompute --max-instances 4</code>
      </p>
    </div>
  );
}
