import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { JobCanvas } from "../../canvas/JobCanvas";
import type { JobGraph } from "../../domain/job";
import { openAtFirst, pictureOf } from "../../domain/picture";

interface GraphViewProps {
  graph: JobGraph;
  selected: string | null;
  onSelect(key: string | null): void;
  onOpen(key: string): void;
}

/** The job as boxes and arrows. A change of state never lays it out anew. */
export function GraphView({ graph, selected, onSelect, onOpen }: GraphViewProps) {
  const search = useSearch({ from: "/jobs/$name" });
  const navigate = useNavigate({ from: "/jobs/$name" });
  const structure = useStructure(graph);
  const open = useMemo(
    () =>
      search.open === undefined ? openAtFirst(structure, selected === null ? [] : [selected]) : new Set(search.open),
    [search.open, structure, selected],
  );
  const openKey = [...open].sort().join(",");
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal sets give equal pictures.
  const picture = useMemo(() => pictureOf(structure, open), [structure, openKey]);
  const steps = useMemo(() => new Map(graph.steps.map((step) => [step.key, step])), [graph]);
  const toggle = useCallback(
    (key: string) => {
      const next = new Set(open);
      if (!next.delete(key)) {
        next.add(key);
      }
      navigate({ search: (before) => ({ ...before, open: [...next].sort() }), replace: true });
    },
    [open, navigate],
  );
  return (
    <JobCanvas
      picture={picture}
      steps={steps}
      selected={selected}
      memory={graph.job.name}
      onSelect={onSelect}
      onOpen={onOpen}
      onToggle={toggle}
    />
  );
}

/** The graph as it was first seen with these steps: states come and go, boxes and arrows stay. */
function useStructure(graph: JobGraph): JobGraph {
  const shape = `${graph.job.name}\n${graph.steps.length}\n${graph.edges.length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the shape matters here.
  return useMemo(() => graph, [shape]);
}
