import { IconArrowsDiagonal, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { type Job, jobQuery } from "../../api/jobs";
import type { StepSearch } from "../../app/router";
import { inWorkspace } from "../../app/workspace";
import type { JobGraph, Step } from "../../domain/job";
import { isOver } from "../../domain/status";
import { Duration } from "../../ui/Duration";
import { Skeleton } from "../../ui/Skeleton";
import { StatusPill } from "../../ui/StatusPill";
import { Tabs } from "../../ui/Tabs";
import { AssetLink } from "../assets/AssetLink";
import type { Change } from "../job/JobPage";
import { OverviewView } from "../job/OverviewView";
import { kindOf, PortTable } from "../job/PortsView";
import { LineageLink } from "../lineage/LineageLink";
import { FilesTab } from "./FilesTab";
import { OutputFiles } from "./OutputFiles";
import { RawTab } from "./RawTab";
import { StepActions } from "./StepActions";
import { StepLogs } from "./StepLogs";
import { StepOverview } from "./StepOverview";
import { WhyTab } from "./WhyTab";
import "./step.css";

const ParallelTab = lazy(() => import("../parallel/ParallelTab"));
const RunsTab = lazy(() => import("../runs/RunsTab"));
const MetricsTab = lazy(() => import("../metrics/MetricsTab"));
const TrialsTab = lazy(() => import("../sweep/TrialsTab"));
const CodeTab = lazy(() => import("./CodeTab"));
const EnvironmentTab = lazy(() => import("./EnvironmentTab"));

interface StepPanelProps {
  step: Step;
  graph: JobGraph;
  workspace: string;
  /** The whole job, once it is loaded. */
  job: Job | undefined;
  /** There is no graph beside it: a stand-alone command, or the step's own page. */
  isAlone: boolean;
  onSelect(key: string | null): void;
  onChange: Change;
}

/** Tabs that only some steps have are added here, by what the step's JSON says. */
function tabsOf(step: Step, job: Job | undefined) {
  // A job without a graph beside it says here what a pipeline says in its own view.
  return step.key === "" ? [...tabsOfStep(step, job), TABS.details] : tabsOfStep(step, job);
}

function tabsOfStep(step: Step, job: Job | undefined) {
  if (step.kind === "pipeline") {
    return [TABS.overview, TABS.ports, TABS.raw];
  }
  if (step.kind === "sweep") {
    return [TABS.trials, TABS.overview, TABS.ports, TABS.logs, TABS.files, TABS.raw];
  }
  if (step.kind === "if_else") {
    return [TABS.overview, TABS.ports, TABS.why, TABS.raw];
  }
  const runs = RUNS[step.kind];
  if (runs !== undefined) {
    return [runs, TABS.overview, TABS.ports, TABS.logs, TABS.raw];
  }
  const mayLog = job?.metrics !== undefined || !isOver(step.label);
  return [
    ...(step.driver === "parallel" ? [TABS.batches] : []),
    TABS.overview,
    TABS.ports,
    TABS.logs,
    ...(mayLog ? [TABS.metrics] : []),
    TABS.files,
    ...(typeof job?.code === "string" ? [TABS.code] : []),
    TABS.environment,
    TABS.why,
    TABS.raw,
  ];
}

const TABS = {
  trials: { id: "trials", label: "Trials" },
  batches: { id: "batches", label: "Mini-batches" },
  overview: { id: "overview", label: "Overview" },
  ports: { id: "ports", label: "In & out" },
  logs: { id: "logs", label: "Logs" },
  metrics: { id: "metrics", label: "Metrics" },
  files: { id: "files", label: "Files" },
  code: { id: "code", label: "Code" },
  environment: { id: "environment", label: "Environment" },
  why: { id: "why", label: "Why" },
  raw: { id: "raw", label: "JSON" },
  details: { id: "details", label: "Description & tags" },
};

/** What a step repeats. */
const RUNS: Record<string, { id: string; label: string } | undefined> = {
  do_while: { id: "runs", label: "Iterations" },
  parallel_for: { id: "runs", label: "Items" },
};

function firstTab(step: Step, isAlone: boolean): string {
  if (step.kind === "sweep") {
    return TABS.trials.id;
  }
  if (step.driver === "parallel") {
    return TABS.batches.id;
  }
  if (step.kind === "if_else") {
    return TABS.overview.id;
  }
  return RUNS[step.kind]?.id ?? (isAlone ? TABS.logs.id : TABS.overview.id);
}

/** Everything about one step. */
export function StepPanel({ step, graph, workspace, job: whole, isAlone, onSelect, onChange }: StepPanelProps) {
  const search = useSearch({ strict: false }) as StepSearch;
  const job = useQuery(jobQuery(workspace, step.name));
  const tabs = tabsOf(step, job.data);
  const tab = tabs.some((one) => one.id === search.tab) ? (search.tab as string) : firstTab(step, isAlone);
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
          {whole !== undefined && <StepActions step={step} graph={graph} job={whole} workspace={workspace} />}
          <Link
            to="/jobs/$name/steps/$"
            params={{ name: graph.job.name, _splat: step.key }}
            search={{ ...inWorkspace(workspace), tab: search.tab }}
            className="button plain icon"
            aria-label="Open the step's own page"
            title="Open the step's own page (double-click it in the graph)"
          >
            <IconArrowsDiagonal size={16} aria-hidden="true" />
          </Link>
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
        onSelect={(id) => onChange({ tab: id, step: step.key || undefined, file: undefined })}
      />
      <div className={`panel-body${tab === "logs" ? " full" : ""}`} role="tabpanel" aria-label={tab}>
        {tab === "logs" ? (
          <StepLogs step={step} job={job.data} workspace={workspace} search={search} onChange={onChange} />
        ) : tab === "files" ? (
          <FilesTab workspace={workspace} name={step.name} />
        ) : tab === "details" ? (
          <OverviewView job={job.data} workspace={workspace} />
        ) : tab === "metrics" ? (
          <Suspense fallback={<Skeleton lines={5} />}>
            <MetricsTab step={step} workspace={workspace} />
          </Suspense>
        ) : tab === "trials" ? (
          <Suspense fallback={<Skeleton lines={6} />}>
            <TrialsTab
              step={step}
              workspace={workspace}
              ranges={search.ranges}
              onRanges={(ranges) => onChange({ ranges })}
            />
          </Suspense>
        ) : tab === "batches" ? (
          <Suspense fallback={<Skeleton lines={6} />}>
            <ParallelTab step={step} graph={graph} workspace={workspace} />
          </Suspense>
        ) : tab === "runs" ? (
          <Suspense fallback={<Skeleton lines={6} />}>
            <RunsTab step={step} workspace={workspace} />
          </Suspense>
        ) : tab === "code" ? (
          <Suspense fallback={<Skeleton lines={5} />}>
            <CodeTab
              name={step.name}
              workspace={workspace}
              file={search.file ?? null}
              command={typeof job.data?.command === "string" ? job.data.command : ""}
              onFile={(file) => onChange({ file, tab: "code" })}
            />
          </Suspense>
        ) : tab === "environment" ? (
          <Suspense fallback={<Skeleton lines={5} />}>
            <EnvironmentTab job={job.data} workspace={workspace} />
          </Suspense>
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
        <PortTable ports={step.inputs} workspace={workspace} onSelect={onSelect} />
      )}
      <h2>Outputs</h2>
      {step.outputs.length === 0 && <p className="muted">None.</p>}
      {step.outputs.map((port) => (
        <section key={port.name} className="job-port">
          <h3>
            {port.name} <span className="muted small">{port.type}</span>
          </h3>
          <p className="small">
            <LineageLink
              of={`outputs/${port.source?.job ?? step.name}/${port.source?.output ?? port.name}`}
              name={`output ${port.name}`}
              workspace={workspace}
            />
            {port.registers !== undefined && (
              <>
                {" · registered as "}
                <AssetLink text={`azureml:${port.registers}`} kind={kindOf(port)} workspace={workspace} />
              </>
            )}
          </p>
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
