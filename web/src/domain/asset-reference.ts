/** Names of assets as they are written: `azureml:train:1`, `azureml:train@latest`, ids of versions. */

export interface Reference {
  /** As in addresses: `components`; null where the text does not say it. */
  kind: string | null;
  name: string;
  /** A version, or a label behind `@`; null for the newest. */
  version: string | null;
  label: string | null;
  registry: string | null;
}

const ID = /^azureml:(?:\/subscriptions\/.*)?\/(?:workspaces\/[^/]+)\/(\w+)\/([^/]+)\/versions\/([^/]+)$/;
const REGISTRY = /^azureml:\/\/registries\/([^/]+)\/(\w+)\/([^/]+)\/(versions|labels)\/([^/]+)$/;
const SHORT = /^azureml:([^:@/]+)(?:([:@])([^:@/]+))?$/;

/** What a text names, or null if it is no reference. */
export function parseReference(text: string): Reference | null {
  const id = ID.exec(text);
  if (id !== null) {
    return { kind: id[1] ?? null, name: id[2] ?? "", version: id[3] ?? null, label: null, registry: null };
  }
  const shared = REGISTRY.exec(text);
  if (shared !== null) {
    const [, registry = null, kind = null, name = "", word, which = null] = shared;
    const isVersion = word === "versions";
    return { kind, name, registry, version: isVersion ? which : null, label: isVersion ? null : which };
  }
  const short = SHORT.exec(text);
  if (short !== null) {
    const [, name = "", mark, which = null] = short;
    return {
      kind: null,
      name,
      registry: null,
      version: mark === ":" ? which : null,
      label: mark === "@" ? which : null,
    };
  }
  return null;
}
