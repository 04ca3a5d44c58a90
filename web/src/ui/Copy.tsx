import { IconCopy } from "@tabler/icons-react";
import { useState } from "react";

/** Puts a text on the clipboard and says so. */
export function Copy({ text, label = "Copy" }: { text: string; label?: string }) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" className="button plain small" onClick={copy} title={text}>
      <IconCopy size={14} aria-hidden="true" />
      {isDone ? "Copied" : label}
    </button>
  );
}
