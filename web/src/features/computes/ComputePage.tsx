import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { computeQuery, deleteCompute, nodesQuery, waitingQuery } from "../../api/computes";
import type { Compute, Node, Waiting } from "../../api/schema.gen";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { ComputeForm } from "./ComputeForm";
import { InUse } from "./InUse";
import "../jobs/jobs.css";
import "./computes.css";

/** One compute: its instances with who has them, and who waits for one. */
export function ComputePage() {
  const { name } = useParams({ from: "/computes/$name" });
  const workspace = useWorkspace();
  const compute = useQuery(computeQuery(workspace, name));
  const nodes = useQuery(nodesQuery(workspace, name));
  const waiting = useQuery(waitingQuery(workspace, name));
  const [isChanging, setChanging] = useState(false);
  const found = compute.data;
  return (
    <div className="jobs">
      <title>{`${name} · Pipeyard`}</title>
      <div className="jobs-head">
        <Link to="/computes" search={inWorkspace(workspace)} className="muted">
          Compute
        </Link>
        <span className="muted" aria-hidden="true">
          /
        </span>
        <h1>{name}</h1>
        <span className="space" />
        {found !== undefined && found.type !== "local" && (
          <>
            <button
              type="button"
              className="button"
              aria-expanded={isChanging}
              onClick={() => setChanging((before) => !before)}
            >
              Edit
            </button>
            <Delete compute={found} workspace={workspace} />
          </>
        )}
      </div>
      {isChanging && found !== undefined && (
        <ComputeForm workspace={workspace} compute={found} onDone={() => setChanging(false)} />
      )}
      {compute.isError ? (
        <Trouble what={name} problem={compute.error} onRetry={() => compute.refetch()} />
      ) : found === undefined ? (
        <Skeleton lines={6} />
      ) : (
        <div className="jobs-scroll compute-body">
          <Facts compute={found} />
          <Part title="Waiting" query={waiting}>
            {(rows) => <WaitingRows rows={rows} workspace={workspace} />}
          </Part>
          <Part title="Instances" query={nodes}>
            {(rows) => <NodeRows rows={rows} workspace={workspace} />}
          </Part>
        </div>
      )}
    </div>
  );
}

interface PartProps<T> {
  title: string;
  query: { data: T[] | undefined; error: Error | null; refetch(): unknown };
  children(rows: T[]): ReactNode;
}

function Part<T>({ title, query, children }: PartProps<T>) {
  return (
    <section className="stack" aria-label={title}>
      <h2>
        {title} {query.data !== undefined && <span className="muted">{query.data.length}</span>}
      </h2>
      {query.data !== undefined ? (
        children(query.data)
      ) : query.error !== null ? (
        <Trouble what={title} problem={query.error} onRetry={() => query.refetch()} />
      ) : (
        <Skeleton lines={2} />
      )}
    </section>
  );
}

function Facts({ compute }: { compute: Compute }) {
  const { instance } = compute;
  const parts =
    instance === null
      ? []
      : [
          instance.cpus === null ? "" : `${instance.cpus} CPUs`,
          instance.memory_gib === null ? "" : `${instance.memory_gib} GiB`,
          instance.gpus === 0 ? "" : `${instance.gpus} GPUs`,
        ].filter((part) => part !== "");
  return (
    <dl className="facts">
      <dt>In use</dt>
      <dd>
        <InUse compute={compute} />
      </dd>
      <dt>Type</dt>
      <dd>{compute.type}</dd>
      <dt>Instances</dt>
      <dd>
        {compute.min_instances} to {compute.max_instances}
      </dd>
      {compute.size !== undefined && (
        <>
          <dt>Size</dt>
          <dd>{compute.size}</dd>
        </>
      )}
      {parts.length > 0 && (
        <>
          <dt>Each has</dt>
          <dd>{parts.join(", ")}</dd>
        </>
      )}
      {compute.description !== undefined && (
        <>
          <dt>Description</dt>
          <dd>{compute.description}</dd>
        </>
      )}
    </dl>
  );
}

function WaitingRows({ rows, workspace }: { rows: readonly Waiting[]; workspace: string }) {
  if (rows.length === 0) {
    return <p className="muted">No step waits for it.</p>;
  }
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Step</th>
          <th>Job</th>
          <th>What it waits for</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.job}>
            <td>
              <JobLink job={row.job} text={row.step} workspace={workspace} />
            </td>
            <td>
              <JobLink job={row.root_job} text={row.root_job} workspace={workspace} />
            </td>
            <td className="muted">{row.waits_for}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NodeRows({ rows, workspace }: { rows: readonly Node[]; workspace: string }) {
  if (rows.length === 0) {
    return <p className="muted">It has none.</p>;
  }
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Instance</th>
          <th>State</th>
          <th>Step</th>
          <th>Job</th>
          <th className="wide">CPUs</th>
          <th className="wide">GPUs</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.node_id}>
            <td>{row.node_id}</td>
            <td className={row.current_job_name === null ? "muted" : "tone-busy"}>{row.node_state}</td>
            <td>
              {row.current_job_name !== null && (
                <JobLink job={row.current_job_name} text={row.step ?? row.current_job_name} workspace={workspace} />
              )}
            </td>
            <td>
              {row.root_job_name !== null && (
                <JobLink job={row.root_job_name} text={row.root_job_name} workspace={workspace} />
              )}
            </td>
            <td className="wide muted">{row.cpus?.join(", ")}</td>
            <td className="wide muted">{row.gpus?.join(", ")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function JobLink({ job, text, workspace }: { job: string; text: string; workspace: string }) {
  return (
    <Link to="/jobs/$name" params={{ name: job }} search={inWorkspace(workspace)}>
      {text}
    </Link>
  );
}

/** Asks once more: it cannot be undone. */
function Delete({ compute, workspace }: { compute: Compute; workspace: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isAsked, setAsked] = useState(false);
  const act = useMutation({
    mutationFn: () => deleteCompute(workspace, compute.name),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ["computes", workspace] });
      navigate({ to: "/computes", search: inWorkspace(workspace) });
    },
  });
  if (!isAsked) {
    return (
      <button type="button" className="button" onClick={() => setAsked(true)}>
        Delete
      </button>
    );
  }
  return (
    <>
      {act.isError && (
        <span className="tone-bad" role="alert">
          {act.error.message}
        </span>
      )}
      <button type="button" className="button tone-bad" disabled={act.isPending} onClick={() => act.mutate()}>
        Delete {compute.name}
      </button>
      <button type="button" className="button" onClick={() => setAsked(false)}>
        Keep
      </button>
    </>
  );
}
