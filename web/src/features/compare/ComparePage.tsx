import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { type Comparison, compareQuery } from "../../api/compare";
import type { CompareSearch } from "../../app/router";
import { useWorkspace } from "../../app/workspace";
import { commandOf } from "../../domain/command";
import { CommandLine } from "../../ui/CommandLine";
import { Skeleton } from "../../ui/Skeleton";
import { Tabs } from "../../ui/Tabs";
import { Trouble } from "../../ui/Trouble";
import { CompareCode } from "./CompareCode";
import { CompareSteps } from "./CompareSteps";
import { CompareSummary } from "./CompareSummary";
import { JobPicker } from "./JobPicker";
import "../../ui/dialog.css";
import "../job/job.css";
import "../step/step.css";
import "./compare.css";

const CompareMetrics = lazy(() => import("./CompareMetrics"));
const CompareGraph = lazy(() => import("./CompareGraph"));

const TABS = [
  { id: "summary", label: "Summary" },
  { id: "graph", label: "Graph" },
  { id: "metrics", label: "Metrics" },
  { id: "steps", label: "Steps" },
  { id: "yaml", label: "YAML" },
  { id: "code", label: "Code" },
];

/** In what jobs differ. The first is what the others are compared with; all of it is in the address. */
export function ComparePage() {
  const search = useSearch({ from: "/compare" });
  const workspace = useWorkspace();
  const navigate = useNavigate({ from: "/compare" });
  const jobs = search.jobs ?? [];
  const found = useQuery({ ...compareQuery(workspace, jobs), enabled: jobs.length >= 2 });
  const change = (values: Partial<CompareSearch>) =>
    navigate({ search: (before) => ({ ...before, ...values }), replace: true });
  const tab = TABS.some((one) => one.id === search.tab) ? (search.tab as string) : "summary";
  const nameOf = (job: string) => found.data?.jobs.find((one) => one.name === job)?.display_name ?? job;
  return (
    <div className="compare">
      <title>Compare jobs · Pipeyard</title>
      <div className="compare-head">
        <h1>Compare jobs</h1>
        <div className="jobs-compared">
          {jobs.map((job, place) => (
            <span key={job} className="compared-job">
              <span className="muted small">{place === 0 ? "first" : place + 1}</span>
              <Link to="/jobs/$name" params={{ name: job }} search={{ workspace: search.workspace }} title={job}>
                {nameOf(job)}
              </Link>
              <button
                type="button"
                className="button plain icon"
                aria-label={`Leave out ${nameOf(job)}`}
                onClick={() => change({ jobs: jobs.filter((one) => one !== job) })}
              >
                <IconX size={14} aria-hidden="true" />
              </button>
            </span>
          ))}
        </div>
        <JobPicker workspace={workspace} chosen={jobs} onAdd={(job) => change({ jobs: [...jobs, job] })} />
      </div>
      {jobs.length < 2 ? (
        <div className="empty">
          <h2>{jobs.length === 0 ? "Choose two jobs" : "Choose a job to compare it with"}</h2>
          <p>Search for one above, or mark several in the list of jobs and press Compare.</p>
          <CommandLine text={commandOf(workspace, "job", "compare", jobs[0] ?? "ONE", "OTHER")} />
        </div>
      ) : found.isError ? (
        <Trouble what="The comparison" problem={found.error} onRetry={() => found.refetch()} />
      ) : found.data === undefined ? (
        <Skeleton lines={8} />
      ) : (
        <>
          <Tabs
            label="What is compared"
            tabs={tabsOf(found.data)}
            selected={tab}
            onSelect={(id) => change({ tab: id })}
          />
          <div className="compare-body" role="tabpanel" aria-label={tab}>
            {tab === "metrics" ? (
              <Suspense fallback={<Skeleton lines={6} />}>
                <CompareMetrics found={found.data} workspace={workspace} />
              </Suspense>
            ) : tab === "graph" ? (
              <Suspense fallback={<Skeleton lines={8} />}>
                <CompareGraph found={found.data} workspace={workspace} />
              </Suspense>
            ) : tab === "steps" ? (
              <CompareSteps
                found={found.data}
                isAll={search.all === true}
                onAll={(all) => change({ all: all || undefined })}
              />
            ) : tab === "yaml" || tab === "code" ? (
              <CompareCode found={found.data} what={tab} />
            ) : (
              <CompareSummary
                found={found.data}
                isAll={search.all === true}
                onAll={(all) => change({ all: all || undefined })}
                command={commandOf(workspace, "job", "compare", ...jobs)}
              />
            )}
          </div>
        </>
      )}
    </div>
  );
}

/** How many differences are behind each tab. */
function tabsOf(found: Comparison) {
  const counts: Record<string, number> = {
    metrics: new Set(found.metrics.map((row) => row.name)).size,
    steps: found.steps.filter((row) => row.change !== "same" || new Set(row.labels).size > 1).length,
    yaml: found.yaml.filter((one) => one.diff !== "").length,
    code: found.code.reduce((sum, one) => sum + one.files.length, 0),
  };
  return TABS.map((tab) => ({ ...tab, label: counts[tab.id] ? `${tab.label} (${counts[tab.id]})` : tab.label }));
}
