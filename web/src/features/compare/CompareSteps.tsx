import { Link } from "@tanstack/react-router";
import type { ComparedStep, Comparison } from "../../api/compare";
import { durationText } from "../../domain/format";
import { StatusPill } from "../../ui/StatusPill";
import { ComparedTable } from "./ComparedTable";
import { OnlyDifferences } from "./CompareSummary";

const SIGNS: Record<string, string> = { added: "+ added", removed: "− removed", changed: "~ changed" };

/** The graphs over one another: steps that came, went or changed, and how each ended. */
export function CompareSteps({
  found,
  isAll,
  onAll,
}: {
  found: Comparison;
  isAll: boolean;
  onAll(isAll: boolean): void;
}) {
  const heads = found.jobs.map((job) => job.display_name);
  const rows = found.steps.filter((row) => isAll || row.change !== "same" || new Set(row.labels).size > 1);
  return (
    <div className="stack">
      <OnlyDifferences isAll={isAll} onAll={onAll} />
      {rows.length === 0 ? (
        <p className="muted">All {found.steps.length} steps are the same, and ended in the same way.</p>
      ) : (
        <div className="wide-scroll">
          <table className="table">
            <thead>
              <tr>
                <th>Step</th>
                {found.jobs.map((job) => (
                  <th key={job.name} title={job.name}>
                    {job.display_name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <StepRow key={row.step} row={row} found={found} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows
        .filter((row) => row.differences.length > 0)
        .map((row) => (
          <ComparedTable key={row.step} title={row.step || "The command"} rows={row.differences} heads={heads} isAll />
        ))}
    </div>
  );
}

function StepRow({ row, found }: { row: ComparedStep; found: Comparison }) {
  return (
    <tr>
      <td>
        <span className="change-sign muted">{SIGNS[row.change]}</span>
        {row.step || "the command"}
      </td>
      {row.labels.map((label, place) => (
        <td key={found.jobs[place]?.name}>
          {label === null ? (
            <span className="muted">–</span>
          ) : (
            <Link
              to="/jobs/$name"
              params={{ name: found.jobs[place]?.name ?? "" }}
              search={({ workspace }) => ({ workspace, step: row.step || undefined })}
              className="plain-link"
            >
              <StatusPill label={label} /> <span className="muted">{durationText(row.durations[place])}</span>
            </Link>
          )}
        </td>
      ))}
    </tr>
  );
}
