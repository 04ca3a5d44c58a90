/** How a pipeline names a version of a registered component, as it names another one of it. */

export interface Named {
  text: string;
  name: string;
  registry: string | null;
}

export const LATEST = "@latest";

/** The reference to a version, or with `@latest` (any `@label`) to whichever that is. */
export function referenceTo(use: Named, version: string): string {
  const isLabel = version.startsWith("@");
  if (use.registry !== null) {
    const tail = isLabel ? `labels/${version.slice(1)}` : `versions/${version}`;
    return `azureml://registries/${use.registry}/components/${use.name}/${tail}`;
  }
  // What stands before the name stays: a full resource id, for one.
  const long = /^(.*\/components\/[^/]+)\/(?:versions|labels)\/[^/]+\/?$/i.exec(use.text);
  if (long !== null) {
    return `${long[1]}/${isLabel ? "labels" : "versions"}/${isLabel ? version.slice(1) : version}`;
  }
  return isLabel ? `azureml:${use.name}${version}` : `azureml:${use.name}:${version}`;
}

/** Of an address: where a component is registered, as the Studio's addresses call it. */
export const homeOf = (workspace: string, registry: string | null): string =>
  registry === null ? workspace : `registry:${registry}`;
