/** What came of what → one picture: what something was made of above it, what was made of it below. */

import { layoutLayers, type Point } from "./layout";
import { CARD_HEIGHT, CARD_WIDTH, type CardPlace, type Picture } from "./picture";
import { lookOf, type Tone } from "./status";

export interface LineageNode {
  id: string;
  kind: string;
  name: string;
  version: string | null;
  workspace: string | null;
  registry: string | null;
  /** How many steps from where it began; less than 0 for what that was made of. */
  level: number;
  display_name: string | null;
  type: string | null;
  label: string | null;
  created_at: string | null;
  is_gone: boolean;
  has_more_above: boolean;
  has_more_below: boolean;
}

export interface LineageEdge {
  from: string;
  to: string;
  names: string[];
}

export interface Lineage {
  of: string;
  nodes: LineageNode[];
  edges: LineageEdge[];
  limit: number;
  truncated: boolean;
}

/** More of it: what is next to one node, as an answer of its own. */
export interface Widening {
  id: string;
  found: Lineage;
}

/** Everything that was asked for so far as one: the first answer, and what was widened. */
export function widened(first: Lineage, more: readonly Widening[]): Lineage {
  const nodes = new Map(first.nodes.map((node) => [node.id, node]));
  const edges = new Map(first.edges.map((edge) => [edgeKey(edge), edge]));
  let truncated = first.truncated;
  for (const { id, found } of more) {
    const base = nodes.get(id)?.level;
    if (base === undefined) {
      // It is no longer part of the picture: another filter was chosen meanwhile.
      continue;
    }
    truncated ||= found.truncated;
    for (const node of found.nodes) {
      const known = nodes.get(node.id);
      nodes.set(node.id, known === undefined ? { ...node, level: base + node.level } : bothKnown(known, node));
    }
    for (const edge of found.edges) {
      edges.set(edgeKey(edge), edge);
    }
  }
  return { ...first, nodes: [...nodes.values()], edges: [...edges.values()], truncated };
}

/** An answer that has all neighbours of a node says that there are no more; then there are none. */
const bothKnown = (one: LineageNode, other: LineageNode): LineageNode => ({
  ...one,
  has_more_above: one.has_more_above && other.has_more_above,
  has_more_below: one.has_more_below && other.has_more_below,
});

const edgeKey = ({ from, to }: LineageEdge): string => `${from}\n${to}`;

/** Between layers: room for the `+` of both. */
const GAPS = { column: 28, layer: 96 };

export function lineagePicture({ nodes, edges }: Lineage): Picture {
  const boxes = nodes.map(({ id }) => ({ id, width: CARD_WIDTH, height: CARD_HEIGHT }));
  const layout = layoutLayers(boxes, edges, GAPS);
  const places = new Map<string, CardPlace>();
  for (const { id } of nodes) {
    const corner = layout.places.get(id) as Point;
    places.set(id, { ...corner, kind: "card", key: id, width: CARD_WIDTH, height: CARD_HEIGHT });
  }
  const wires = edges.map(({ from, to, names }, position) => {
    const [upper, lower] = [places.get(from), places.get(to)];
    const points =
      upper === undefined || lower === undefined
        ? []
        : [
            { x: upper.x + upper.width / 2, y: upper.y + upper.height },
            ...(layout.bends[position] ?? []),
            { x: lower.x + lower.width / 2, y: lower.y },
          ];
    return { from, to, points, flows: names };
  });
  return { places, wires, width: layout.width, height: layout.height };
}

/** What a node is, in one word. */
export function kindWord({ kind, is_gone }: LineageNode): string {
  const word =
    { components: "component", data: "data", environments: "environment", models: "model", jobs: "job" }[kind] ??
    "output";
  return is_gone ? `${word}, deleted` : word;
}

/** What it is called: assets with their version, outputs by their name alone. */
export function nodeName({ kind, name, version, display_name, registry }: LineageNode): string {
  if (kind === "jobs" || kind === "outputs") {
    return display_name ?? version ?? name;
  }
  return `${name}:${version}${registry === null ? "" : ` in ${registry}`}`;
}

export function toneOfNode({ label }: LineageNode): Tone {
  return label === null ? "preparing" : lookOf(label).tone;
}

/** Where it stands, in words. */
export function levelText(level: number): string {
  const steps = Math.abs(level) === 1 ? "1 step" : `${Math.abs(level)} steps`;
  return level === 0 ? "where it begins" : level < 0 ? `${steps} before` : `${steps} after`;
}

/** In the order of the picture: what came first at the top. */
export function inOrder(nodes: readonly LineageNode[]): LineageNode[] {
  return [...nodes].sort((a, b) => a.level - b.level || a.kind.localeCompare(b.kind) || a.id.localeCompare(b.id));
}
