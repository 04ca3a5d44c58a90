import { IconArrowBackUp, IconArrowForwardUp, IconCode, IconPlayerPlay } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { exportAddress } from "../../api/drafts";
import { inWorkspace } from "../../app/workspace";
import { EditableText } from "../../ui/EditableText";
import { Menu } from "../../ui/Menu";
import type { Actions } from "./useActions";
import type { DraftWork } from "./useDraftWork";
import type { SaveState, Saving } from "./useSaving";

const WORDS: Record<SaveState, string> = {
  saved: "Saved",
  changed: "Not saved yet",
  saving: "Saving",
  offline: "Not saved",
  stale: "Not saved",
  reading: "Read only",
  archived: "Deleted",
  gone: "Deleted",
};

interface DesignerBarProps {
  workspace: string;
  id: string;
  name: string;
  onName(name: string): void;
  saving: Saving;
  work: DraftWork;
  hasText: boolean;
  isReadOnly: boolean;
  actions: Actions;
}

/** The draft's name, whether it is saved, and what can be done with the whole of it. */
export function DesignerBar(props: DesignerBarProps) {
  const { workspace, id, name, onName, saving, work, hasText, isReadOnly, actions } = props;
  const { past, future } = work.history;
  const [last, next] = [past.at(-1)?.label, future[0]?.label];
  return (
    <div className="designer-bar">
      <Link to="/designer" search={inWorkspace(workspace)} className="muted">
        Drafts
      </Link>
      <h1>
        <EditableText text={name} label="name of the draft" onSave={onName}>
          {name}
        </EditableText>
      </h1>
      <span className="muted small" role="status">
        {WORDS[saving.state]}
      </span>
      <span className="space" />
      <button
        type="button"
        className="button icon"
        aria-label={last === undefined ? "Undo" : `Undo: ${last}`}
        title={last === undefined ? "Nothing to undo" : `Undo: ${last} (Ctrl Z)`}
        disabled={last === undefined || isReadOnly}
        onClick={work.undo}
      >
        <IconArrowBackUp size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="button icon"
        aria-label={next === undefined ? "Redo" : `Redo: ${next}`}
        title={next === undefined ? "Nothing to redo" : `Redo: ${next} (Shift Ctrl Z)`}
        disabled={next === undefined || isReadOnly}
        onClick={work.redo}
      >
        <IconArrowForwardUp size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="button"
        aria-pressed={hasText}
        title="The text beside the picture (y)"
        onClick={actions.toggleText}
      >
        <IconCode size={16} aria-hidden="true" /> YAML
      </button>
      <Menu
        label="More"
        items={actions.menu(exportAddress(workspace, id, "yaml"), exportAddress(workspace, id, "zip"))}
      />
      <button type="button" className="button primary" title="Submit (Ctrl Enter)" onClick={actions.submit}>
        <IconPlayerPlay size={16} aria-hidden="true" /> Submit
      </button>
    </div>
  );
}
