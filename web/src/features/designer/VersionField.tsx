import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { versionQuery } from "../../api/assets";
import { inWorkspace } from "../../app/workspace";
import type { ComponentFacts } from "../../domain/draft/catalogue";
import type { Step } from "../../domain/draft/pipeline";
import { upgradeOf } from "../../domain/draft/upgrade";
import { homeOf, LATEST, referenceTo } from "../../domain/draft/version";
import type { Ports } from "../../domain/interface";
import { ChoiceField } from "./fields";
import type { InspectorProps } from "./StepInspector";

/** Which component a step uses, and the way to another version of it, with what that changes. */
export function VersionField(props: InspectorProps & { step: Step }) {
  const { workspace, step, palette, catalogue, isReadOnly, onRegister } = props;
  const [wanted, setWanted] = useState<string | null>(null);
  const use = step.component;
  if (use?.kind !== "registered") {
    return use?.kind === "file" ? (
      <>
        <p className="muted">
          Component <code>{use.text}</code>
        </p>
        <div className="row">
          <button type="button" className="button" disabled={isReadOnly} onClick={() => onRegister(step.key)}>
            Register this component…
          </button>
        </div>
      </>
    ) : null;
  }
  const item = palette?.components.find((one) => one.name === use.name && one.registry === use.registry);
  const now = use.version ?? `@${use.label ?? "latest"}`;
  // One that was archived, or is older than those that are listed, is in use all the same.
  const versions = [...new Set([LATEST, ...(item?.versions ?? []), now])];
  const home = homeOf(workspace, use.registry);
  return (
    <>
      <p>
        <Link
          to="/assets/$kind/$name"
          params={{ kind: "components", name: use.name }}
          search={{ ...inWorkspace(home), ...(use.version === null ? {} : { version: use.version }) }}
        >
          {item?.display_name ?? use.name}
        </Link>
        {item?.description && <span className="muted"> {item.description}</span>}
      </p>
      <ChoiceField
        label="Version"
        value={now}
        isDisabled={isReadOnly || item === undefined}
        choices={versions.map((one) => [one, one === LATEST ? "the newest, whichever it is" : one] as const)}
        onSave={(version) => setWanted(version === now ? null : version)}
      />
      {wanted !== null && item !== undefined && (
        <Upgrade
          {...props}
          before={catalogue.components.get(use.text)}
          name={use.name}
          home={home}
          version={wanted === LATEST ? (item.version ?? "") : wanted}
          reference={referenceTo(use, wanted)}
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
  /** Where it is registered. */
  home: string;
  version: string;
  reference: string;
  onDone(): void;
}

function Upgrade({ home, step, before, name, version, reference, onEdit, onDone }: UpgradeProps) {
  const query = useQuery(versionQuery(home, "components", name, version));
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
