/** What of the palette is meant by some words: `train in:mltable tag:vision`. */

import type { Ports } from "../interface";

export interface PaletteEntry {
  name: string;
  display_name: string | null;
  description: string | null;
  type: string | null;
  tags: Readonly<Record<string, string>>;
  inputs: Ports | Readonly<Record<string, { type?: string }>>;
  outputs: Ports | Readonly<Record<string, { type?: string }>>;
}

/** Those for which every word is true, in the order in which they came, names that begin with it first. */
export function matching<E extends PaletteEntry>(entries: readonly E[], text: string): E[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return [...entries];
  }
  const found = entries.filter((entry) => words.every((word) => isMeant(entry, word)));
  const begins = (entry: E) => words.some((word) => shownName(entry).toLowerCase().startsWith(word));
  return [...found.filter(begins), ...found.filter((entry) => !begins(entry))];
}

const shownName = (entry: PaletteEntry): string => entry.display_name ?? entry.name;

function isMeant(entry: PaletteEntry, word: string): boolean {
  const [, field, wanted = ""] = /^(in|out|tag|type):(.*)$/.exec(word) ?? [];
  switch (field) {
    case "in":
      return hasType(entry.inputs, wanted);
    case "out":
      return hasType(entry.outputs, wanted);
    case "type":
      return (entry.type ?? "").includes(wanted);
    case "tag":
      return Object.entries(entry.tags).some(([name, value]) => `${name}=${value}`.toLowerCase().includes(wanted));
    default:
      return [entry.name, entry.display_name, entry.description, entry.type].some((one) =>
        one?.toLowerCase().includes(word),
      );
  }
}

const hasType = (ports: PaletteEntry["inputs"], wanted: string): boolean =>
  Object.values(ports).some((port) => (port.type ?? "any").startsWith(wanted));
