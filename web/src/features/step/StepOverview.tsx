import type { Job } from "../../api/jobs";
import { componentText, durationText, timeText } from "../../domain/format";
import type { JobGraph, Step } from "../../domain/job";
import { timelineOf } from "../../domain/timeline";
import { Copy } from "../../ui/Copy";
import { Locks } from "../job/Locks";
import { FlowFacts } from "./FlowFacts";

interface StepOverviewProps {
  step: Step;
  job: Job | undefined;
  graph: JobGraph;
  onSelect(key: string): void;
}

/** Kinds that run nothing themselves. */
const FLOW = new Set(["if_else", "do_while", "parallel_for"]);

export function StepOverview({ step, job, graph, onSelect }: StepOverviewProps) {
  const [bar] = timelineOf({ ...graph, steps: [step] }, Date.now()).bars;
  const phases = bar?.phases
    .map((phase) => `${phase.name} ${durationText((phase.toMs - phase.fromMs) / 1000)}`)
    .join(" · ");
  const error = job?.error ?? null;
  const readers = [...new Set(graph.edges.filter((edge) => edge.from === step.key).map((edge) => edge.to))];
  const exit = typeof job?.exit_code === "number" ? String(job.exit_code) : null;
  const facts: [string, string | null | undefined][] = [
    ["Component", componentText(step.component)],
    // A choice is made here and nowhere.
    ["Compute", step.kind === "if_else" ? null : (step.compute ?? "this machine")],
    ["Started", timeText(step.started_at)],
    ["Ended", timeText(step.ended_at)],
    ["Phases", phases],
    ["Tries", step.attempt !== null && step.attempt > 1 ? String(step.attempt) : null],
    ["Exit code", exit],
    ["Environment", FLOW.has(step.kind) ? null : environmentText(job?.environment)],
    ["Waits for", typeof job?.waiting_for === "string" ? job.waiting_for : null],
    ["Description", job?.description],
  ];
  return (
    <div className="stack">
      {error !== null && (
        <div className="notice bad">
          <p>{error.message}</p>
          {error.hint && <p className="muted">{error.hint}</p>}
          {error.last_lines !== undefined && error.last_lines.length > 0 && (
            <pre className="code-block wrapped">{error.last_lines.join("\n")}</pre>
          )}
        </div>
      )}
      {job !== undefined && <FlowFacts step={step} job={job} graph={graph} onSelect={onSelect} />}
      <dl className="facts">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        {readers.length > 0 && (
          <>
            <dt>Read by</dt>
            <dd className="listed">
              {readers.map((key) => (
                <button type="button" className="link" key={key} onClick={() => onSelect(key)}>
                  {key}
                </button>
              ))}
            </dd>
          </>
        )}
      </dl>
      {typeof job?.command === "string" && job.command !== "" && (
        <>
          <div className="row">
            <h2>Command</h2>
            <Copy text={job.command} />
          </div>
          <pre className="code-block wrapped">{job.command}</pre>
        </>
      )}
      <Locks job={job} />
      {(job?.warnings ?? []).map((warning) => (
        <div key={warning.message} className="notice">
          {warning.message}
        </div>
      ))}
      {step.name !== "" && (
        <p className="muted small">
          Job name <code>{step.name}</code> <Copy text={step.name} label="" />
        </p>
      )}
    </div>
  );
}

function environmentText(value: unknown): string | null {
  if (typeof value === "string") {
    return value.replace(/^azureml:(?!\/\/)/, "");
  }
  if (value !== null && typeof value === "object") {
    const { image, conda_file, build } = value as { image?: string; conda_file?: { name?: string }; build?: unknown };
    return [image, conda_file && `conda ${conda_file.name ?? "file"}`, build && "build context"]
      .filter(Boolean)
      .join(" + ");
  }
  return null;
}
