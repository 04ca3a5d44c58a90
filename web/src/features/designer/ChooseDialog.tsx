import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Dialog } from "../../ui/Dialog";

export interface Choice {
  id: string;
  title: string;
  note?: string | undefined;
  /** Why it cannot be chosen. */
  refusal?: string | undefined;
}

interface ChooseDialogProps {
  title: string;
  choices: readonly Choice[];
  /** Said when there is nothing to choose from. */
  empty: string;
  onChoose(id: string): void;
  onClose(): void;
}

const SHOWN = 200;

/** One of many, found by typing: what fits a wire, where a wire may go. */
export function ChooseDialog({ title, choices, empty, onChoose, onClose }: ChooseDialogProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const isEmpty = choices.length === 0;
  // The dialog opens with the focus on its first button; the field is there when there is something to choose.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the field comes with the choices.
  useEffect(() => field.current?.focus(), [isEmpty]);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = choices
    .filter((one) => words.every((word) => `${one.title} ${one.note ?? ""}`.toLowerCase().includes(word)))
    .slice(0, SHOWN);
  const chosen = Math.min(at, Math.max(0, found.length - 1));
  const take = (choice: Choice | undefined) => {
    if (choice !== undefined && choice.refusal === undefined) {
      onClose();
      onChoose(choice.id);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = { ArrowDown: chosen + 1, ArrowUp: chosen - 1 }[event.key];
    if (next !== undefined && found.length > 0) {
      event.preventDefault();
      const wanted = (next + found.length) % found.length;
      setAt(wanted);
      list.current?.children[wanted]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(found[chosen]);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {isEmpty ? (
        <p>{empty}</p>
      ) : (
        <div className="stack">
          <input
            className="field"
            ref={field}
            role="combobox"
            aria-label={title}
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={found.length === 0 ? undefined : `${id}-${chosen}`}
            placeholder="Type to find"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
          <div className="choices" role="listbox" id={`${id}-list`} aria-label={title} ref={list}>
            {found.map((choice, place) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys.
              <div
                key={choice.id}
                id={`${id}-${place}`}
                role="option"
                tabIndex={-1}
                className="choice"
                aria-selected={place === chosen}
                aria-disabled={choice.refusal !== undefined}
                onClick={() => take(choice)}
              >
                <span>{choice.title}</span>
                <span className="muted small">{choice.refusal ?? choice.note}</span>
              </div>
            ))}
          </div>
          {found.length === 0 && <p className="muted">Nothing is called so.</p>}
        </div>
      )}
    </Dialog>
  );
}
