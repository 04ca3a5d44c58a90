import { IconArrowsMaximize, IconChevronDown, IconLock } from "@tabler/icons-react";
import { endKey, type PortSpot } from "../domain/draft/spots";
import { shortened } from "../domain/format";
import { componentWords, type DraftCardProps, Marks, PortButton, spoken } from "./DraftCard";

interface DraftFrameProps extends DraftCardProps {
  /** What is in it can only be read: it is written elsewhere. */
  isForeign: boolean;
  isEmpty: boolean;
  onInside(key: string): void;
}

/** A pipeline that is drawn open: a titled frame behind its boxes, with the ports that its card has. */
export function DraftFrame(props: DraftFrameProps) {
  const { place, step, ports, isSelected, isDim, errors, warnings, isForeign, isEmpty } = props;
  const { fitOf, onDown, onPort, onSelect, onFold, onInside } = props;
  const name = step?.name ?? place.key;
  return (
    <div
      className={`draft-box draft-frame${isSelected ? " selected" : ""}${isDim ? " dim-box" : ""}`}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
    >
      <div className="frame-head">
        <button
          type="button"
          className="button plain icon"
          aria-expanded="true"
          aria-label={`Inside of ${name}`}
          title="Close (e)"
          onClick={() => onFold?.(place.key)}
        >
          <IconChevronDown size={15} aria-hidden="true" />
        </button>
        {props.isInert ? (
          <span className="frame-title">{shortened(name, 30)}</span>
        ) : (
          <button
            type="button"
            className="frame-title"
            data-key={place.key}
            aria-pressed={isSelected}
            aria-label={spoken(name, step, null, errors, warnings)}
            onPointerDown={(event) => onDown(place.key, event)}
            onClick={(event) => onSelect(place.key, event.shiftKey || event.ctrlKey || event.metaKey)}
          >
            {shortened(name, 30)}
          </button>
        )}
        <span className="muted card-component">{componentWords(step)}</span>
        <Marks errors={errors} warnings={warnings} />
        {isForeign ? (
          <span className="frame-lock muted" title={whyForeign(step?.component?.kind === "file")}>
            <IconLock size={14} aria-hidden="true" /> read-only
          </span>
        ) : (
          <button
            type="button"
            className="button plain icon inside-button"
            aria-label={`Go inside ${name}`}
            title="Show only this pipeline (i)"
            onClick={() => onInside(place.key)}
          >
            <IconArrowsMaximize size={15} aria-hidden="true" />
          </button>
        )}
      </div>
      {isEmpty && <p className="frame-hint muted small">Nothing is in it yet. Drop a component here, or press a.</p>}
      <FramePorts ports={ports} {...{ place, fitOf, onPort, isInert: props.isInert }} />
    </div>
  );
}

export const whyForeign = (isFile: boolean): string =>
  `Its steps are written in ${isFile ? "a file of their own" : "a registered component"}: select it to unpack it here${
    isFile ? "" : ", or to open a draft of it"
  }.`;

type FramePortsProps = Pick<DraftCardProps, "ports" | "place" | "fitOf" | "onPort" | "isInert">;

function FramePorts({ ports, place, fitOf, onPort, isInert }: FramePortsProps) {
  return ports.map((spot: PortSpot) => (
    <PortButton key={endKey(spot.end)} spot={spot} place={place} fit={fitOf(spot)} onPort={onPort} isInert={isInert} />
  ));
}
