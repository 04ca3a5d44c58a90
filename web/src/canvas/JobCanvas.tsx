import { useCallback } from "react";
import type { Step } from "../domain/job";
import { lookOf } from "../domain/status";
import { DataCard } from "./DataCard";
import { GraphCanvas, type GraphCanvasProps } from "./GraphCanvas";
import { FrameCard, NodeCard } from "./NodeCard";

interface JobCanvasProps
  extends Pick<
    GraphCanvasProps,
    "picture" | "selected" | "found" | "focus" | "memory" | "onSelect" | "onOpen" | "onToggle"
  > {
  steps: ReadonlyMap<string, Step>;
  /** Show only what is in a group. */
  onInside(key: string): void;
}

/** A job's graph: its steps with their states, and data that it is given and leaves. */
export function JobCanvas(props: JobCanvasProps) {
  const { steps, selected, found, onToggle, onInside } = props;
  return (
    <GraphCanvas
      {...props}
      label="Graph. The same steps are in the list of steps."
      toneOf={useCallback((key: string) => lookOf(steps.get(key)?.label ?? "NotStarted").tone, [steps])}
      nameOf={useCallback((key: string) => steps.get(key)?.display_name ?? key, [steps])}
      isGroup={(key) => steps.get(key)?.kind === "pipeline"}
      card={(place, onSelect) => {
        const step = steps.get(place.key);
        if (place.kind !== "card" && place.kind !== "frame") {
          return <DataCard place={place} />;
        }
        if (step === undefined) {
          return null;
        }
        return place.kind === "frame" ? (
          <FrameCard place={place} step={step} onSelect={onSelect} onToggle={onToggle} onInside={onInside} />
        ) : (
          <NodeCard
            place={place}
            step={step}
            isSelected={place.key === selected}
            isDim={found !== null && !found.has(place.key)}
            onSelect={onSelect}
          />
        );
      }}
    />
  );
}
