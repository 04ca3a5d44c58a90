import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/client";
import { createDraft, type Draft, saveDraft } from "../../api/drafts";
import { inWorkspace } from "../../app/workspace";
import { Failure } from "../../ui/Failure";
import { holderOfTab } from "./holder";
import { forgetUnsaved } from "./unsaved";
import type { DraftWork } from "./useDraftWork";
import type { Saving } from "./useSaving";

/** What the notice itself says. */
const AWAY: ReadonlySet<string> = new Set(["draft-archived", "no-such-draft"]);

interface ConflictProps {
  workspace: string;
  name: string;
  saving: Saving;
  stored: Draft;
  work: DraftWork;
  onAdopt(draft: Draft): void;
}

/** What stands in the way of saving, and what may be done about it. Nothing is thrown away unasked. */
export function Conflict({ workspace, name, saving, stored, work, onAdopt }: ConflictProps) {
  const navigate = useNavigate();
  const copy = useMutation({
    mutationFn: async () => {
      const { text } = work.history.now.draft;
      // Of one that is only put away, the files beside it can be had as well.
      const made = await createDraft(
        workspace,
        saving.state === "archived" ? { name, draft: stored.id } : { name, text },
      );
      const holder = holderOfTab();
      return made.text === text ? made : saveDraft(workspace, made.id, { revision: made.revision, holder, text });
    },
    onSuccess: (made) => {
      forgetUnsaved(stored.id);
      navigate({ to: "/designer/$draft", params: { draft: made.id }, search: inWorkspace(workspace) });
    },
  });
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
  if (saving.state === "archived" || saving.state === "gone") {
    return (
      <div className="notice bad designer-notice" role="alert">
        <span>
          {saving.state === "archived"
            ? "This draft was deleted elsewhere. What you see is kept here, and nothing is saved until it is brought back."
            : "This draft was deleted elsewhere, for good. What you see is only in this browser now."}
        </span>
        <Failure
          problem={saving.problem instanceof ApiError && AWAY.has(saving.problem.code) ? null : saving.problem}
        />
        {saving.state === "archived" && (
          <button type="button" className="button primary" onClick={saving.bringBack}>
            Bring it back
          </button>
        )}
        <button type="button" className="button" disabled={copy.isPending} onClick={() => copy.mutate()}>
          Keep it as a new draft
        </button>
        <Failure problem={copy.error} />
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
