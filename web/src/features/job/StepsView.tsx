import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { componentText } from "../../domain/format";
import type { JobGraph, Step } from "../../domain/job";
import { Duration } from "../../ui/Duration";
import { Filler } from "../../ui/Filler";
import { StatusPill } from "../../ui/StatusPill";

const ROW_HEIGHT = 30;

interface StepsViewProps {
  graph: JobGraph;
  selected: string | null;
  onSelect(key: string | null): void;
}

/** Every step as a row: the graph for who reads rather than looks. */
export function StepsView({ graph, selected, onSelect }: StepsViewProps) {
  const [text, setText] = useState("");
  const [label, setLabel] = useState("");
  const labels = useMemo(() => [...new Set(graph.steps.map((step) => step.label))].sort(), [graph]);
  const steps = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return graph.steps.filter(
      (step) =>
        (label === "" || step.label === label) &&
        (wanted === "" || `${step.key} ${step.display_name}`.toLowerCase().includes(wanted)),
    );
  }, [graph, text, label]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: steps.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 15,
  });
  const shown = rows.getVirtualItems();
  return (
    <div className="steps">
      <div className="filters">
        <input
          className="field grow"
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Find a step"
          aria-label="Find a step"
        />
        <label>
          <span className="hidden">Status</span>
          <select className="field" value={label} onChange={(event) => setLabel(event.target.value)}>
            <option value="">Any status</option>
            {labels.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <span className="muted">
          {steps.length} of {graph.steps.length}
        </span>
      </div>
      <div className="jobs-scroll" ref={scroller}>
        <table className="table" aria-rowcount={steps.length}>
          <thead>
            <tr>
              <th>Step</th>
              <th>Status</th>
              <th>Component</th>
              <th>Compute</th>
              <th className="number">Duration</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            <Filler columns={6} height={shown[0]?.start ?? 0} />
            {shown.map((row) => {
              const step = steps[row.index];
              return (
                step && (
                  <StepRow
                    key={step.key}
                    step={step}
                    isSelected={step.key === selected}
                    onSelect={onSelect}
                    position={row.index + 1}
                  />
                )
              );
            })}
            <Filler columns={6} height={shown.length > 0 ? rows.getTotalSize() - (shown.at(-1)?.end ?? 0) : 0} />
          </tbody>
        </table>
      </div>
    </div>
  );
}

function StepRow({
  step,
  isSelected,
  onSelect,
  position,
}: {
  step: Step;
  isSelected: boolean;
  onSelect(key: string): void;
  position: number;
}) {
  const depth = step.key.split("/").length - 1;
  return (
    <tr aria-rowindex={position} aria-selected={isSelected} className="step-row">
      <td style={{ paddingLeft: 10 + depth * 18 }}>
        <button type="button" className="link" onClick={() => onSelect(step.key)} title={step.key}>
          {step.display_name}
        </button>
        {step.kind === "pipeline" && <span className="muted small"> pipeline</span>}
      </td>
      <td>
        <StatusPill label={step.label} isReused={step.reused_from !== null} />
      </td>
      <td className="muted">{componentText(step.component)}</td>
      <td className="muted">{step.compute}</td>
      <td className="number">
        <Duration card={step} />
      </td>
      <td className="muted clipped" title={step.error?.message}>
        {step.error?.message}
      </td>
    </tr>
  );
}
