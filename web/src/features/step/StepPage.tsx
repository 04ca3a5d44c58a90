import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback } from "react";
import { graphQuery, jobQuery } from "../../api/jobs";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { lastPart } from "../../domain/job";
import { Duration } from "../../ui/Duration";
import { Skeleton } from "../../ui/Skeleton";
import { StatusPill } from "../../ui/StatusPill";
import { Trouble } from "../../ui/Trouble";
import type { Change } from "../job/JobPage";
import { useJobNews } from "../job/useJobNews";
import { StepActions } from "./StepActions";
import { StepPanel } from "./StepPanel";
import "../job/job.css";

/** One step on a page of its own. */
export function StepPage() {
  const { name, _splat: key = "" } = useParams({ from: "/jobs/$name/steps/$" });
  const workspace = useWorkspace();
  const where = inWorkspace(workspace);
  const graph = useQuery(graphQuery(workspace, name));
  const root = graph.data?.job.name ?? name;
  const job = useQuery({ ...jobQuery(workspace, root), enabled: graph.data !== undefined });
  useJobNews(workspace, name, graph.data);
  const navigate = useNavigate();
  const change: Change = useCallback(
    ({ tab, line, file, ...more }) =>
      navigate({
        to: "/jobs/$name/steps/$",
        params: { name, _splat: key },
        search: (before) => ({
          ...before,
          ...(tab === undefined ? {} : { tab }),
          line,
          file,
          ...("ranges" in more ? { ranges: more.ranges } : {}),
        }),
        replace: true,
      }),
    [navigate, name, key],
  );
  if (graph.isPending) {
    return <Skeleton lines={10} />;
  }
  if (graph.isError) {
    return <Trouble what={`Job ${name}`} problem={graph.error} onRetry={() => graph.refetch()} />;
  }
  const { steps } = graph.data;
  const place = steps.findIndex((step) => step.key === key);
  const step = steps[place];
  if (step === undefined) {
    return (
      <div className="empty" role="alert">
        <h2>There is no step {key}</h2>
        <p>
          <Link to="/jobs/$name" params={{ name }} search={{ ...where, view: "steps" }}>
            See the {steps.length} steps of the job
          </Link>
        </p>
      </div>
    );
  }
  const parts = key.split("/");
  const beside = [
    ["Previous step", steps[place - 1]],
    ["Next step", steps[place + 1]],
  ] as const;
  return (
    <div className="job">
      <title>{`${step.display_name} · ${graph.data.job.display_name} · Pipeyard`}</title>
      <div className="job-head">
        <nav aria-label="Where this step is" className="crumbs-row muted">
          <Link to="/" search={where}>
            Jobs
          </Link>
          <span aria-hidden="true">/</span>
          <Link to="/jobs/$name" params={{ name: root }} search={{ ...where, step: key }}>
            {graph.data.job.display_name}
          </Link>
          {parts.slice(0, -1).map((_, depth) => {
            const around = parts.slice(0, depth + 1).join("/");
            return (
              <span key={around} className="crumbs-row">
                <span aria-hidden="true">/</span>
                <Link to="/jobs/$name/steps/$" params={{ name: root, _splat: around }} search={where}>
                  {lastPart(around)}
                </Link>
              </span>
            );
          })}
        </nav>
        <div className="job-title">
          <h1>{step.display_name}</h1>
          <StatusPill label={step.label} isFramed isReused={step.reused_from !== null} />
          <span className="muted">
            <Duration card={step} />
          </span>
          <span className="space" />
          {beside.map(
            ([label, other]) =>
              other !== undefined && (
                <Link
                  key={label}
                  to="/jobs/$name/steps/$"
                  params={{ name: root, _splat: other.key }}
                  search={(before) => ({ ...where, tab: (before as { tab?: string }).tab })}
                  className="button small"
                  title={other.key}
                >
                  {label}
                </Link>
              ),
          )}
          {job.data !== undefined && (
            <StepActions step={step} graph={graph.data} job={job.data} workspace={workspace} />
          )}
        </div>
      </div>
      <div className="job-body with-panel">
        <StepPanel
          key={step.name}
          step={step}
          graph={graph.data}
          workspace={workspace}
          job={job.data}
          isAlone
          onSelect={(other) =>
            other !== null &&
            navigate({ to: "/jobs/$name/steps/$", params: { name: root, _splat: other }, search: where })
          }
          onChange={change}
        />
      </div>
    </div>
  );
}
