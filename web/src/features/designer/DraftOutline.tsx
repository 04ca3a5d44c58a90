import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { type KeyboardEvent, type MouseEvent, useMemo, useRef } from "react";
import type { ProblemCount } from "../../canvas/DraftCanvas";
import type { Step } from "../../domain/draft/pipeline";
import { isInsideOf, scopeOfBox } from "../../domain/draft/spots";
import type { Folds } from "./useFolds";

const STEP_IN = 14;
/** Of the button before those that can be opened. */
const FOLD_WIDTH = 24;

interface DraftOutlineProps {
  /** Also those that are only shown. */
  steps: readonly Step[];
  folds: Folds;
  /** The pipeline that the picture shows. */
  scope: string;
  selected: readonly string[];
  problems: ReadonlyMap<string, ProblemCount>;
  onSelect(keys: readonly string[]): void;
  /** Select one, and bring it into the picture. */
  onLocate(key: string): void;
  onOpen(key: string): void;
}

/** The steps as a list: the same as the picture, for who does not see it. */
export function DraftOutline(props: DraftOutlineProps) {
  const { steps, folds, scope, selected, problems, onSelect, onLocate, onOpen } = props;
  const list = useRef<HTMLElement>(null);
  const chosen = useMemo(() => new Set(selected), [selected]);
  const rows = useMemo(() => shownSteps(steps, folds, scope), [steps, folds, scope]);
  const hasFolds = rows.some((step) => folds.canFold(step.key));
  const indentOf = ({ key }: Step) =>
    STEP_IN * (key.split("/").length - 1) + (hasFolds && !folds.canFold(key) ? FOLD_WIDTH : 0);
  const isOwn = (step: Step) => !folds.foreign.has(step.scope);
  const extend = (key: string) => onSelect([...selected.filter((one) => one !== key), key]);
  const press = (event: MouseEvent, key: string) => {
    const last = rows.findIndex((step) => step.key === selected.at(-1));
    const at = rows.findIndex((step) => step.key === key);
    if (event.ctrlKey || event.metaKey) {
      onSelect(chosen.has(key) ? selected.filter((one) => one !== key) : [...selected, key]);
    } else if (event.shiftKey && last >= 0) {
      const between = rows.slice(Math.min(last, at), Math.max(last, at) + 1).filter(isOwn);
      onSelect([...new Set([...selected, ...between.map((step) => step.key).filter((one) => one !== key), key])]);
    } else {
      onLocate(key);
    }
  };
  const walk = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>("[data-step]") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const key = buttons[at]?.dataset.step;
    if (key !== undefined && (event.key === "ArrowRight" || event.key === "ArrowLeft") && !event.altKey) {
      event.preventDefault();
      if (folds.canFold(key) && folds.isOpen(key) === (event.key === "ArrowLeft")) {
        folds.toggle(key);
      } else if (event.key === "ArrowLeft") {
        buttons.find((one) => one.dataset.step === scopeOfBox(key))?.focus();
      }
      return;
    }
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    const row = next === undefined || event.altKey ? undefined : buttons[next];
    if (row !== undefined) {
      event.preventDefault();
      row.focus();
      const wanted = row.dataset.step as string;
      if (event.shiftKey) {
        extend(wanted);
      } else {
        onLocate(wanted);
      }
    }
  };
  return (
    <nav className="draft-outline" aria-label="Outline of the draft" ref={list} onKeyDown={walk}>
      {steps.length === 0 && <p className="muted">There are no steps yet.</p>}
      <ul>
        {rows.map((step) => {
          const count = problemsIn(step, problems, folds);
          return (
            <li key={step.key} className="draft-outline-row" style={{ paddingLeft: indentOf(step) }}>
              {folds.canFold(step.key) && (
                <button
                  type="button"
                  className="button plain icon draft-outline-fold"
                  tabIndex={-1}
                  aria-expanded={folds.isOpen(step.key)}
                  aria-label={`Steps of ${step.name}`}
                  onClick={() => folds.toggle(step.key)}
                >
                  {folds.isOpen(step.key) ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
                </button>
              )}
              {isOwn(step) ? (
                <button
                  type="button"
                  className="draft-outline-step"
                  data-step={step.key}
                  aria-current={chosen.has(step.key) ? "true" : undefined}
                  onClick={(event) => press(event, step.key)}
                  onDoubleClick={() => onOpen(step.key)}
                >
                  {step.name}
                  {count > 0 && (
                    <span className="tone-bad small">
                      {" "}
                      {count} {count === 1 ? "error" : "errors"}
                    </span>
                  )}
                </button>
              ) : (
                <span className="draft-outline-step foreign muted">{step.name}</span>
              )}
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** Without what is in pipelines that are closed; the picture's own pipeline is not closed. */
function shownSteps(steps: readonly Step[], folds: Folds, scope: string): Step[] {
  const closed = new Set<string>();
  for (const { key } of steps) {
    const isAround = scope === key || isInsideOf(scope, new Set([key]));
    if (folds.canFold(key) && !folds.isOpen(key) && !isAround) {
      closed.add(key);
    }
  }
  return closed.size === 0 ? [...steps] : steps.filter(({ key }) => !isInsideOf(key, closed));
}

/** A closed pipeline answers for what is in it. */
function problemsIn({ key }: Step, problems: ReadonlyMap<string, ProblemCount>, folds: Folds): number {
  const own = problems.get(key)?.errors ?? 0;
  if (!folds.canFold(key) || folds.isOpen(key)) {
    return own;
  }
  const inside = [...problems].filter(([one]) => isInsideOf(one, new Set([key])));
  return inside.reduce((sum, [, { errors }]) => sum + errors, own);
}
