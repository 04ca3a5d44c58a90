import { IconAlertTriangle, IconExclamationCircle, IconLogin2 } from "@tabler/icons-react";
import { memo, type PointerEvent } from "react";
import { endKey, type PortSpot } from "../domain/draft/board";
import type { Step } from "../domain/draft/pipeline";
import { shortened } from "../domain/format";
import type { DataPlace, Place } from "../domain/picture";

/** Whether a port may end the wire that is being drawn: null without one. */
export type Fit = { isOk: true } | { isOk: false; reason: string } | null;

export interface DraftCardProps {
  place: Place;
  /** Null: an input or output of the pipeline. */
  step: Step | null;
  ports: readonly PortSpot[];
  isSelected: boolean;
  /** Nothing on it may end the wire that is drawn. */
  isDim: boolean;
  errors: number;
  warnings: number;
  fitOf(spot: PortSpot): Fit;
  onDown(key: string, event: PointerEvent<HTMLElement>): void;
  onPort(spot: PortSpot, event: PointerEvent<HTMLElement>): void;
  onSelect(key: string, isAdded: boolean): void;
}

/** One box of a draft: a step, or an input or output of the pipeline; with its ports on its edges. */
export const DraftCard = memo(function DraftCard(props: DraftCardProps) {
  const { place, step, ports, isSelected, isDim, errors, warnings, fitOf, onDown, onPort, onSelect } = props;
  const isData = place.kind === "input" || place.kind === "output";
  const name = step?.name ?? (isData ? place.port.name : place.key);
  return (
    <div
      className={`draft-box${isDim ? " dim-box" : ""}`}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
    >
      <button
        type="button"
        className={isData ? `data-card ${place.kind}` : `card draft-card${step?.kind === "pipeline" ? " group" : ""}`}
        data-key={place.key}
        aria-pressed={isSelected}
        aria-label={spoken(name, step, isData ? place : null, errors, warnings)}
        tabIndex={isSelected ? 0 : -1}
        onPointerDown={(event) => onDown(place.key, event)}
        onClick={(event) => onSelect(place.key, event.shiftKey || event.ctrlKey || event.metaKey)}
      >
        <span className="card-name">
          {shortened(name, 26)}{" "}
          {step?.kind === "pipeline" && <IconLogin2 size={14} className="muted" aria-hidden="true" />}
        </span>
        {isData ? (
          <span className="muted small">{place.port.type}</span>
        ) : (
          <span className="card-line muted">
            <span className="card-component">{componentWords(step)}</span>
            <Marks errors={errors} warnings={warnings} />
          </span>
        )}
      </button>
      {ports.map((spot) => (
        <PortButton key={endKey(spot.end)} spot={spot} place={place} fit={fitOf(spot)} onPort={onPort} />
      ))}
    </div>
  );
});

function Marks({ errors, warnings }: { errors: number; warnings: number }) {
  return (
    <>
      {errors > 0 && (
        <span className="tone-bad card-mark">
          <IconExclamationCircle size={14} aria-hidden="true" /> {errors}
        </span>
      )}
      {errors === 0 && warnings > 0 && (
        <span className="tone-stopped card-mark">
          <IconAlertTriangle size={14} aria-hidden="true" /> {warnings}
        </span>
      )}
    </>
  );
}

interface PortButtonProps {
  spot: PortSpot;
  place: Place;
  fit: Fit;
  onPort(spot: PortSpot, event: PointerEvent<HTMLElement>): void;
}

function PortButton({ spot, place, fit, onPort }: PortButtonProps) {
  const words = `${spot.side === "in" ? "Input" : "Output"} ${spot.name}${spot.type === null ? "" : `, ${spot.type}`}`;
  const state = fit === null ? "" : fit.isOk ? " port-fits" : " port-refuses";
  return (
    <button
      type="button"
      className={`port ${spot.side}${spot.isWired ? " wired" : ""}${spot.isLacking ? " lacking" : ""}${state}`}
      style={{ left: spot.x - place.x, top: spot.y - place.y }}
      tabIndex={-1}
      data-port={endKey(spot.end)}
      aria-label={words}
      title={fit !== null && !fit.isOk ? fit.reason : spot.isLacking ? `${words}: has to be given` : words}
      onPointerDown={(event) => onPort(spot, event)}
    >
      <span aria-hidden="true" />
    </button>
  );
}

function componentWords(step: Step | null): string {
  const use = step?.component ?? null;
  if (step === null || use === null) {
    return step?.kind ?? "";
  }
  switch (use.kind) {
    case "registered":
      return use.version === null
        ? `${use.name}${use.label === null ? "" : `@${use.label}`}`
        : `${use.name} · ${use.version}`;
    case "file":
      return use.text;
    case "inline-pipeline":
      return "pipeline";
    case "inline":
      return step.kind;
    case "unreadable":
      return use.text;
  }
}

function spoken(name: string, step: Step | null, data: DataPlace | null, errors: number, warnings: number): string {
  const parts = [
    data === null ? name : `${name} ${data.port.type ?? ""}`.trim(),
    data === null ? componentWords(step) : `${data.kind} of the pipeline`,
    step?.kind === "pipeline" ? "pipeline" : "",
    errors > 0 ? `${errors} errors` : "",
    warnings > 0 ? `${warnings} warnings` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}
