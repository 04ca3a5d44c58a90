import { useQuery } from "@tanstack/react-query";
import { eventsQuery, type Job } from "../../api/jobs";
import { timeText } from "../../domain/format";
import { Failure } from "../../ui/Failure";
import { Skeleton } from "../../ui/Skeleton";
import { Description } from "../assets/Description";
import { TagEditor } from "../assets/TagEditor";
import { Locks } from "./Locks";
import { useJobChange } from "./useJobChange";
import "../assets/assets.css";

/** Where the job comes from, what it is called, and what happened to it. */
export function OverviewView({ job, workspace }: { job: Job | undefined; workspace: string }) {
  const change = useJobChange(workspace, job ?? { name: "" });
  if (job === undefined) {
    return <Skeleton lines={8} />;
  }
  const facts: [string, string | null][] = [
    ["Name", job.name],
    ["Experiment", job.experiment_name],
    ["Created", `${timeText(job.creation_context.created_at)} by ${job.creation_context.created_by}`],
    ["Started", timeText(job.start_time)],
    ["Ended", timeText(job.end_time)],
    ["File", typeof job.file === "string" ? job.file : null],
    ["Host", typeof job.host === "string" ? job.host : null],
  ];
  return (
    <div className="sheet">
      <Failure problem={change.error} />
      <Description text={job.description ?? ""} onSave={(description) => change.mutate({ description })} />
      <h2>Tags</h2>
      <TagEditor tags={job.tags} onChange={(tags) => change.mutate({ tags })} />
      <dl className="facts">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <h2>Properties</h2>
      <dl className="facts">
        {Object.entries(job.properties).map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
      <Locks job={job} />
      <History workspace={workspace} name={job.name} />
      <details>
        <summary>JSON, as `pipeyard job show` prints it</summary>
        <pre className="code-block">{JSON.stringify(job, null, 2)}</pre>
      </details>
    </div>
  );
}

const EVENTS_MAX = 500;

function History({ workspace, name }: { workspace: string; name: string }) {
  const events = useQuery(eventsQuery(workspace, name));
  const rows = events.data ?? [];
  return (
    <>
      <h2>History</h2>
      <table className="table">
        <thead>
          <tr>
            <th>At</th>
            <th>What</th>
            <th>Step</th>
            <th className="number">Try</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, EVENTS_MAX).map((event) => (
            <tr key={event.seq}>
              <td className="muted">{event.at.slice(11, 23)}</td>
              <td>{event.kind}</td>
              <td>{event.step}</td>
              <td className="number">{event.attempt}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > EVENTS_MAX && (
        <p className="muted">
          {rows.length - EVENTS_MAX} more: <code>pipeyard job show -n {name} --events</code>
        </p>
      )}
    </>
  );
}
