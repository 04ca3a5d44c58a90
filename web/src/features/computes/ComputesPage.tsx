import { useQuery } from "@tanstack/react-query";
import { computesQuery } from "../../api/computes";
import { useWorkspace } from "../../app/workspace";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import "../jobs/jobs.css";

/** Where steps run, and how much of it is taken. */
export function ComputesPage() {
  const workspace = useWorkspace();
  const query = useQuery(computesQuery(workspace));
  return (
    <div className="jobs">
      <title>Compute · Pipeyard</title>
      <div className="jobs-head">
        <h1>Compute</h1>
      </div>
      {query.isPending ? (
        <Skeleton lines={4} />
      ) : query.isError ? (
        <Trouble what="The computes" problem={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div className="jobs-scroll">
          <table className="table">
            <thead>
              <tr>
                <th>Name</th>
                <th>Type</th>
                <th>In use</th>
                <th className="number">Instances at most</th>
                <th>Size</th>
                <th>Description</th>
              </tr>
            </thead>
            <tbody>
              {query.data.map((compute) => (
                <tr key={compute.name}>
                  <td>{compute.name}</td>
                  <td className="muted">{compute.type}</td>
                  <td>
                    <meter
                      min={0}
                      max={Math.max(1, compute.slots ?? compute.max_instances)}
                      value={compute.slots_in_use ?? 0}
                      aria-label={`${compute.slots_in_use ?? 0} of ${compute.slots ?? compute.max_instances} slots in use`}
                    />{" "}
                    {compute.slots_in_use ?? 0} of {compute.slots ?? compute.max_instances}
                  </td>
                  <td className="number">{compute.max_instances}</td>
                  <td className="muted">{compute.size}</td>
                  <td className="muted">{compute.description}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="filters muted">
            To add one: <code>pipeyard compute create --name cpu-cluster --type amlcompute --max-instances 4</code>
          </p>
        </div>
      )}
    </div>
  );
}
