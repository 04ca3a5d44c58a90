/** What of the palette could join a wire that was dragged to where nothing is. */

import type { Catalogue, ComponentFacts } from "./catalogue";
import { fitOf } from "./connect";
import type { WireEnd } from "./pipeline";
import { typeOfEnd, typeWord } from "./ports";
import type { Draft } from "./read";

export interface Fitting {
  facts: ComponentFacts;
  /** The ports that the wire could join, those of just its type first. */
  ports: readonly string[];
  isExact: boolean;
}

/** The ports of a component that a wire from or to an end could join; those that have to be given something come first. */
export function fitting(facts: ComponentFacts, draft: Draft, end: WireEnd, catalogue: Catalogue): Fitting {
  const type = typeOfEnd(draft, end, catalogue);
  const isSource = end.kind === "step-output" || end.kind === "pipeline-input";
  const ranked = Object.entries(isSource ? facts.inputs : facts.outputs).flatMap(([name, port]) => {
    const declared = typeWord(port.type) ?? (isSource ? null : "uri_folder");
    const fits = isSource ? fitOf(type, declared) : fitOf(declared, type);
    const isNeeded = port.optional !== true && port.default === undefined;
    return fits === "no" ? [] : [{ name, rank: (declared === type ? 0 : fits === "yes" ? 2 : 4) + (isNeeded ? 0 : 1) }];
  });
  ranked.sort((a, b) => a.rank - b.rank);
  return { facts, ports: ranked.map(({ name }) => name), isExact: (ranked[0]?.rank ?? 9) < 2 };
}

/** The components that fit, those with a port of just the right type first; else in the order that they came in. */
export function fittingComponents(
  palette: readonly ComponentFacts[],
  draft: Draft,
  end: WireEnd,
  catalogue: Catalogue,
): Fitting[] {
  const found = palette.map((facts) => fitting(facts, draft, end, catalogue)).filter(({ ports }) => ports.length > 0);
  return [...found.filter(({ isExact }) => isExact), ...found.filter(({ isExact }) => !isExact)];
}
