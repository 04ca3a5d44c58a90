const WIDTHS = [62, 48, 75, 55, 68, 40, 58, 71];

/** Grey lines where text will be, after a moment. */
export function Skeleton({ lines }: { lines: number }) {
  return (
    <div role="status" aria-label="Loading" style={{ display: "grid", gap: 14, padding: 16 }}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines have nothing but their place.
        <div key={line} className="skeleton" style={{ width: `${WIDTHS[line % WIDTHS.length]}%` }} />
      ))}
    </div>
  );
}
