/** One nested pipeline as a graph of its own: what comes from outside of it are its inputs. */

import type { JobGraph, Port, Step } from "./job";
import { type Picture, type Place, pictureOf, type Wire } from "./picture";

/** The picture of what is inside of a group, with the keys that its steps have in the whole; "": of everything. */
export function pictureInside(graph: JobGraph, around: string, open: ReadonlySet<string>): Picture {
  if (around === "") {
    return pictureOf(graph, open);
  }
  const prefix = `${around}/`;
  const inner = new Set([...open].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)));
  const picture = pictureOf(graphInside(graph, around), inner);
  const named = (key: string): string => (isData(key) ? key : prefix + key);
  const places = new Map<string, Place>();
  for (const [key, place] of picture.places) {
    places.set(named(key), isData(key) ? place : { ...place, key: named(key) });
  }
  const wires = picture.wires.map((wire): Wire => ({ ...wire, from: named(wire.from), to: named(wire.to) }));
  return { ...picture, places, wires };
}

const isData = (key: string): boolean => key.startsWith("input:") || key.startsWith("output:");

/** The steps of a group, named as seen from inside it. */
export function graphInside(graph: JobGraph, around: string): JobGraph {
  const prefix = `${around}/`;
  const isInside = (key: string) => key.startsWith(prefix);
  const strip = (key: string) => key.slice(prefix.length);
  const group = graph.steps.find((step) => step.key === around);
  const outside = new Map<string, Port>();
  const steps = graph.steps
    .filter((step) => isInside(step.key))
    .map((step): Step => ({ ...step, key: strip(step.key), inputs: step.inputs.map((port) => seenInside(port)) }));
  function seenInside(port: Port): Port {
    const { source } = port;
    if (source === undefined || isInside(source.node)) {
      return source === undefined ? port : { ...port, source: { ...source, node: strip(source.node) } };
    }
    // What it is called in there: the input of the group that is bound to the same output.
    const path = `${source.node}/${source.output}`;
    const own = group?.inputs.find((one) => one.source?.node === source.node && one.source.output === source.output);
    const { source: _, ...rest } = port;
    outside.set(path, { ...rest, name: own?.name ?? `${source.node}.${source.output}`, path });
    return { ...rest, path };
  }
  const inner = new Set((group?.outputs ?? []).flatMap((port) => (port.source ? [port.source.node] : [])));
  return {
    ...graph,
    steps,
    edges: graph.edges
      .filter((edge) => isInside(edge.from) && isInside(edge.to))
      .map((edge) => ({ ...edge, from: strip(edge.from), to: strip(edge.to) })),
    order: (graph.order ?? [])
      .filter(({ from, to }) => isInside(from) && isInside(to))
      .map(({ from, to }) => ({ from: strip(from), to: strip(to) })),
    inputs: [...outside.values(), ...(group?.inputs ?? []).filter((port) => port.source === undefined)],
    outputs: (group?.outputs ?? []).flatMap((port) =>
      port.source !== undefined && inner.has(port.source.node) && isInside(port.source.node)
        ? [{ ...port, source: { ...port.source, node: strip(port.source.node) } }]
        : [],
    ),
  };
}
