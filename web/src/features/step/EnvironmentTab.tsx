import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { stringify } from "yaml";
import { fileAddress, filesQuery, type Job } from "../../api/jobs";
import { Copy } from "../../ui/Copy";
import { Skeleton } from "../../ui/Skeleton";
import { FilePreview } from "../files/FilePreview";

const BUILD_LOG = /^azureml-logs\/.*image_build_log.*\.txt$/;

interface Lock {
  resolved_by?: string;
  lock?: string[];
  substitutions?: string[];
}

/** What the step asked for, what was made of it, and how that was built. */
export default function EnvironmentTab({ job, workspace }: { job: Job | undefined; workspace: string }) {
  if (job === undefined) {
    return <Skeleton lines={6} />;
  }
  const found = Object.entries((job.environments ?? {}) as Record<string, Lock>);
  return (
    <div className="stack">
      <h2>Asked for</h2>
      {job.environment === null || job.environment === undefined ? (
        <p className="muted">None: the step runs with what this machine has.</p>
      ) : typeof job.environment === "string" ? (
        <p>
          <code>{job.environment}</code>
        </p>
      ) : (
        <pre className="code-block wrapped">{stringify(job.environment, { lineWidth: 0 })}</pre>
      )}
      <h2>Made of it</h2>
      {found.length === 0 && (
        <p className="muted">
          Nothing had to be installed, or nothing was yet. What a reused step ran in is told by the step that wrote its
          result.
        </p>
      )}
      {found.map(([digest, lock]) => (
        <Installed key={digest} digest={digest} found={lock} />
      ))}
      <BuildLogs job={job} workspace={workspace} />
    </div>
  );
}

function Installed({ digest, found }: { digest: string; found: Lock }) {
  const [text, setText] = useState("");
  const lines = useMemo(
    () => (found.lock ?? []).filter((line) => line.toLowerCase().includes(text.trim().toLowerCase())),
    [found, text],
  );
  return (
    <section className="stack">
      <p>
        {found.resolved_by !== undefined && `By ${found.resolved_by}, `}
        <code className="muted">{digest.slice(0, 12)}</code>
      </p>
      {(found.substitutions ?? []).map((line) => (
        <p key={line} className="notice">
          {line}
        </p>
      ))}
      {(found.lock?.length ?? 0) > 0 && (
        <>
          <div className="row">
            <input
              className="field"
              type="search"
              value={text}
              placeholder="Find a package"
              aria-label="Find a package"
              onChange={(event) => setText(event.target.value)}
            />
            <Copy text={(found.lock ?? []).join("\n")} label="Copy all" />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys. */}
          <pre className="code-block locked" tabIndex={0}>
            {lines.join("\n") || "No package is called like that."}
          </pre>
        </>
      )}
    </section>
  );
}

function BuildLogs({ job, workspace }: { job: Job; workspace: string }) {
  const files = useQuery(filesQuery(workspace, job.name));
  const logs = (files.data ?? []).filter((file) => BUILD_LOG.test(file.path));
  if (files.data === undefined) {
    return null;
  }
  return (
    <section className="stack">
      <h2>Build log</h2>
      {logs.length === 0 ? (
        <p className="muted">Nothing was built for this step: what it needs was there.</p>
      ) : (
        logs.map((file) => (
          <FilePreview key={file.path} file={file} address={fileAddress(workspace, job.name, file.path)} />
        ))
      )}
    </section>
  );
}
