import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { versionQuery } from "../../api/assets";
import { inWorkspace } from "../../app/workspace";
import type { ComponentFacts } from "../../domain/draft/catalogue";
import type { Step } from "../../domain/draft/pipeline";
import { upgradeOf } from "../../domain/draft/upgrade";
import type { Ports } from "../../domain/interface";
import { ChoiceField } from "./fields";
import type { InspectorProps } from "./StepInspector";

/** Which component a step uses, and the way to another version of it, with what that changes. */
export function VersionField(props: InspectorProps & { step: Step }) {
  const { workspace, step, palette, catalogue, isReadOnly } = props;
  const [wanted, setWanted] = useState<string | null>(null);
  const use = step.component;
  if (use?.kind !== "registered") {
    return use?.kind === "file" ? (
      <p className="muted">
        Component <code>{use.text}</code>
      </p>
    ) : null;
  }
  const item = palette?.components.find((one) => one.name === use.name && one.registry === use.registry);
  const prefix = use.text.replace(/[:@][^:@/]*$/, "");
  const reference = (version: string) => (version === "@latest" ? `${prefix}@latest` : `${prefix}:${version}`);
  const now = use.version ?? `@${use.label ?? "latest"}`;
  const versions = ["@latest", ...(item?.versions ?? [])];
  return (
    <>
      <p>
        <Link
          to="/assets/$kind/$name"
          params={{ kind: "components", name: use.name }}
          search={{ ...inWorkspace(workspace), ...(use.version === null ? {} : { version: use.version }) }}
        >
          {item?.display_name ?? use.name}
        </Link>
        {item?.description && <span className="muted"> {item.description}</span>}
      </p>
      <ChoiceField
        label="Version"
        value={now}
        isDisabled={isReadOnly || item === undefined}
        choices={versions.map((one) => [one, one === "@latest" ? "the newest, whichever it is" : one] as const)}
        onSave={(version) => setWanted(version === now ? null : version)}
      />
      {wanted !== null && item !== undefined && (
        <Upgrade
          {...props}
          before={catalogue.components.get(use.text)}
          name={use.name}
          version={wanted === "@latest" ? (item.version ?? "") : wanted}
          reference={reference(wanted)}
          onDone={() => setWanted(null)}
        />
      )}
    </>
  );
}

interface UpgradeProps extends InspectorProps {
  step: Step;
  before: ComponentFacts | undefined;
  name: string;
  version: string;
  reference: string;
  onDone(): void;
}

function Upgrade({ workspace, step, before, name, version, reference, onEdit, onDone }: UpgradeProps) {
  const query = useQuery(versionQuery(workspace, "components", name, version));
  if (query.data === undefined) {
    return (
      <p className="muted" role="status">
        {query.isError ? "That version could not be read." : "Comparing"}
      </p>
    );
  }
  const ports = { inputs: (query.data.inputs ?? {}) as Ports, outputs: (query.data.outputs ?? {}) as Ports };
  const change = upgradeOf(step, before ?? null, ports);
  return (
    <div className="notice stack" role="status">
      <p>
        {change.remarks.length === 0
          ? `Inputs and outputs of version ${version} are the same.`
          : `With version ${version}:`}
      </p>
      {change.remarks.length > 0 && (
        <ul className="reasons">
          {change.remarks.map((remark) => (
            <li key={remark.text} className={remark.isBreaking ? "tone-bad" : ""}>
              {remark.text}
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        <button
          type="button"
          className="button primary"
          onClick={() => {
            onEdit({ kind: "set-component", step: step.key, reference, ports });
            onDone();
          }}
        >
          Use it
        </button>
        <button type="button" className="button" onClick={onDone}>
          Leave it
        </button>
      </div>
    </div>
  );
}
