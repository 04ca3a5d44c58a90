import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import "./dialog.css";

/** A question in front of the page. Escape and a press outside of it close it; the browser keeps the focus inside. */
export function Dialog({
  title,
  children,
  onClose,
  isWide = false,
}: {
  title: ReactNode;
  children: ReactNode;
  onClose(): void;
  isWide?: boolean;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // An element that is taken out of the page gives the focus back to nobody.
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it, and the browser's own.
    <dialog
      ref={element}
      className={`dialog${isWide ? " wide-dialog" : ""}`}
      aria-labelledby={name}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div className="dialog-inner">
        <div className="dialog-head">
          <h2 id={name}>{title}</h2>
          <button type="button" className="button plain icon" onClick={onClose} aria-label="Close">
            <IconX size={16} aria-hidden="true" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
