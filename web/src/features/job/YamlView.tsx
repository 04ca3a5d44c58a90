import { useMemo } from "react";
import { stringify } from "yaml";
import type { Job } from "../../api/jobs";
import { Copy } from "../../ui/Copy";
import { Skeleton } from "../../ui/Skeleton";

const HEAD = ["name", "display_name", "description", "experiment_name", "type", "tags"] as const;

/** The job as a pipeline file: steps as they were submitted. */
export function YamlView({ job }: { job: Job | undefined }) {
  const text = useMemo(() => (job === undefined ? "" : yamlOf(job)), [job]);
  if (job === undefined) {
    return <Skeleton lines={8} />;
  }
  return (
    <div className="sheet">
      <div className="row">
        <h2>As submitted</h2>
        <Copy text={text} />
      </div>
      <pre className="code-block">{text}</pre>
    </div>
  );
}

function yamlOf(job: Job): string {
  const shown: Record<string, unknown> = {};
  for (const key of HEAD) {
    const value = job[key];
    if (value !== null && value !== undefined && Object.keys(value).length > 0) {
      shown[key] = value;
    }
  }
  for (const key of ["settings", "inputs", "outputs", "jobs"]) {
    if (job[key] !== undefined) {
      shown[key] = job[key];
    }
  }
  return stringify(shown, { lineWidth: 0 });
}
