import { useMemo } from "react";
import { durationText } from "../../domain/format";
import type { JobGraph } from "../../domain/job";
import { isOver, lookOf } from "../../domain/status";
import { type Bar, timelineOf } from "../../domain/timeline";
import { useNow } from "../../ui/useNow";

const TICKS = 5;

interface TimelineViewProps {
  graph: JobGraph;
  selected: string | null;
  onSelect(key: string | null): void;
}

/** When each step waited, ran and was put away, and which of them the job waited for. */
export function TimelineView({ graph, selected, onSelect }: TimelineViewProps) {
  const now = useNow(isOver(graph.job.label) ? 0 : 1000);
  const timeline = useMemo(() => timelineOf(graph, now), [graph, now]);
  const span = timeline.toMs - timeline.fromMs;
  if (timeline.bars.length === 0) {
    return (
      <div className="empty">
        <h2>Nothing has begun</h2>
        <p>Bars appear when the first step waits for its turn.</p>
      </div>
    );
  }
  const place = (ms: number) => `${((ms - timeline.fromMs) / span) * 100}%`;
  return (
    <div className="timeline">
      <p className="legend small muted">
        <span className="swatch queued" /> waiting <span className="swatch preparing" /> preparing{" "}
        <span className="swatch running" /> running <span className="swatch finalizing" /> storing outputs{" "}
        <span className="critical-sign">◆</span> on the critical path
      </p>
      <div className="timeline-row timeline-scale" aria-hidden="true">
        <span />
        <div className="timeline-track">
          {Array.from({ length: TICKS }, (_, tick) => tick / (TICKS - 1)).map((share) => (
            <span key={share} style={{ left: `${share * 100}%` }} className="small muted tick">
              {durationText((span * share) / 1000)}
            </span>
          ))}
        </div>
      </div>
      {timeline.bars.map((bar) => (
        <button
          type="button"
          key={bar.step.key}
          className="timeline-row"
          aria-pressed={bar.step.key === selected}
          aria-label={spoken(bar)}
          onClick={() => onSelect(bar.step.key)}
        >
          <span className="timeline-name" style={{ paddingLeft: bar.depth * 14 }} title={bar.step.key}>
            {bar.isCritical && <span className="critical-sign">◆</span>}
            {bar.step.display_name}
          </span>
          <span className="timeline-track">
            {bar.step.kind === "pipeline" || bar.phases.length === 0 ? (
              <span
                className="bar group-bar"
                style={{ left: place(bar.fromMs), right: `calc(100% - ${place(bar.toMs)})` }}
              />
            ) : (
              bar.phases.map((phase) => (
                <span
                  key={phase.name}
                  className={`bar ${phase.name} tone-${lookOf(bar.step.label).tone}`}
                  style={{ left: place(phase.fromMs), right: `calc(100% - ${place(phase.toMs)})` }}
                  title={`${phase.name} ${durationText((phase.toMs - phase.fromMs) / 1000)}`}
                />
              ))
            )}
          </span>
        </button>
      ))}
    </div>
  );
}

function spoken(bar: Bar): string {
  const phases = bar.phases.map((phase) => `${phase.name} ${durationText((phase.toMs - phase.fromMs) / 1000)}`);
  return [bar.step.display_name, bar.step.label, ...phases, bar.isCritical ? "on the critical path" : ""]
    .filter(Boolean)
    .join(", ");
}
