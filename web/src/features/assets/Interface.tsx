import type { ComponentPort, Ports } from "../../domain/interface";

/** The inputs or outputs of a component, as a table. */
export function Interface({ title, ports }: { title: string; ports: unknown }) {
  const rows = Object.entries((ports ?? {}) as Ports);
  if (rows.length === 0) {
    return null;
  }
  return (
    <>
      <h2>{title}</h2>
      <table className="table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Type</th>
            <th>Default</th>
            <th>Allowed</th>
            <th>Description</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, port]) => (
            <tr key={name}>
              <td>
                {name} {port.optional === true && <span className="muted small">optional</span>}
              </td>
              <td className="muted">{port.type}</td>
              <td>{port.default === undefined ? "" : <code>{String(port.default)}</code>}</td>
              <td className="muted">{allowed(port)}</td>
              <td className="muted">{port.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function allowed(port: ComponentPort): string {
  if (port.enum !== undefined) {
    return port.enum.join(", ");
  }
  if (port.min !== undefined && port.max !== undefined) {
    return `${port.min} to ${port.max}`;
  }
  return port.min !== undefined ? `at least ${port.min}` : port.max !== undefined ? `at most ${port.max}` : "";
}
