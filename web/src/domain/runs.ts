/** Runs of a body, one after the other or side by side: what differs between them, and how they stand. */

import { numberText, type Series } from "./chart";

interface Run {
  key: string;
  values: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

interface Standing {
  of: string;
  status: string;
  total: number | null;
  done: number;
  failed: number;
}

export interface Column {
  from: "values" | "outputs";
  name: string;
}

/** Values in the order in which runs have them: those that are given and not alike everywhere, then those that are written. */
export function columnsOf(runs: readonly Run[]): Column[] {
  return [...columnsFrom("values", runs), ...columnsFrom("outputs", runs)];
}

function columnsFrom(from: Column["from"], runs: readonly Run[]): Column[] {
  const begun = runs.filter((run) => Object.keys(run.values).length + Object.keys(run.outputs).length > 0);
  const names = [...new Set(begun.flatMap((run) => Object.keys(run[from])))];
  const differs = (name: string) => new Set(begun.map((run) => run[from][name])).size > 1;
  return names
    .filter((name) => from === "outputs" || begun.length < 2 || differs(name))
    .map((name) => ({ from, name }));
}

/** Given values that are the same everywhere: said once. */
export function sharedOf(runs: readonly Run[]): [string, string][] {
  const begun = runs.filter((run) => Object.keys(run.values).length > 0);
  const shown = new Set(columnsFrom("values", runs).map((column) => column.name));
  return Object.entries(begun[0]?.values ?? {})
    .filter(([name]) => !shown.has(name))
    .map(([name, value]) => [name, textOf(value)]);
}

/** A value; of data, the name at the end of where it is. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) {
    return "";
  }
  if (typeof value === "number") {
    return numberText(value);
  }
  const text = String(value);
  return isPlace(value) ? (text.replace(/\/$/, "").split("/").at(-1) ?? text) : text;
}

export function isPlace(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("azureml:");
}

/** Numbers that a loop writes, from iteration to iteration. */
export function curvesOf(runs: readonly Run[]): Series[] {
  const names = columnsFrom("outputs", runs).map((column) => column.name);
  return names
    .map((name) => ({
      id: name,
      label: name,
      points: runs.flatMap((run) => {
        const value = run.outputs[name];
        return typeof value === "number" ? [{ x: Number(run.key), y: value }] : [];
      }),
    }))
    .filter((one) => one.points.length > 1);
}

export function standingText({ of, total, done, failed }: Standing): string {
  const most = of === "iteration" ? "at most " : "";
  const known = total === null ? "" : ` of ${most}${total}`;
  const noun = (total ?? done) === 1 ? of : `${of}s`;
  return `${done}${known} ${noun} ${done === 1 ? "has" : "have"} ended${failed > 0 ? `, ${failed} failed` : ""}.`;
}
