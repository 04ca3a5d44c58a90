/** One tag: its name, and its value if it has one. */
export function Tag({ name, value }: { name: string; value: string }) {
  return (
    <span className="tag">
      {name}
      {value !== "" && <span className="muted">{value}</span>}
    </span>
  );
}
