import { type KeyboardEvent, useMemo, useRef } from "react";
import type { ProblemCount } from "../../canvas/DraftCanvas";
import type { Step } from "../../domain/draft/pipeline";

interface DraftOutlineProps {
  steps: readonly Step[];
  selected: readonly string[];
  problems: ReadonlyMap<string, ProblemCount>;
  onSelect(key: string): void;
  onOpen(key: string): void;
}

/** The steps as a list: the same as the picture, for who does not see it. */
export function DraftOutline({ steps, selected, problems, onSelect, onOpen }: DraftOutlineProps) {
  const list = useRef<HTMLElement>(null);
  const chosen = useMemo(() => new Set(selected), [selected]);
  const walk = (event: KeyboardEvent) => {
    const rows = [...(list.current?.querySelectorAll<HTMLButtonElement>("[data-step]") ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = next === undefined ? undefined : rows[next];
    if (row !== undefined) {
      event.preventDefault();
      row.focus();
      onSelect(row.dataset.step as string);
    }
  };
  return (
    <nav className="draft-outline" aria-label="Outline of the draft" ref={list} onKeyDown={walk}>
      {steps.length === 0 && <p className="muted">There are no steps yet.</p>}
      <ul>
        {steps.map((step) => {
          const count = problems.get(step.key);
          return (
            <li key={step.key} style={{ paddingLeft: 14 * (step.key.split("/").length - 1) }}>
              <button
                type="button"
                className="draft-outline-step"
                data-step={step.key}
                aria-current={chosen.has(step.key) ? "true" : undefined}
                onClick={() => onSelect(step.key)}
                onDoubleClick={() => onOpen(step.key)}
              >
                {step.name}
                {count !== undefined && count.errors > 0 && (
                  <span className="tone-bad small">
                    {" "}
                    {count.errors} {count.errors === 1 ? "error" : "errors"}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
