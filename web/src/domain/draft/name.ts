/** Names for steps, inputs and outputs that nothing has yet. */

/** The name, or the first of `name_2`, `name_3` ... that nothing here has; capitals do not tell names apart. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  if (!used.has(wanted.toLowerCase())) {
    return wanted;
  }
  const counted = /^(.*)_(\d+)$/.exec(wanted);
  const stem = counted?.[1] ?? wanted;
  for (let number = Number(counted?.[2] ?? 1) + 1; ; number += 1) {
    if (!used.has(`${stem}_${number}`.toLowerCase())) {
      return `${stem}_${number}`;
    }
  }
}

/** Small letters, digits and underscores, no digit first: what Azure's client takes too. */
export function styledName(text: string): string {
  const styled = text
    .replace(/(?<=[a-z\d])(?=[A-Z])/g, "_")
    .replace(/[^\w]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase();
  return /^\d/.test(styled) ? `_${styled}` : styled || "step";
}

const STEP = /^[\w\p{L}\p{N}-]+$/u;
const PORT = /^[\w\p{L}\p{N}-]+(\.[\w\p{L}\p{N}-]+)*$/u;

/** Why a name cannot be a step's, or null. */
export const stepNameProblem = (name: string): string | null =>
  STEP.test(name) ? null : `\`${name}\` cannot be the name of a step: use letters, digits and underscores`;

/** Why a name cannot be an input's or output's, or null. */
export const portNameProblem = (name: string): string | null =>
  PORT.test(name) ? null : `\`${name}\` cannot be the name of an input or output: use letters, digits and underscores`;
