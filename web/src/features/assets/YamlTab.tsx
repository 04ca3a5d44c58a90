import type { Kind } from "../../api/assets";
import { registryOf } from "../../api/client";
import { Copy } from "../../ui/Copy";
import type { PartProps } from "./part";
import { referenceOf, yamlOf } from "./yaml";

/** The version as it was registered, and how a pipeline's file names it. */
export function YamlTab({ kind, asset, workspace }: PartProps) {
  const text = yamlOf(asset);
  const use = useText(kind, referenceOf(asset, kind, registryOf(workspace)), asset.type);
  return (
    <div className="stack">
      <div className="row">
        <h2>In a pipeline</h2>
        <Copy text={use} label="Copy lines" />
      </div>
      <pre className="code-block">{use}</pre>
      <div className="row">
        <h2>As registered</h2>
        <Copy text={text} />
      </div>
      <pre className="code-block">{text}</pre>
    </div>
  );
}

/** Lines of a pipeline's file that use it. */
function useText(kind: Kind, reference: string, type: string | undefined): string {
  switch (kind) {
    case "components":
      return `jobs:\n  step:\n    type: ${type ?? "command"}\n    component: ${reference}\n`;
    case "environments":
      return `environment: ${reference}\n`;
    default:
      return `inputs:\n  data:\n    type: ${type ?? "uri_folder"}\n    path: ${reference}\n`;
  }
}
