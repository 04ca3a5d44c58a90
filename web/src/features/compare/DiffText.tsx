import "./compare.css";

/** A unified difference: sign, colour and line of each. */
export function DiffText({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys.
    <section className="diff" tabIndex={0} aria-label={label}>
      <pre>
        {text.split("\n").map((line, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing but their place.
          <span key={place} className={KINDS[line[0] ?? " "]}>
            {line}
            {"\n"}
          </span>
        ))}
      </pre>
    </section>
  );
}

const KINDS: Record<string, string> = { "+": "diff-in", "-": "diff-out", "@": "diff-where" };
