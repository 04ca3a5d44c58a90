import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Way } from "../../canvas/LineageCanvas";
import { timeText } from "../../domain/format";
import { kindWord, type Lineage, type LineageNode, nodeName } from "../../domain/lineage";
import { StatusPill } from "../../ui/StatusPill";
import { NodeLink } from "./NodeLink";

interface LineagePanelProps {
  node: LineageNode;
  lineage: Lineage;
  onSelect(id: string): void;
  onWiden(id: string, way: Way): void;
  onClose(): void;
}

/** One node: what it is, and what it is next to. */
export function LineagePanel({ node, lineage, onSelect, onWiden, onClose }: LineagePanelProps) {
  const name = nodeName(node);
  const nodes = new Map(lineage.nodes.map((one) => [one.id, one]));
  const beside = (id: string, names: readonly string[]) => {
    const other = nodes.get(id);
    return (
      <li key={id}>
        <button type="button" className="link" onClick={() => onSelect(id)}>
          {other === undefined ? id : nodeName(other)}
        </button>{" "}
        <span className="muted breakable">{names.join(", ")}</span>
      </li>
    );
  };
  return (
    <section className="beside-panel stack" aria-label={`${kindWord(node)} ${name}`}>
      <div className="row">
        <h2 className="breakable">{name}</h2>
        <span className="space" />
        <button type="button" className="button plain icon" aria-label="Close" onClick={onClose}>
          <IconX size={15} aria-hidden="true" />
        </button>
      </div>
      <p className="row">
        {node.label !== null && <StatusPill label={node.label} />}
        <span className="muted">{[kindWord(node), node.type].filter(Boolean).join(", ")}</span>
      </p>
      {node.created_at !== null && <p className="muted">{timeText(node.created_at)}</p>}
      <p className="row">
        {!node.is_gone && <NodeLink node={node}>Open</NodeLink>}
        {node.level !== 0 && !node.is_gone && (
          <Link to="/lineage/$" params={{ _splat: node.id }} search={({ workspace }) => ({ workspace })}>
            Begin here
          </Link>
        )}
      </p>
      {node.is_gone && <p>It was deleted. What it was made of is not known any more.</p>}
      <Side title="Made of" hasMore={node.has_more_above} onMore={() => onWiden(node.id, "up")}>
        {lineage.edges.filter((edge) => edge.to === node.id).map((edge) => beside(edge.from, edge.names))}
      </Side>
      <Side title="Made into" hasMore={node.has_more_below} onMore={() => onWiden(node.id, "down")}>
        {lineage.edges.filter((edge) => edge.from === node.id).map((edge) => beside(edge.to, edge.names))}
      </Side>
    </section>
  );
}

interface SideProps {
  title: string;
  hasMore: boolean;
  children: readonly React.ReactNode[];
  onMore(): void;
}

function Side({ title, hasMore, children, onMore }: SideProps) {
  return children.length === 0 && !hasMore ? null : (
    <section className="stack">
      <h3>{title}</h3>
      {children.length > 0 && <ul className="lineage-beside">{children}</ul>}
      {hasMore && (
        <div>
          <button type="button" className="button small" onClick={onMore}>
            Show more
          </button>
        </div>
      )}
    </section>
  );
}
