import { IconDots } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import "./dialog.css";

export interface MenuItem {
  id: string;
  label: string;
  /** Why it cannot be chosen now; it stays to be read. */
  refusal?: string | undefined;
  onChoose(): void;
}

/** A button that opens a list of actions, with the keys that WAI-ARIA names for it. Null is a line between groups. */
export function Menu({ label, items }: { label: string; items: readonly (MenuItem | null)[] }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const buttons = () => [...(root.current?.querySelectorAll<HTMLButtonElement>('[role="menuitem"]') ?? [])];
  useEffect(() => {
    if (!isOpen) {
      return;
    }
    root.current?.querySelector<HTMLButtonElement>('[role="menuitem"]')?.focus();
    const leave = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLButtonElement>("[aria-haspopup]")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") {
      setOpen(false);
    } else if (next !== undefined) {
      event.preventDefault();
      all[(next + all.length) % all.length]?.focus();
    }
  };
  return (
    <div className="menu" ref={root}>
      <button
        type="button"
        className="button icon"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!isOpen)}
      >
        <IconDots size={16} aria-hidden="true" />
      </button>
      {isOpen && (
        <div className="menu-list" role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
          {items.map((item, place) =>
            item === null ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing but their place.
              <span key={place} className="menu-line" />
            ) : (
              <button
                type="button"
                role="menuitem"
                className="menu-item"
                key={item.id}
                tabIndex={-1}
                aria-disabled={item.refusal !== undefined}
                title={item.refusal}
                onClick={() => {
                  if (item.refusal === undefined) {
                    close();
                    item.onChoose();
                  }
                }}
              >
                {item.label}
                {item.refusal !== undefined && <span className="small muted">{item.refusal}</span>}
              </button>
            ),
          )}
        </div>
      )}
    </div>
  );
}
