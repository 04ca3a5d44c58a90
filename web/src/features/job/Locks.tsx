import type { Job } from "../../api/jobs";

interface Lock {
  resolved_by?: string;
  lock?: string[];
}

/** What was really installed in the environments of a job or a step. */
export function Locks({ job }: { job: Job | undefined }) {
  const found = Object.entries((job?.environments ?? {}) as Record<string, Lock>).filter(([, one]) => one.lock?.length);
  return found.map(([digest, { resolved_by, lock = [] }]) => (
    <details key={digest}>
      <summary>
        Installed: {lock.filter((line) => !line.startsWith("#")).length} packages
        {resolved_by !== undefined && <span className="muted"> by {resolved_by}</span>}{" "}
        <code className="muted">{digest.slice(0, 12)}</code>
      </summary>
      <pre className="code-block">{lock.join("\n")}</pre>
    </details>
  ));
}
