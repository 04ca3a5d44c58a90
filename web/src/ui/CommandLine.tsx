import { Copy } from "./Copy";

/** The same as a line to type, to be copied. */
export function CommandLine({ text }: { text: string }) {
  return (
    <div className="command-line">
      <code>{text}</code>
      <Copy text={text} />
    </div>
  );
}
