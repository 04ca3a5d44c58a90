import type { Comparison } from "../../api/compare";
import { numberText } from "../../domain/chart";
import { durationText, timeText } from "../../domain/format";
import { CommandLine } from "../../ui/CommandLine";
import { StatusPill } from "../../ui/StatusPill";
import { ComparedTable } from "./ComparedTable";

interface CompareSummaryProps {
  found: Comparison;
  isAll: boolean;
  onAll(isAll: boolean): void;
  command: string;
}

/** Everything that is a value, side by side. */
export function CompareSummary({ found, isAll, onAll, command }: CompareSummaryProps) {
  const heads = found.jobs.map((job) => job.display_name);
  const lists = [found.inputs, found.settings, found.params, found.metrics];
  const isEqual = lists.every((rows) => rows.every((row) => row.same));
  return (
    <div className="stack">
      <div className="wide-scroll">
        <table className="table compare-table">
          <thead>
            <tr>
              <th>Job</th>
              {found.jobs.map((job) => (
                <th key={job.name} title={job.name}>
                  {job.display_name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>Status</td>
              {found.jobs.map((job) => (
                <td key={job.name}>
                  <StatusPill label={job.label} />
                </td>
              ))}
            </tr>
            <Facts title="Duration" texts={found.jobs.map((job) => durationText(job.duration_seconds))} />
            <Facts
              title="Steps"
              texts={found.jobs.map((job) => `${job.steps}${job.reused > 0 ? `, ${job.reused} reused` : ""}`)}
            />
            <Facts title="Created" texts={found.jobs.map((job) => timeText(job.created_at))} />
            <Facts title="By" texts={found.jobs.map((job) => job.created_by)} />
            <Facts title="Experiment" texts={found.jobs.map((job) => job.experiment_name)} />
          </tbody>
        </table>
      </div>
      <OnlyDifferences isAll={isAll} onAll={onAll} />
      {isEqual && !isAll && <p className="muted">Inputs, settings and what was logged are the same.</p>}
      <ComparedTable title="Inputs" rows={found.inputs} heads={heads} isAll={isAll} />
      <ComparedTable title="Settings" rows={found.settings} heads={heads} isAll={isAll} />
      <ComparedTable title="Parameters" rows={found.params} heads={heads} isAll={isAll} />
      <ComparedTable
        title="Latest metrics"
        rows={found.metrics}
        heads={heads}
        isAll={isAll}
        textOf={(value) => (typeof value === "number" ? numberText(value) : String(value ?? "–"))}
      />
      <CommandLine text={command} />
    </div>
  );
}

function Facts({ title, texts }: { title: string; texts: readonly string[] }) {
  return (
    <tr>
      <td>{title}</td>
      {texts.map((text, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: texts have nothing but their place.
        <td key={place}>{text}</td>
      ))}
    </tr>
  );
}

export function OnlyDifferences({ isAll, onAll }: { isAll: boolean; onAll(isAll: boolean): void }) {
  return (
    <label className="form-check">
      <input type="checkbox" checked={!isAll} onChange={(event) => onAll(!event.target.checked)} />
      Only differences
    </label>
  );
}
