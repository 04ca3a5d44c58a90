import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { lineageQuery } from "../../api/assets";
import type { Use } from "../../api/schema.gen";
import { inWorkspace } from "../../app/workspace";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { AssetLink } from "./AssetLink";
import type { PartProps } from "./part";

/** Where a version comes from, what it needs, and which jobs used it. */
export function UsesTab({ kind, asset, workspace }: PartProps) {
  const lineage = useQuery(lineageQuery(workspace, kind, asset.name, asset.version));
  if (lineage.isError) {
    return <Trouble what="Its jobs" problem={lineage.error} onRetry={() => lineage.refetch()} />;
  }
  if (lineage.data === undefined) {
    return <Skeleton lines={4} />;
  }
  const { produced_by, used_by, needed_by, needs } = lineage.data;
  return (
    <div className="stack">
      {produced_by !== null && (
        <Part title="Made by">
          <p>
            output <b>{produced_by.output}</b> of{" "}
            <JobLink job={produced_by.job} text={produced_by.root_job ?? produced_by.job} workspace={workspace} />
          </p>
        </Part>
      )}
      <Part title="Jobs that used this version">
        {used_by.length === 0 ? <p className="muted">None yet.</p> : <Jobs uses={used_by} />}
      </Part>
      {needed_by.length > 0 && (
        <Part title="Versions that contain it">
          <ul className="reasons">
            {needed_by.map((id) => (
              <li key={id}>
                <AssetLink text={id} workspace={workspace} />
              </li>
            ))}
          </ul>
        </Part>
      )}
      {needs.length > 0 && (
        <Part title="What it needs">
          <ul className="reasons">
            {needs.map((need) => (
              <li key={need.role + need.id}>
                <span className="muted">{need.role}:</span> <AssetLink text={need.id} workspace={workspace} />
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="stack">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Jobs({ uses }: { uses: readonly Use[] }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Job</th>
          <th>As</th>
          <th>Step's own job</th>
        </tr>
      </thead>
      <tbody>
        {uses.map((use) => (
          <tr key={`${use.job} ${use.role}`}>
            <td>
              <JobLink job={use.job} text={use.root_job} workspace={use.workspace} />
            </td>
            <td className="muted">{use.role}</td>
            <td className="muted breakable">{use.job === use.root_job ? "" : use.job}</td>
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
