import { IconArrowsMaximize, IconFold, IconStack2 } from "@tabler/icons-react";
import { memo } from "react";
import { componentText, durationText } from "../domain/format";
import type { Step } from "../domain/job";
import type { CardPlace, FramePlace } from "../domain/picture";
import { isUntouched, lookOf } from "../domain/status";
import { Duration } from "../ui/Duration";
import { StatusPill } from "../ui/StatusPill";

interface NodeCardProps {
  place: CardPlace;
  step: Step;
  isSelected: boolean;
  /** It is not among what is looked for. */
  isDim: boolean;
  onSelect(key: string): void;
}

/** One step, or a closed group. */
export const NodeCard = memo(function NodeCard(props: NodeCardProps) {
  const { place, step, isSelected, isDim, onSelect } = props;
  const look = lookOf(step.label);
  const isGroup = step.kind === "pipeline";
  return (
    <button
      type="button"
      className={`card tone-${look.tone}${isUntouched(step.label) ? " untouched" : ""}${isGroup ? " group" : ""}${isDim ? " dim-card" : ""}`}
      data-key={place.key}
      aria-pressed={isSelected}
      tabIndex={isSelected ? 0 : -1}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
      onClick={() => onSelect(place.key)}
    >
      <span className="card-name" title={step.key}>
        {step.display_name} {isGroup && <IconStack2 size={14} className="muted" aria-label="pipeline" />}
      </span>
      <span className="card-line">
        <StatusPill label={step.label} isReused={step.reused_from !== null} />
        <span className="muted">
          {(step.attempt ?? 1) > 1 && `try ${step.attempt} · `}
          <Duration card={step} />
        </span>
      </span>
    </button>
  );
});

interface FrameCardProps extends Omit<NodeCardProps, "place" | "isSelected" | "isDim"> {
  place: FramePlace;
  onToggle(key: string): void;
  onInside(key: string): void;
}

/** An open group: a titled frame behind its steps. */
export const FrameCard = memo(function FrameCard({ place, step, onSelect, onToggle, onInside }: FrameCardProps) {
  return (
    <div className="frame" style={{ left: place.x, top: place.y, width: place.width, height: place.height }}>
      <div className="frame-head">
        <button
          type="button"
          className="link"
          data-key={place.key}
          onClick={() => onSelect(place.key)}
          aria-label={spoken(step)}
        >
          {step.display_name}
        </button>
        <StatusPill label={step.label} />
        <button
          type="button"
          className="button plain icon inside-button"
          onClick={() => onInside(place.key)}
          aria-label={`Go inside ${step.display_name}`}
          title="Show only this pipeline (i)"
        >
          <IconArrowsMaximize size={15} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="button plain icon"
          onClick={() => onToggle(place.key)}
          aria-label={`Close ${step.display_name}`}
          title="Close (e)"
        >
          <IconFold size={15} aria-hidden="true" />
        </button>
      </div>
    </div>
  );
});

function spoken(step: Step): string {
  const parts = [
    step.display_name,
    step.kind === "pipeline" ? "pipeline" : "",
    componentText(step.component),
    step.reused_from === null ? step.label : `${step.label}, reused`,
    durationText(step.duration_seconds),
  ];
  return parts.filter((part) => part !== "").join(", ");
}
