import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback } from "react";
import { graphQuery, jobQuery } from "../../api/jobs";
import type { JobSearch } from "../../app/router";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { Skeleton } from "../../ui/Skeleton";
import { Tabs } from "../../ui/Tabs";
import { Trouble } from "../../ui/Trouble";
import { StepPanel } from "../step/StepPanel";
import { GraphView } from "./GraphView";
import { JobHead } from "./JobHead";
import { OverviewView } from "./OverviewView";
import { PortsView } from "./PortsView";
import { StepsView } from "./StepsView";
import { TimelineView } from "./TimelineView";
import { useJobNews } from "./useJobNews";
import { YamlView } from "./YamlView";
import "./job.css";

const MetricsView = lazy(() => import("../metrics/MetricsView"));

/** Views that only some jobs have are added here, by what the job's JSON says. */
const VIEWS = [
  { id: "graph", label: "Graph" },
  { id: "timeline", label: "Timeline" },
  { id: "steps", label: "Steps" },
  { id: "metrics", label: "Metrics" },
  { id: "ports", label: "Inputs & outputs" },
  { id: "yaml", label: "YAML" },
  { id: "overview", label: "Overview" },
];

/** One job. What is selected is in the address, shared by all views. */
export function JobPage() {
  const { name } = useParams({ from: "/jobs/$name" });
  const search = useSearch({ from: "/jobs/$name" });
  const workspace = useWorkspace();
  const graph = useQuery(graphQuery(workspace, name));
  const root = graph.data?.job.name ?? name;
  const job = useQuery({ ...jobQuery(workspace, root), enabled: graph.data !== undefined });
  useJobNews(workspace, name, graph.data);
  const change = useChange();
  // The address of a step's job leads to its pipeline with that step selected.
  const inner = graph.data?.steps.find((step) => step.name === name && step.key !== "");
  const step = search.step ?? inner?.key;
  const select = useCallback((key: string | null) => change({ step: key ?? undefined, line: undefined }), [change]);
  const openStep = useCallback((key: string) => change({ step: key, tab: "logs" }), [change]);
  const navigate = useNavigate();
  const openPage = useCallback(
    (key: string) =>
      navigate({ to: "/jobs/$name/steps/$", params: { name: root, _splat: key }, search: inWorkspace(workspace) }),
    [navigate, root, workspace],
  );

  if (graph.isPending) {
    return <Skeleton lines={10} />;
  }
  if (graph.isError) {
    return <Trouble what={`Job ${name}`} problem={graph.error} onRetry={() => graph.refetch()} />;
  }
  const isAlone = graph.data.job.kind !== "pipeline";
  const selected = isAlone ? "" : (step ?? null);
  const view = search.view ?? "graph";
  const panel = graph.data.steps.find((one) => one.key === selected);
  const props = { graph: graph.data, selected, onSelect: select };
  return (
    <div className="job">
      <title>{`${graph.data.job.display_name} · Pipeyard`}</title>
      <JobHead graph={graph.data} job={job.data} workspace={workspace} onSelect={openStep} />
      {!isAlone && (
        <Tabs
          label="Views of the job"
          tabs={VIEWS}
          selected={view}
          onSelect={(id) => change({ view: id === "graph" ? undefined : id })}
        />
      )}
      <div className={`job-body${panel === undefined ? "" : " with-panel"}`}>
        {!isAlone && (
          <div className="job-view" role="tabpanel" aria-label={view}>
            {view === "timeline" ? (
              <TimelineView {...props} />
            ) : view === "steps" ? (
              <StepsView {...props} />
            ) : view === "metrics" ? (
              <Suspense fallback={<Skeleton lines={6} />}>
                <MetricsView graph={graph.data} workspace={workspace} />
              </Suspense>
            ) : view === "ports" ? (
              <PortsView graph={graph.data} workspace={workspace} onSelect={select} />
            ) : view === "yaml" ? (
              <YamlView job={job.data} />
            ) : view === "overview" ? (
              <OverviewView job={job.data} workspace={workspace} />
            ) : (
              <GraphView {...props} onOpen={openPage} />
            )}
          </div>
        )}
        {panel !== undefined && (
          <StepPanel
            key={panel.name}
            step={panel}
            graph={graph.data}
            workspace={workspace}
            job={job.data}
            isAlone={isAlone}
            onSelect={select}
            onChange={change}
          />
        )}
      </div>
    </div>
  );
}

export type Change = (values: Partial<JobSearch>) => void;

function useChange(): Change {
  const navigate = useNavigate({ from: "/jobs/$name" });
  return useCallback(
    (values) => navigate({ search: (before) => ({ ...before, ...values }), replace: true }),
    [navigate],
  );
}
