import { IconPencil } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

/** A line of text that becomes a field where it stands. Enter keeps what was typed, Escape and leaving it empty do not. */
export function EditableText({
  text,
  label,
  onSave,
  children,
}: {
  text: string;
  label: string;
  onSave(text: string): void;
  children: ReactNode;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === null) {
    return (
      <span className="editable">
        {children}
        <button
          type="button"
          className="button plain icon"
          aria-label={`Change the ${label}`}
          title={`Change the ${label}`}
          onClick={() => setDraft(text)}
        >
          <IconPencil size={14} aria-hidden="true" />
        </button>
      </span>
    );
  }
  const save = () => {
    if (draft.trim() !== "" && draft !== text) {
      onSave(draft.trim());
    }
    setDraft(null);
  };
  return (
    <form
      className="editable"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <input
        className="field"
        // biome-ignore lint/a11y/noAutofocus: somebody has just asked to write here.
        autoFocus
        value={draft}
        aria-label={label}
        size={Math.min(60, Math.max(20, draft.length + 2))}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && setDraft(null)}
        onBlur={save}
      />
    </form>
  );
}
