import type { Comparison } from "../../api/compare";
import { DiffText } from "./DiffText";

/** Lines of the YAML, or of the files of code, that are not those of the first job. */
export function CompareCode({ found, what }: { found: Comparison; what: "yaml" | "code" }) {
  const nameOf = (job: string) => found.jobs.find((one) => one.name === job)?.display_name ?? job;
  const first = found.jobs[0]?.display_name ?? "";
  if (what === "yaml") {
    return (
      <div className="stack">
        {found.yaml.map(({ job, diff }) => (
          <section key={job} className="stack">
            <h2>
              {first} → {nameOf(job)}
            </h2>
            {diff === "" ? (
              <p className="muted">The same.</p>
            ) : (
              <DiffText text={diff} label={`YAML of ${nameOf(job)}`} />
            )}
          </section>
        ))}
      </div>
    );
  }
  return (
    <div className="stack">
      {found.code.length === 0 && <p className="muted">Every step that all of them have ran the same code.</p>}
      {found.code.map(({ job, step, files }) => (
        <section key={`${job} ${step}`} className="stack">
          <h2>
            {step || "The command"}: {first} → {nameOf(job)}
          </h2>
          {files.map((file) => (
            <details key={file.path} open={files.length <= 5}>
              <summary>
                <code>{file.path}</code> <span className="muted">{file.change}</span>
              </summary>
              {file.diff === null ? (
                <p className="muted">No text, or too large to be compared here.</p>
              ) : (
                <DiffText text={file.diff} label={`${file.path} of ${nameOf(job)}`} />
              )}
            </details>
          ))}
        </section>
      ))}
    </div>
  );
}
