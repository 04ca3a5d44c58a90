import { useState } from "react";

const ENTRIES_MAX = 200;
const OPEN_ENTRIES_MAX = 30;

/** JSON to open level by level: only what is open is drawn. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className="json-tree">
      <Node name={null} value={value} depth={0} />
    </div>
  );
}

function Node({ name, value, depth }: { name: string | null; value: unknown; depth: number }) {
  const entries = entriesOf(value);
  const [isOpen, setOpen] = useState(depth === 0 || (depth === 1 && (entries?.length ?? 0) <= OPEN_ENTRIES_MAX));
  const [count, setCount] = useState(ENTRIES_MAX);
  const label = name === null ? null : <span className="json-name">{name}: </span>;
  if (entries === null) {
    return (
      <div className="json-leaf">
        {label}
        <code className={typeof value === "string" ? "ansi-green" : "ansi-blue"}>{JSON.stringify(value)}</code>
      </div>
    );
  }
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {label}
        <span className="muted">
          {open}
          {entries.length} {entries.length === 1 ? "entry" : "entries"}
          {close}
        </span>
      </summary>
      {isOpen && (
        <div className="json-inner">
          {entries.slice(0, count).map(([key, one]) => (
            <Node key={key} name={key} value={one} depth={depth + 1} />
          ))}
          {entries.length > count && (
            <button type="button" className="button small" onClick={() => setCount(count + 1000)}>
              Show more of {entries.length}
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function entriesOf(value: unknown): [string, unknown][] | null {
  return value !== null && typeof value === "object" ? Object.entries(value) : null;
}
