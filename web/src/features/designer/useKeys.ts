import { useEffect, useRef } from "react";
import type { Actions } from "./useActions";

const NUDGE = 4;
const WAYS: Record<string, [number, number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** The keys of the Designer. In a field or in the text, a key is what it is there. */
export function useKeys(actions: Actions): void {
  const newest = useRef(actions);
  useEffect(() => {
    newest.current = actions;
  });
  useEffect(() => {
    const stop = new AbortController();
    addEventListener(
      "keydown",
      (event) => {
        const isCommand = event.ctrlKey || event.metaKey;
        const isEverywhere = event.key === "F8" || (isCommand && (event.key === "Enter" || event.key === "s"));
        if (document.querySelector("dialog[open]") || (isWriting(event) && !isEverywhere)) {
          return;
        }
        if (pressed(event, isCommand, newest.current)) {
          event.preventDefault();
          event.stopPropagation();
        }
      },
      { signal: stop.signal, capture: true },
    );
    for (const name of ["copy", "cut", "paste"] as const) {
      addEventListener(
        name,
        (event) => {
          if (document.querySelector("dialog[open]") || isWriting(event) || !getSelection()?.isCollapsed) {
            return;
          }
          const pasted = event.clipboardData?.getData("text/plain") ?? "";
          event.preventDefault();
          if (name === "paste") {
            if (!newest.current.isReadOnly && pasted !== "") {
              newest.current.paste(pasted);
            }
          } else if (name === "copy" || !newest.current.isReadOnly) {
            void newest.current[name]();
          }
        },
        { signal: stop.signal },
      );
    }
    return () => stop.abort();
  }, []);
}

/** Whether the key did something. */
function pressed(event: KeyboardEvent, isCommand: boolean, actions: Actions): boolean {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "F8") {
    actions.nextProblem(event.shiftKey ? -1 : 1);
    return true;
  }
  const way = WAYS[key];
  if (event.altKey && way !== undefined && !actions.isReadOnly) {
    const far = event.shiftKey ? 10 * NUDGE : NUDGE;
    actions.nudge({ x: way[0] * far, y: way[1] * far });
    return true;
  }
  const found = isCommand ? COMMANDS[event.shiftKey ? `shift ${key}` : key] : event.altKey ? undefined : PLAIN[key];
  if (found === undefined || (actions.isReadOnly && !READING.has(key))) {
    return false;
  }
  found(actions);
  return true;
}

const READING = new Set(["y", "s", "e", "i", "Enter"]);
const COMMANDS: Record<string, (actions: Actions) => void> = {
  z: (actions) => actions.undo(),
  "shift z": (actions) => actions.redo(),
  y: (actions) => actions.redo(),
  d: (actions) => actions.duplicate(),
  g: (actions) => actions.group(),
  a: (actions) => actions.selectAll(),
  // It is saved by itself; the browser's own page of files is not what was meant.
  s: () => undefined,
  Enter: (actions) => actions.submit(),
};
const PLAIN: Record<string, (actions: Actions) => void> = {
  a: (actions) => actions.add(),
  c: (actions) => actions.wire(),
  e: (actions) => actions.fold(),
  i: (actions) => actions.goInside(),
  y: (actions) => actions.toggleText(),
  Delete: (actions) => actions.remove(),
  Backspace: (actions) => actions.remove(),
};

function isWriting(event: Event): boolean {
  return event
    .composedPath()
    .some(
      (one) => one instanceof HTMLElement && (one.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(one.tagName)),
    );
}
