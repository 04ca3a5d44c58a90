/** Text with the numbers of its lines: two elements, however long it is. */
export function FileText({ text }: { text: string }) {
  const count = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys.
    <section className="file-text" tabIndex={0} aria-label="Text of the file">
      <pre aria-hidden="true" className="file-numbers">
        {Array.from({ length: count }, (_, line) => line + 1).join("\n")}
      </pre>
      <pre>{text}</pre>
    </section>
  );
}
