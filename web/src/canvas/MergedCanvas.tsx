import { IconDatabase, IconFold, IconPackageExport, IconStack2 } from "@tabler/icons-react";
import { memo, useCallback } from "react";
import { shortened } from "../domain/format";
import {
  CHANGE_WORDS,
  CHANGES,
  type Change,
  changeWithin,
  differingWords,
  type Merged,
  type MergedPort,
  type MergedStep,
  mergedName,
  wireKey,
} from "../domain/merged";
import type { CardPlace, DataPlace, FramePlace, Picture, Wire } from "../domain/picture";
import { ChangePill } from "../ui/ChangePill";
import { GraphCanvas, type GraphCanvasProps } from "./GraphCanvas";

interface MergedCanvasProps
  extends Pick<GraphCanvasProps, "selected" | "focus" | "memory" | "onSelect" | "onOpen" | "onToggle"> {
  merged: Merged;
  picture: Picture;
  /** How each line is drawn, by `wireKey`. */
  wires: ReadonlyMap<string, Change>;
}

/** Two jobs' graphs over one another. Nothing is told by colour alone: each change has a sign, a word and a stroke. */
export function MergedCanvas(props: MergedCanvasProps) {
  const { merged, wires, selected, onToggle } = props;
  const { steps, ports } = merged;
  const wireLook = useCallback(
    ({ from, to }: Wire) => {
      const change = wires.get(wireKey(from, to)) ?? "same";
      return change === "same" ? null : CHANGES[change];
    },
    [wires],
  );
  return (
    <GraphCanvas
      {...props}
      found={null}
      label="Both graphs. The same is in the list below."
      toneOf={useCallback(
        (key: string) => {
          const step = steps.get(key);
          return CHANGES[step === undefined ? "same" : changeWithin(step, steps.values())].tone;
        },
        [steps],
      )}
      nameOf={useCallback((key: string) => nameOf(steps.get(key)), [steps])}
      wireLook={wireLook}
      isGroup={(key) => {
        const step = steps.get(key);
        return step?.before?.kind === "pipeline" || step?.after?.kind === "pipeline";
      }}
      card={(place, onSelect) => {
        if (place.kind !== "card" && place.kind !== "frame") {
          return <MergedData place={place} port={ports.get(place.key)} />;
        }
        const step = steps.get(place.key);
        if (step === undefined) {
          return null;
        }
        if (place.kind === "frame") {
          return <MergedFrame place={place} step={step} onSelect={onSelect} onToggle={onToggle} />;
        }
        const isGroup = step.before?.kind === "pipeline" || step.after?.kind === "pipeline";
        const within = isGroup ? changeWithin(step, steps.values()) : step.change;
        return (
          <MergedCard
            place={place}
            step={step}
            change={within}
            isGroup={isGroup}
            isSelected={place.key === selected}
            onSelect={onSelect}
          />
        );
      }}
    />
  );
}

const nameOf = (step: MergedStep | undefined): string => (step === undefined ? "" : mergedName(step));

interface MergedCardProps {
  place: CardPlace;
  step: MergedStep;
  change: Change;
  isGroup: boolean;
  isSelected: boolean;
  onSelect(key: string): void;
}

const MergedCard = memo(function MergedCard({ place, step, change, isGroup, isSelected, onSelect }: MergedCardProps) {
  const words = differingWords(step);
  const more = words.length > 0 ? words.join(", ") : change !== step.change ? "steps in it" : "";
  return (
    <button
      type="button"
      className={`card change-${change} tone-${CHANGES[change].tone}${isGroup ? " group" : ""}`}
      data-key={place.key}
      aria-pressed={isSelected}
      tabIndex={isSelected ? 0 : -1}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
      onClick={() => onSelect(place.key)}
    >
      <span className="card-name" title={mergedName(step)}>
        {mergedName(step)} {isGroup && <IconStack2 size={14} className="muted" aria-label="pipeline" />}
      </span>
      <span className="card-line">
        <ChangePill change={change} />
        <span className="muted card-more" title={more}>
          {more}
        </span>
      </span>
    </button>
  );
});

interface MergedFrameProps extends Pick<MergedCardProps, "step" | "onSelect"> {
  place: FramePlace;
  onToggle(key: string): void;
}

const MergedFrame = memo(function MergedFrame({ place, step, onSelect, onToggle }: MergedFrameProps) {
  return (
    <div className="frame" style={{ left: place.x, top: place.y, width: place.width, height: place.height }}>
      <div className="frame-head">
        <button
          type="button"
          className="link"
          data-key={place.key}
          onClick={() => onSelect(place.key)}
          aria-label={`${mergedName(step)}, pipeline, ${CHANGE_WORDS[step.change]}`}
        >
          {mergedName(step)}
        </button>
        <ChangePill change={step.change} />
        <button
          type="button"
          className="button plain icon inside-button"
          onClick={() => onToggle(place.key)}
          aria-label={`Close ${mergedName(step)}`}
          title="Close (e)"
        >
          <IconFold size={15} aria-hidden="true" />
        </button>
      </div>
    </div>
  );
});

function MergedData({ place, port }: { place: DataPlace; port: MergedPort | undefined }) {
  const Sign = place.kind === "input" ? IconDatabase : IconPackageExport;
  const change = (port?.change ?? "same") as Change;
  return (
    <div
      className={`data-card ${place.kind} change-${change} tone-${CHANGES[change].tone}`}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
      title={`${place.kind} ${place.port.name}: ${CHANGE_WORDS[change]}`}
    >
      <Sign size={15} aria-hidden="true" className="data-sign" />
      <span className="data-name">{shortened(place.port.name, 16)}</span>
      <ChangePill change={change} />
    </div>
  );
}
