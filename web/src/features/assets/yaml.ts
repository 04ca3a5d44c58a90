import { stringify } from "yaml";
import type { AssetVersion } from "../../api/assets";

/** What is ours and not the file's. */
const OURS = new Set([
  "id",
  "resourceGroup",
  "creation_context",
  "archived",
  "digest",
  "content_digest",
  "produced_by",
  "properties",
  "build",
]);

/** A version as the YAML that would register it. */
export function yamlOf(asset: AssetVersion): string {
  const shown = Object.fromEntries(
    Object.entries(asset).filter(
      ([key, value]) => !OURS.has(key) && value !== null && !(key === "tags" && Object.keys(asset.tags).length === 0),
    ),
  );
  return stringify(shown, { lineWidth: 0 });
}

/** How a pipeline names a version; in a registry with the registry's name. */
export function referenceOf(
  asset: Pick<AssetVersion, "name" | "version">,
  kind: string,
  registry: string | null,
): string {
  return registry === null
    ? `azureml:${asset.name}:${asset.version}`
    : `azureml://registries/${registry}/${kind}/${asset.name}/versions/${asset.version}`;
}
