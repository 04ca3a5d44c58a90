import { IconX } from "@tabler/icons-react";
import { useEffect, useId } from "react";
import { close, type Notice, undo, undoable, useNotices } from "./notices";
import "./notices.css";

const WRITING = "input, textarea, select, [contenteditable], [role=dialog]";

/** What was just done, read out when it appears. Nothing here goes by itself: nobody has to be quick. */
export function Notices() {
  const notices = useNotices();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
      // Where somebody writes, it takes back what was written; an editor takes it for itself.
      if (!isUndo || event.defaultPrevented || (event.target instanceof Element && event.target.closest(WRITING))) {
        return;
      }
      const newest = undoable();
      if (newest !== undefined) {
        event.preventDefault();
        undo(newest);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <section className="notices" aria-label="What was done" aria-live="polite" aria-relevant="additions">
      {notices.map((notice) => (
        <Line key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function Line({ notice }: { notice: Notice }) {
  const textId = useId();
  return (
    <div className={`notice-line${notice.isBad ? " tone-bad" : ""}`}>
      <span className="notice-text" id={textId}>
        {notice.text}
      </span>
      {notice.undo !== null && (
        <button
          type="button"
          className="button"
          title="Ctrl Z"
          aria-describedby={textId}
          aria-keyshortcuts="Control+Z"
          onClick={() => undo(notice)}
        >
          Undo
        </button>
      )}
      <button
        type="button"
        className="button plain icon"
        aria-label="Close the notice"
        onClick={() => close(notice.id)}
      >
        <IconX size={14} aria-hidden="true" />
      </button>
    </div>
  );
}
