import { lazy, Suspense, useState } from "react";

const Markdown = lazy(() => import("../../ui/Markdown"));

/** A description in Markdown, read and written in place. */
export function Description({ text, onSave }: { text: string; onSave(text: string): void }) {
  const [draft, setDraft] = useState<string | null>(null);
  const save = () => {
    if (draft !== null && draft !== text) {
      onSave(draft);
    }
    setDraft(null);
  };
  if (draft === null) {
    return (
      <section className="stack">
        <div className="row">
          <h2>Description</h2>
          <button type="button" className="button plain small" onClick={() => setDraft(text)}>
            Edit
          </button>
        </div>
        {text === "" ? (
          <p className="muted">None yet. Markdown is understood.</p>
        ) : (
          <Suspense fallback={<p>{text}</p>}>
            <Markdown text={text} />
          </Suspense>
        )}
      </section>
    );
  }
  return (
    <section className="stack">
      <h2>Description</h2>
      <textarea
        className="field"
        rows={8}
        value={draft}
        aria-label="Description, in Markdown"
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            save();
          } else if (event.key === "Escape") {
            setDraft(null);
          }
        }}
      />
      <div className="row">
        <button type="button" className="button primary" onClick={save}>
          Save
        </button>
        <button type="button" className="button" onClick={() => setDraft(null)}>
          Discard
        </button>
        <span className="muted small">Ctrl Enter saves</span>
      </div>
    </section>
  );
}
