import type { JobGraph, Port } from "../../domain/job";
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
        <PortTable ports={graph.inputs} />
      )}
      <h2>Outputs</h2>
      {graph.outputs.length === 0 && (
        <p className="muted">The job declares no outputs. Those of its steps are on their pages.</p>
      )}
      {graph.outputs.map((port) => (
        <section key={port.name} className="port">
          <h3>
            {port.name} <span className="muted small">{port.type}</span>
          </h3>
          {port.source !== undefined && (
            <p className="small">
              from{" "}
              <button type="button" className="link" onClick={() => port.source && onSelect(port.source.node)}>
                {port.source.node}
              </button>{" "}
              · {port.source.output}
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

export function PortTable({ ports, onSelect }: { ports: readonly Port[]; onSelect?: (key: string) => void }) {
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
              ) : (
                <code>{port.value !== undefined ? String(port.value) : (port.path ?? port.uri)}</code>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
