import { IconAlertTriangle, IconChevronRight, IconExclamationCircle } from "@tabler/icons-react";
import { memo, type PointerEvent } from "react";
import type { Step } from "../domain/draft/pipeline";
import { endKey, type PortSpot } from "../domain/draft/spots";
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
  /** It is only shown: what it is part of is written elsewhere. */
  isInert: boolean;
  errors: number;
  warnings: number;
  fitOf(spot: PortSpot): Fit;
  onDown(key: string, event: PointerEvent<HTMLElement>): void;
  onPort(spot: PortSpot, event: PointerEvent<HTMLElement>): void;
  onSelect(key: string, isAdded: boolean): void;
  /** Of a pipeline: draw it open, or as a card again; undefined where that cannot be. */
  onFold: ((key: string) => void) | undefined;
}

/** One box of a draft: a step, or an input or output of the pipeline; with its ports on its edges. */
export const DraftCard = memo(function DraftCard(props: DraftCardProps) {
  const { place, step, ports, isSelected, isDim, isInert, errors, warnings } = props;
  const { fitOf, onDown, onPort, onSelect, onFold } = props;
  const isData = place.kind === "input" || place.kind === "output";
  const name = step?.name ?? (isData ? place.port.name : place.key);
  const look = isData ? `data-card ${place.kind}` : `card draft-card${step?.kind === "pipeline" ? " group" : ""}`;
  const words = (
    <>
      <span className="card-name">{`${shortened(name, onFold === undefined ? 26 : 22)} `}</span>
      {isData ? (
        <span className="muted small">{place.port.type}</span>
      ) : (
        <span className="card-line muted">
          <span className="card-component">{componentWords(step)}</span>
          <Marks errors={errors} warnings={warnings} />
        </span>
      )}
    </>
  );
  return (
    <div
      className={`draft-box${isDim ? " dim-box" : ""}`}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
    >
      {isInert ? (
        <div className={`${look} inert`}>{words}</div>
      ) : (
        <button
          type="button"
          className={look}
          data-key={place.key}
          aria-pressed={isSelected}
          aria-label={spoken(name, step, isData ? place : null, errors, warnings)}
          tabIndex={isSelected ? 0 : -1}
          onPointerDown={(event) => onDown(place.key, event)}
          onClick={(event) => onSelect(place.key, event.shiftKey || event.ctrlKey || event.metaKey)}
        >
          {words}
        </button>
      )}
      {onFold !== undefined && (
        <button
          type="button"
          className="button plain icon fold-button"
          aria-expanded="false"
          aria-label={`Inside of ${name}`}
          title="Open it here (e)"
          onClick={() => onFold(place.key)}
        >
          <IconChevronRight size={15} aria-hidden="true" />
        </button>
      )}
      {ports.map((spot) => (
        <PortButton
          key={endKey(spot.end)}
          spot={spot}
          place={place}
          fit={fitOf(spot)}
          onPort={onPort}
          isInert={isInert}
        />
      ))}
    </div>
  );
});

export function Marks({ errors, warnings }: { errors: number; warnings: number }) {
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
  isInert: boolean;
  onPort(spot: PortSpot, event: PointerEvent<HTMLElement>): void;
}

export function PortButton({ spot, place, fit, isInert, onPort }: PortButtonProps) {
  const words = `${spot.side === "in" ? "Input" : "Output"} ${spot.name}${spot.type === null ? "" : `, ${spot.type}`}`;
  const state = fit === null ? "" : fit.isOk ? " port-fits" : " port-refuses";
  const look = `port ${spot.side}${spot.isWired ? " wired" : ""}${spot.isLacking ? " lacking" : ""}${state}`;
  const style = { left: spot.x - place.x, top: spot.y - place.y };
  if (isInert) {
    return (
      <span className={`${look} inert`} style={style} title={words}>
        <span aria-hidden="true" />
      </span>
    );
  }
  return (
    <button
      type="button"
      className={look}
      style={style}
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

export function componentWords(step: Step | null): string {
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

export function spoken(
  name: string,
  step: Step | null,
  data: DataPlace | null,
  errors: number,
  warnings: number,
): string {
  const parts = [
    data === null ? name : `${name} ${data.port.type ?? ""}`.trim(),
    data === null ? componentWords(step) : `${data.kind} of the pipeline`,
    step?.kind === "pipeline" ? "pipeline" : "",
    errors > 0 ? `${errors} errors` : "",
    warnings > 0 ? `${warnings} warnings` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}
