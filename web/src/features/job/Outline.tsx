import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { outlineRows } from "../../domain/find";
import { parentOf, type Step } from "../../domain/job";
import { lookOf, withoutMark } from "../../domain/status";

const ROW_HEIGHT = 26;

interface OutlineProps {
  steps: readonly Step[];
  selected: string | null;
  find: string | undefined;
  found: readonly Step[];
  onLocate(key: string): void;
}

/** The steps as a tree beside the graph; a press brings the step into the middle of it. */
export function Outline({ steps, selected, find, found, onLocate }: OutlineProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(
    () => outlineRows(find === undefined ? steps : found, find === undefined ? closed : new Set()),
    [steps, found, find, closed],
  );
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const place = rows.findIndex(({ step }) => step.key === selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the selection, and nothing else.
  useEffect(() => {
    if (place >= 0) {
      virtual.scrollToIndex(place, { align: "auto" });
    }
  }, [selected]);
  const toggle = (key: string) => {
    const next = new Set(closed);
    if (!next.delete(key)) {
      next.add(key);
    }
    setClosed(next);
  };
  return (
    <nav className="outline" aria-label="Outline of the steps" ref={scroller}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) {
            return null;
          }
          const { step, depth, isGroup } = row;
          const look = lookOf(step.label);
          const Sign = closed.has(step.key) ? IconChevronRight : IconChevronDown;
          return (
            <li
              key={step.key}
              style={{
                transform: `translateY(${item.start}px)`,
                paddingLeft: 4 + (find === undefined ? depth * 14 : 0),
              }}
            >
              {isGroup && find === undefined ? (
                <button
                  type="button"
                  className="button plain icon outline-toggle"
                  aria-expanded={!closed.has(step.key)}
                  aria-label={`Steps of ${step.display_name}`}
                  onClick={() => toggle(step.key)}
                >
                  <Sign size={14} aria-hidden="true" />
                </button>
              ) : (
                <span className="outline-toggle" />
              )}
              <button
                type="button"
                className="outline-step"
                aria-current={step.key === selected}
                title={`${step.key}: ${withoutMark(step.label)}`}
                onClick={() => onLocate(step.key)}
              >
                <span className={`tone-${look.tone}`} aria-hidden="true">
                  {look.mark}
                </span>
                <span className="outline-name">
                  {find !== undefined && parentOf(step.key) !== "" && (
                    <span className="muted">{parentOf(step.key)}/</span>
                  )}
                  {step.display_name}
                </span>
                <span className="hidden">{withoutMark(step.label)}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {rows.length === 0 && <p className="muted small">No step is found.</p>}
    </nav>
  );
}
