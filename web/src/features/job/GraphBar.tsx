import { IconLayoutSidebar } from "@tabler/icons-react";
import { type FormEvent, type KeyboardEvent, useEffect, useState } from "react";
import { lastPart, type Step } from "../../domain/job";

interface GraphBarProps {
  steps: ReadonlyMap<string, Step>;
  jobName: string;
  /** The nested pipeline that is shown; "": all of the job. */
  around: string;
  selected: string | null;
  find: string | undefined;
  found: readonly Step[];
  hasOutline: boolean;
  onOutline(isOpen: boolean): void;
  onInside(key: string): void;
  onFind(text: string | undefined): void;
  onLocate(key: string): void;
}

/** Above the graph: where in it one is, and what one looks for. */
export function GraphBar(props: GraphBarProps) {
  const { steps, jobName, around, selected, hasOutline, onOutline, onInside } = props;
  const parts = around === "" ? [] : around.split("/");
  const canEnter = selected !== null && selected !== around && steps.get(selected)?.kind === "pipeline";
  return (
    <div className="graph-bar">
      <button
        type="button"
        className="button small"
        aria-pressed={hasOutline}
        onClick={() => onOutline(!hasOutline)}
        title="Show the steps as a tree"
      >
        <IconLayoutSidebar size={15} aria-hidden="true" /> Outline
      </button>
      {parts.length > 0 && (
        <nav aria-label="Nested pipelines" className="crumbs-row">
          <button type="button" className="link" onClick={() => onInside("")}>
            {jobName}
          </button>
          {parts.map((_, depth) => {
            const key = parts.slice(0, depth + 1).join("/");
            const name = steps.get(key)?.display_name ?? lastPart(key);
            return (
              <span key={key} className="crumbs-row">
                <span className="muted" aria-hidden="true">
                  /
                </span>
                {key === around ? (
                  <strong aria-current="page">{name}</strong>
                ) : (
                  <button type="button" className="link" onClick={() => onInside(key)}>
                    {name}
                  </button>
                )}
              </span>
            );
          })}
        </nav>
      )}
      {canEnter && (
        <button
          type="button"
          className="button small"
          onClick={() => onInside(selected)}
          title="Show only this pipeline (i)"
        >
          Go inside {lastPart(selected)}
        </button>
      )}
      <span className="space" />
      <Finder {...props} />
    </div>
  );
}

/** Marks what is found as it is typed; Enter walks from one to the next. */
function Finder({ find, found, onFind, onLocate }: GraphBarProps) {
  const [text, setText] = useState(find ?? "");
  const [at, setAt] = useState(-1);
  useEffect(() => setText(find ?? ""), [find]);
  const go = (by: number) => {
    const next = at === -1 && by > 0 ? 0 : (at + by + found.length) % Math.max(1, found.length);
    const step = found[next];
    if (step !== undefined) {
      setAt(next);
      onLocate(step.key);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && text !== "") {
      event.preventDefault();
      onFind(undefined);
      setAt(-1);
    } else if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      go(-1);
    }
  };
  return (
    <search>
      <form className="row" onSubmit={submit}>
        {find !== undefined && (
          <span className="muted small" role="status">
            {found.length === 0
              ? "none is found"
              : at >= 0
                ? `${Math.min(at, found.length - 1) + 1} of ${found.length}`
                : `${found.length} found`}
          </span>
        )}
        <input
          className="field"
          type="search"
          data-filter=""
          value={text}
          placeholder="Find a step, or a state"
          aria-label="Find a step in the graph"
          onChange={(event) => {
            setText(event.target.value);
            setAt(-1);
            onFind(event.target.value || undefined);
          }}
          onKeyDown={onKeyDown}
        />
        {found.length > 0 && (
          <>
            <button type="button" className="button plain icon" aria-label="Previous found step" onClick={() => go(-1)}>
              ↑
            </button>
            <button type="button" className="button plain icon" aria-label="Next found step" onClick={() => go(1)}>
              ↓
            </button>
          </>
        )}
      </form>
    </search>
  );
}
