import { useState } from "react";
import type { Draft } from "../../api/drafts";
import { forgetUnsaved } from "./unsaved";
import type { DraftWork } from "./useDraftWork";
import type { Saving } from "./useSaving";

interface ConflictProps {
  saving: Saving;
  stored: Draft;
  work: DraftWork;
  onAdopt(draft: Draft): void;
}

/** What stands in the way of saving, and what may be done about it. Nothing is thrown away unasked. */
export function Conflict({ saving, stored, work, onAdopt }: ConflictProps) {
  const [isAsked, setAsked] = useState(
    () => work.recovered !== null && work.recovered.revision !== stored.revision && work.recovered.text !== stored.text,
  );
  const { other } = saving;
  if (saving.state === "reading") {
    return (
      <div className="notice designer-notice" role="status">
        <span>
          {other?.held_by ?? "Somebody"} edits this draft in another tab or browser. Here it can be read
          {other !== null && other.revision !== stored.revision ? ", and is of before" : ""}.
        </span>
        {other !== null && other.revision !== stored.revision && (
          <button type="button" className="button" onClick={() => onAdopt(other)}>
            Show what it is now
          </button>
        )}
        <button type="button" className="button" onClick={saving.takeOver}>
          Take over
        </button>
      </div>
    );
  }
  if (saving.state === "stale" && other !== null) {
    return (
      <div className="notice designer-notice" role="alert">
        <span>The draft was changed elsewhere since. What you see here is not saved.</span>
        <button
          type="button"
          className="button"
          onClick={() => {
            forgetUnsaved(stored.id);
            onAdopt(other);
          }}
        >
          Take theirs
        </button>
        <button type="button" className="button" onClick={saving.overwrite}>
          Keep mine
        </button>
      </div>
    );
  }
  if (saving.state === "offline") {
    return (
      <div className="notice designer-notice" role="alert">
        <span>
          It could not be saved, and is kept in this browser until it can:{" "}
          {saving.problem instanceof Error ? saving.problem.message : String(saving.problem)}
        </span>
        <button type="button" className="button" onClick={saving.flush}>
          Try now
        </button>
      </div>
    );
  }
  const recovered = work.recovered;
  if (isAsked && recovered !== null) {
    return (
      <div className="notice designer-notice" role="alert">
        <span>
          This browser has a change of this draft that never reached the server, and the draft has changed since.
        </span>
        <button
          type="button"
          className="button"
          onClick={() => {
            setAsked(false);
            work.edit({ kind: "replace-text", text: recovered.text });
          }}
        >
          Use the change
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            setAsked(false);
            forgetUnsaved(stored.id);
          }}
        >
          Forget it
        </button>
      </div>
    );
  }
  return null;
}
