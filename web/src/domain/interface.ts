/** Inputs and outputs of a component, and whether a newer version may stand where an older one stood. */

export interface ComponentPort {
  type?: string;
  optional?: boolean;
  default?: unknown;
  min?: number;
  max?: number;
  enum?: unknown[];
  description?: string;
  mode?: string;
}

export type Ports = Record<string, ComponentPort>;

export interface Remark {
  text: string;
  /** Whether a pipeline that used the older version may fail with the newer one. */
  isBreaking: boolean;
}

/** What changed from one version's inputs and outputs to another's. */
export function interfaceChanges(
  before: { inputs: Ports; outputs: Ports },
  after: { inputs: Ports; outputs: Ports },
): Remark[] {
  return [
    ...portChanges("input", before.inputs, after.inputs),
    ...portChanges("output", before.outputs, after.outputs),
  ];
}

function portChanges(word: "input" | "output", before: Ports, after: Ports): Remark[] {
  const found: Remark[] = [];
  for (const [name, port] of Object.entries(before)) {
    const now = after[name];
    if (now === undefined) {
      found.push({ text: `${word} ${name} is gone`, isBreaking: true });
    } else if ((port.type ?? "") !== (now.type ?? "")) {
      found.push({ text: `${word} ${name} is ${now.type}, and was ${port.type}`, isBreaking: true });
    } else if (word === "input") {
      found.push(...inputChanges(name, port, now));
    }
  }
  for (const [name, port] of Object.entries(after)) {
    if (before[name] === undefined) {
      const isNeeded = word === "input" && isRequired(port);
      found.push({ text: `${word} ${name} is new${isNeeded ? " and has to be given" : ""}`, isBreaking: isNeeded });
    }
  }
  return found;
}

const isRequired = (port: ComponentPort): boolean => port.optional !== true && port.default === undefined;

function inputChanges(name: string, before: ComponentPort, after: ComponentPort): Remark[] {
  const found: Remark[] = [];
  if (isRequired(after) && !isRequired(before)) {
    found.push({ text: `input ${name} has to be given now`, isBreaking: true });
  }
  if (isNarrower(before, after)) {
    found.push({ text: `input ${name} takes fewer values`, isBreaking: true });
  }
  if (before.default !== after.default && after.default !== undefined) {
    found.push({ text: `input ${name} is ${String(after.default)} if it is not given`, isBreaking: false });
  }
  return found;
}

function isNarrower(before: ComponentPort, after: ComponentPort): boolean {
  const least = after.min !== undefined && after.min > (before.min ?? Number.NEGATIVE_INFINITY);
  const most = after.max !== undefined && after.max < (before.max ?? Number.POSITIVE_INFINITY);
  const fewer = after.enum !== undefined && !(before.enum ?? [Symbol()]).every((one) => after.enum?.includes(one));
  return least || most || fewer;
}
