import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { jobQuery } from "../../api/jobs";
import type { JobGraph, Step } from "../../domain/job";
import { Duration } from "../../ui/Duration";
import { StatusPill } from "../../ui/StatusPill";
import { Tabs } from "../../ui/Tabs";
import type { Change } from "../job/JobPage";
import { PortTable } from "../job/PortsView";
import { FilesTab } from "./FilesTab";
import { LogViewer } from "./LogViewer";
import { OutputFiles } from "./OutputFiles";
import { RawTab } from "./RawTab";
import { StepOverview } from "./StepOverview";
import { WhyTab } from "./WhyTab";
import "./step.css";

interface StepPanelProps {
  step: Step;
  graph: JobGraph;
  workspace: string;
  /** A stand-alone command job has no graph beside it. */
  isAlone: boolean;
  onSelect(key: string | null): void;
  onChange: Change;
}

/** Everything about one step. */
export function StepPanel({ step, graph, workspace, isAlone, onSelect, onChange }: StepPanelProps) {
  const search = useSearch({ from: "/jobs/$name" });
  const job = useQuery(jobQuery(workspace, step.name));
  const isGroup = step.kind === "pipeline";
  const tabs = [
    { id: "overview", label: "Overview" },
    { id: "ports", label: "In & out" },
    ...(isGroup
      ? []
      : [
          { id: "logs", label: "Logs" },
          { id: "files", label: "Files" },
          { id: "why", label: "Why" },
        ]),
    { id: "raw", label: "JSON" },
  ];
  const tab = tabs.some((one) => one.id === search.tab) ? (search.tab as string) : isAlone ? "logs" : "overview";
  return (
    <aside className={`panel${isAlone ? " alone" : ""}`} aria-label={`Step ${step.display_name}`}>
      {!isAlone && (
        <div className="panel-head">
          <h2 title={step.key}>{step.display_name}</h2>
          <StatusPill label={step.label} isFramed isReused={step.reused_from !== null} />
          <span className="muted">
            <Duration card={step} />
          </span>
          <span className="space" />
          <button
            type="button"
            className="button plain icon"
            aria-label="Close the panel"
            onClick={() => onSelect(null)}
          >
            <IconX size={16} aria-hidden="true" />
          </button>
        </div>
      )}
      <Tabs
        label="About the step"
        tabs={tabs}
        selected={tab}
        onSelect={(id) => onChange({ tab: id, step: step.key || undefined })}
      />
      <div className={`panel-body${tab === "logs" ? " full" : ""}`} role="tabpanel" aria-label={tab}>
        {tab === "logs" ? (
          <LogViewer
            workspace={workspace}
            name={step.name}
            line={search.line}
            isBegun={step.started_at !== null || step.ended_at !== null}
            onLine={(line) => onChange({ line })}
          />
        ) : tab === "files" ? (
          <FilesTab workspace={workspace} name={step.name} />
        ) : tab === "why" ? (
          <WhyTab step={step} workspace={workspace} />
        ) : tab === "raw" ? (
          <RawTab job={job.data} />
        ) : tab === "ports" ? (
          <Ports step={step} workspace={workspace} onSelect={onSelect} />
        ) : (
          <StepOverview step={step} job={job.data} graph={graph} onSelect={onSelect} />
        )}
      </div>
    </aside>
  );
}

function Ports({ step, workspace, onSelect }: { step: Step; workspace: string; onSelect(key: string): void }) {
  return (
    <div className="stack">
      <h2>Inputs</h2>
      {step.inputs.length === 0 ? (
        <p className="muted">None.</p>
      ) : (
        <PortTable ports={step.inputs} onSelect={onSelect} />
      )}
      <h2>Outputs</h2>
      {step.outputs.length === 0 && <p className="muted">None.</p>}
      {step.outputs.map((port) => (
        <section key={port.name} className="port">
          <h3>
            {port.name} <span className="muted small">{port.type}</span>
          </h3>
          <OutputFiles
            workspace={workspace}
            job={port.source?.job ?? step.name}
            output={port.source?.output ?? port.name}
          />
        </section>
      ))}
    </div>
  );
}
