import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { componentText, durationText } from "../../domain/format";
import type { Step } from "../../domain/job";
import { differingValue, differingWord, type MergedStep, mergedName } from "../../domain/merged";
import { ChangePill } from "../../ui/ChangePill";
import { StatusPill } from "../../ui/StatusPill";
import type { Pair } from "./CompareGraph";

/** One step of both jobs: how each of them ended, and what differs, in words. */
export function MergedPanel({ step, pair, onClose }: { step: MergedStep; pair: Pair; onClose(): void }) {
  return (
    <section className="beside-panel stack" aria-label={`Step ${mergedName(step)}`}>
      <div className="row">
        <h2>{mergedName(step)}</h2>
        <span className="space" />
        <button type="button" className="button plain icon" aria-label="Close" onClick={onClose}>
          <IconX size={15} aria-hidden="true" />
        </button>
      </div>
      <p>
        <ChangePill change={step.change} />
      </p>
      <Side name="A" step={step.before} job={pair.a.name} />
      <Side name="B" step={step.after} job={pair.b.name} />
      {step.differences.length > 0 && (
        <dl className="merged-values">
          {step.differences.map(({ name, values }) => (
            <div key={name}>
              <dt>{differingWord(name)}</dt>
              <dd>
                <span className="hidden">A: </span>
                <del>{differingValue(values[0])}</del>
              </dd>
              <dd>
                <span className="hidden">B: </span>
                <ins>{differingValue(values[1])}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {step.differences.some(({ name }) => name === "code") && (
        <Link to="/compare" search={(before) => ({ ...before, tab: "code" })}>
          Lines of the code that differ
        </Link>
      )}
      {step.change === "same" && <p className="muted">Nothing that was asked of it differs.</p>}
      {step.change === "changed" && step.differences.length === 0 && (
        <p className="muted">It does the same under another name.</p>
      )}
    </section>
  );
}

function Side({ name, step, job }: { name: string; step: Step | null; job: string }) {
  if (step === null) {
    return (
      <p className="row muted">
        <strong>{name}</strong> has no such step
      </p>
    );
  }
  return (
    <div className="row merged-side">
      <strong>{name}</strong>
      <StatusPill label={step.label} isReused={step.reused_from !== null} />
      <span className="muted">{durationText(step.duration_seconds)}</span>
      <span className="muted breakable">{componentText(step.component)}</span>
      <span className="space" />
      <Link
        to="/jobs/$name"
        params={{ name: job }}
        search={({ workspace }) => ({ workspace, step: step.key || undefined })}
      >
        Open<span className="hidden"> the step in {name}</span>
      </Link>
    </div>
  );
}
