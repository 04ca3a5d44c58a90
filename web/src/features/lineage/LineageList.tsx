import type { Way } from "../../canvas/LineageCanvas";
import { inOrder, kindWord, type Lineage, levelText, nodeName } from "../../domain/lineage";
import { Ago } from "../../ui/Ago";
import { StatusPill } from "../../ui/StatusPill";
import { NodeLink } from "./NodeLink";

interface LineageListProps {
  lineage: Lineage;
  selected: string | undefined;
  onLocate(id: string): void;
  onWiden(id: string, way: Way): void;
}

/** What the canvas shows, in words, from what came first to what came last. */
export function LineageList({ lineage, selected, onLocate, onWiden }: LineageListProps) {
  const nodes = new Map(lineage.nodes.map((node) => [node.id, node]));
  return (
    <section className="lineage-scroll" aria-label="Lineage as a list">
      <table className="table lineage-list">
        <thead>
          <tr>
            <th>Place</th>
            <th>What</th>
            <th>Name</th>
            <th>Made of, and as what</th>
            <th>Created</th>
            <th>More</th>
          </tr>
        </thead>
        <tbody>
          {inOrder(lineage.nodes).map((node) => (
            <tr key={node.id} aria-current={node.id === selected || undefined}>
              <td>
                <button type="button" className="link" onClick={() => onLocate(node.id)}>
                  {levelText(node.level)}
                  <span className="hidden">: show {nodeName(node)} in the picture</span>
                </button>
              </td>
              <td>{node.label === null ? kindWord(node) : <StatusPill label={node.label} />}</td>
              <td className="breakable">
                <NodeLink node={node}>{nodeName(node)}</NodeLink>
              </td>
              <td className="breakable">
                {lineage.edges
                  .filter((edge) => edge.to === node.id)
                  .map((edge) => {
                    const from = nodes.get(edge.from);
                    return `${from === undefined ? edge.from : nodeName(from)} (${edge.names.join(", ")})`;
                  })
                  .join("; ")}
              </td>
              <td>{node.created_at !== null && <Ago time={node.created_at} />}</td>
              <td>
                {(["up", "down"] as const).map(
                  (way) =>
                    (way === "up" ? node.has_more_above : node.has_more_below) && (
                      <button
                        key={way}
                        type="button"
                        className="link lineage-more"
                        onClick={() => onWiden(node.id, way)}
                      >
                        {way === "up" ? "before" : "after"}
                        <span className="hidden"> {nodeName(node)}</span>
                      </button>
                    ),
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
