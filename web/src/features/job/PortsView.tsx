import { parseReference } from "../../domain/asset-reference";
import type { JobGraph, Port } from "../../domain/job";
import { AssetLink } from "../assets/AssetLink";
import { LineageLink } from "../lineage/LineageLink";
import { OutputFiles } from "../step/OutputFiles";

/** What the whole job was given and what it leaves. */
export function PortsView({
  graph,
  workspace,
  onSelect,
}: {
  graph: JobGraph;
  workspace: string;
  onSelect(key: string): void;
}) {
  return (
    <div className="sheet">
      <h2>Inputs</h2>
      {graph.inputs.length === 0 ? (
        <p className="muted">The job declares no inputs.</p>
      ) : (
        <PortTable ports={graph.inputs} workspace={workspace} />
      )}
      <h2>Outputs</h2>
      {graph.outputs.length === 0 && (
        <p className="muted">The job declares no outputs. Those of its steps are on their pages.</p>
      )}
      {graph.outputs.map((port) => (
        <section key={port.name} className="job-port">
          <h3>
            {port.name} <span className="muted small">{port.type}</span>
          </h3>
          {port.source !== undefined && (
            <p className="small">
              from{" "}
              <button type="button" className="link" onClick={() => port.source && onSelect(port.source.node)}>
                {port.source.node}
              </button>{" "}
              · {port.source.output} ·{" "}
              <LineageLink
                of={`outputs/${port.source.job}/${port.source.output}`}
                name={`output ${port.name}`}
                workspace={workspace}
              />
            </p>
          )}
          {port.source !== undefined && (
            <OutputFiles workspace={workspace} job={port.source.job} output={port.source.output} />
          )}
        </section>
      ))}
    </div>
  );
}

interface PortTableProps {
  ports: readonly Port[];
  workspace: string;
  onSelect?: (key: string) => void;
}

export function PortTable({ ports, workspace, onSelect }: PortTableProps) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Name</th>
          <th>Type</th>
          <th>Value</th>
        </tr>
      </thead>
      <tbody>
        {ports.map((port) => (
          <tr key={port.name}>
            <td>{port.name}</td>
            <td className="muted">
              {port.type} {port.mode !== undefined && <span className="small">({port.mode})</span>}
            </td>
            <td className="breakable">
              {port.source !== undefined && onSelect !== undefined ? (
                <button type="button" className="link" onClick={() => port.source && onSelect(port.source.node)}>
                  {port.source.node} · {port.source.output}
                </button>
              ) : port.value === undefined && port.path !== undefined ? (
                <AssetLink text={port.path} kind={kindOf(port)} workspace={workspace} />
              ) : (
                <code>{port.value !== undefined ? String(port.value) : port.uri}</code>
              )}
              <PortLineage port={port} workspace={workspace} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a version with such a type is one of. */
export const kindOf = (port: Port): "data" | "models" => (port.type?.endsWith("_model") ? "models" : "data");

/** Of what another step wrote, and of a version; nothing else has one. */
function PortLineage({ port, workspace }: { port: Port; workspace: string }) {
  const version = port.value === undefined && port.path !== undefined ? parseReference(port.path) : null;
  const of =
    port.source !== undefined
      ? `outputs/${port.source.job}/${port.source.output}`
      : version?.version
        ? `${version.registry === null ? "" : `registries/${version.registry}/`}${kindOf(port)}/${version.name}/${version.version}`
        : null;
  return of === null ? null : (
    <>
      {" · "}
      <LineageLink of={of} name={`input ${port.name}`} workspace={workspace} />
    </>
  );
}
