import {
  IconBox,
  IconCube,
  IconDatabase,
  IconPackageExport,
  IconPlayerPlay,
  IconPlus,
  IconStack3,
} from "@tabler/icons-react";
import { memo, useCallback, useMemo } from "react";
import { kindWord, type Lineage, type LineageNode, nodeName, toneOfNode } from "../domain/lineage";
import type { CardPlace, Picture } from "../domain/picture";
import { StatusPill } from "../ui/StatusPill";
import { GraphCanvas, type GraphCanvasProps } from "./GraphCanvas";

const SIGNS: Record<string, typeof IconBox> = {
  jobs: IconPlayerPlay,
  data: IconDatabase,
  models: IconBox,
  components: IconCube,
  environments: IconStack3,
};

export type Way = "up" | "down";

interface LineageCanvasProps extends Pick<GraphCanvasProps, "selected" | "focus" | "memory" | "onSelect" | "onOpen"> {
  lineage: Lineage;
  picture: Picture;
  /** Show what is next to a node on one side. */
  onWiden(id: string, way: Way): void;
}

/** Versions and jobs, what came first above. A `+` at a card brings what is next to it. */
export function LineageCanvas(props: LineageCanvasProps) {
  const { lineage, selected, onWiden } = props;
  const nodes = useMemo(() => new Map(lineage.nodes.map((node) => [node.id, node])), [lineage]);
  const nameOf = useCallback(
    (key: string) => {
      const node = nodes.get(key);
      return node === undefined ? key : nodeName(node);
    },
    [nodes],
  );
  const toneOf = useCallback(
    (key: string) => {
      const node = nodes.get(key);
      return node === undefined ? "waiting" : toneOfNode(node);
    },
    [nodes],
  );
  return (
    <GraphCanvas
      {...props}
      found={null}
      label="Lineage. The same is in the list below."
      nameOf={nameOf}
      toneOf={toneOf}
      isGroup={() => false}
      onToggle={() => {}}
      card={(place, onSelect) => {
        const node = nodes.get(place.key);
        return node === undefined || place.kind !== "card" ? null : (
          <LineageCard
            place={place}
            node={node}
            isStart={place.key === lineage.of}
            isSelected={place.key === selected}
            onSelect={onSelect}
            onWiden={onWiden}
          />
        );
      }}
    />
  );
}

interface LineageCardProps {
  place: CardPlace;
  node: LineageNode;
  isStart: boolean;
  isSelected: boolean;
  onSelect(key: string): void;
  onWiden(id: string, way: Way): void;
}

const LineageCard = memo(function LineageCard(props: LineageCardProps) {
  const { place, node, isStart, isSelected, onSelect, onWiden } = props;
  const Sign = SIGNS[node.kind] ?? IconPackageExport;
  const name = nodeName(node);
  return (
    <>
      <button
        type="button"
        className={`card lineage-card tone-${toneOfNode(node)}${isStart ? " start" : ""}${node.is_gone ? " untouched" : ""}`}
        data-key={place.key}
        aria-pressed={isSelected}
        tabIndex={isSelected ? 0 : -1}
        style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
        onClick={() => onSelect(place.key)}
      >
        <span className="card-name" title={node.id}>
          <Sign size={15} aria-hidden="true" /> {name}
        </span>
        <span className="card-line">
          {node.label === null ? <span className="muted">{kindWord(node)}</span> : <StatusPill label={node.label} />}
          <span className="muted card-more">{isStart ? "begins here" : node.kind === "jobs" ? "job" : node.type}</span>
        </span>
      </button>
      {node.has_more_above && (
        <Plus
          side="above"
          label={`What ${name} was made of`}
          x={place.x}
          y={place.y - 26}
          onClick={() => onWiden(node.id, "up")}
        />
      )}
      {node.has_more_below && (
        <Plus
          side="below"
          label={`What was made of ${name}`}
          x={place.x}
          y={place.y + place.height + 2}
          onClick={() => onWiden(node.id, "down")}
        />
      )}
    </>
  );
});

interface PlusProps {
  side: "above" | "below";
  label: string;
  x: number;
  y: number;
  onClick(): void;
}

function Plus({ side, label, x, y, onClick }: PlusProps) {
  return (
    <button
      type="button"
      className={`lineage-plus ${side}`}
      style={{ left: x, top: y }}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <IconPlus size={15} aria-hidden="true" />
    </button>
  );
}
