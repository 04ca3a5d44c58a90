import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import type { JobSearch } from "../../app/router";
import { JobCanvas } from "../../canvas/JobCanvas";
import { usePicture } from "../../canvas/usePicture";
import { findSteps } from "../../domain/find";
import { type JobGraph, parentOf } from "../../domain/job";
import { openAtFirst, shownAs } from "../../domain/picture";
import { Skeleton } from "../../ui/Skeleton";
import { GraphBar } from "./GraphBar";
import { Outline } from "./Outline";

interface GraphViewProps {
  graph: JobGraph;
  selected: string | null;
  onSelect(key: string | null): void;
  onOpen(key: string): void;
}

const OUTLINE = "pipeyard.outline";

/** The job as boxes and arrows. A change of state never lays it out anew. */
export function GraphView({ graph, selected, onSelect, onOpen }: GraphViewProps) {
  const search = useSearch({ from: "/jobs/$name" });
  const navigate = useNavigate({ from: "/jobs/$name" });
  const structure = useStructure(graph);
  const steps = useMemo(() => new Map(graph.steps.map((step) => [step.key, step])), [graph]);
  const around = search.inside !== undefined && steps.get(search.inside)?.kind === "pipeline" ? search.inside : "";
  const open = useMemo(
    () =>
      search.open === undefined ? openAtFirst(structure, selected === null ? [] : [selected]) : new Set(search.open),
    [search.open, structure, selected],
  );
  const picture = usePicture(structure, around, open);
  const change = useCallback(
    (values: Partial<JobSearch>) => navigate({ search: (before) => ({ ...before, ...values }), replace: true }),
    [navigate],
  );
  const toggle = useCallback(
    (key: string) => {
      const next = new Set(open);
      if (!next.delete(key)) {
        next.add(key);
      }
      change({ open: [...next].sort() });
    },
    [open, change],
  );
  const goInside = useCallback((key: string) => change({ inside: key || undefined }), [change]);
  const [hasOutline, setOutline] = useState(() => localStorage.getItem(OUTLINE) === "open");
  const showOutline = (isOpen: boolean) => {
    localStorage.setItem(OUTLINE, isOpen ? "open" : "closed");
    setOutline(isOpen);
  };
  const [focus, setFocus] = useState<{ key: string; count: number } | null>(null);
  /** Select a step wherever it is, and bring it into the middle. */
  const locate = useCallback(
    (key: string) => {
      const needed: string[] = [];
      for (let one = parentOf(key); one !== "" && one !== around; one = parentOf(one)) {
        needed.push(one);
      }
      const isHere = around === "" || key.startsWith(`${around}/`);
      if (!isHere) {
        change({ inside: undefined });
      }
      if (needed.some((one) => !open.has(one))) {
        change({ open: [...new Set([...open, ...needed])].sort() });
      }
      onSelect(key);
      setFocus((before) => ({ key, count: (before?.count ?? 0) + 1 }));
    },
    [around, open, change, onSelect],
  );
  const found = useMemo(() => findSteps(graph.steps, search.find ?? ""), [graph, search.find]);
  const foundKeys = useMemo(
    () => (search.find === undefined ? null : new Set(found.map((step) => shownAs(step.key, open)))),
    [found, search.find, open],
  );
  return (
    <div className="graph-view">
      <GraphBar
        steps={steps}
        jobName={graph.job.display_name}
        around={around}
        selected={selected}
        find={search.find}
        found={found}
        hasOutline={hasOutline}
        onOutline={showOutline}
        onInside={goInside}
        onFind={(find) => change({ find })}
        onLocate={locate}
      />
      <div className="graph-columns">
        {hasOutline && (
          <Outline steps={graph.steps} selected={selected} find={search.find} found={found} onLocate={locate} />
        )}
        {picture === null ? (
          <div role="status">
            <p className="muted graph-wait">Placing {graph.steps.length.toLocaleString()} steps</p>
            <Skeleton lines={8} />
          </div>
        ) : (
          <JobCanvas
            picture={picture}
            steps={steps}
            selected={selected}
            found={foundKeys}
            focus={focus}
            memory={around === "" ? graph.job.name : `${graph.job.name}/${around}`}
            key={around}
            onSelect={onSelect}
            onOpen={onOpen}
            onToggle={toggle}
            onInside={goInside}
          />
        )}
      </div>
    </div>
  );
}

/** The graph as it was first seen with these steps: states come and go, boxes and arrows stay. */
function useStructure(graph: JobGraph): JobGraph {
  const shape = `${graph.job.name}\n${graph.steps.length}\n${graph.edges.length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the shape matters here.
  return useMemo(() => graph, [shape]);
}
