import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { fileAddress, readLog } from "../../api/jobs";
import { piecesOf } from "../../domain/ansi";
import { Trouble } from "../../ui/Trouble";
import { LogSearch } from "./LogSearch";
import { LogBook } from "./log-book";

const LINE_HEIGHT = 18;
/** Browsers draw no taller element; above it the scroll bar is scaled. */
const TRACK_MAX = 6_000_000;
const WHEEL_LINES = 3;
const POLL_MS = 700;

interface LogViewerProps {
  workspace: string;
  name: string;
  /** Number of a line to show, from the address. */
  line: number | undefined;
  isBegun: boolean;
  /** Of several processes, whose log; undefined: there is one log. */
  rank?: number | undefined;
  onLine(line: number | undefined): void;
}

/** A log of any length: lines are asked for as they come into view, the file never. */
export function LogViewer({ workspace, name, line, isBegun, rank, onLine }: LogViewerProps) {
  const [book] = useState(() => {
    const whose = rank === undefined ? {} : { rank };
    return new LogBook((from, count, signal) => readLog(workspace, name, { from, count, ...whose }, signal));
  });
  const log = useLog(book);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(scroller);
  const [first, setFirst] = useState(() => (line === undefined ? 0 : Math.max(0, line - 5)));
  const [isFollowing, setFollowing] = useState(line === undefined);
  const [isWrapped, setWrapped] = useState(false);
  const last = Math.max(0, log.lineCount - rows);
  const shown = isFollowing ? last : Math.min(first, last);

  const go = useCallback(
    (to: number) => {
      const next = Math.max(0, Math.min(Math.round(to), last));
      setFirst(next);
      setFollowing(next >= last);
    },
    [last],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a log that has grown has lines that were not there.
  useEffect(() => book.want(shown, rows), [book, shown, rows, log.lineCount]);
  const placed = useTrack(scroller, shown, last, log.lineCount);
  useWheelLines(scroller, (lines) => go(shown + lines));

  const goTo = (number: number) => {
    go(number - 4);
    onLine(number);
  };
  const onScroll = () => {
    const element = scroller.current;
    // Where we put the bar ourselves nobody has scrolled: only the window may have changed since.
    if (element === null || element.scrollTop === placed.current) {
      return;
    }
    placed.current = null;
    const to = lineAt(element, last);
    if (Math.abs(to - shown) > 1) {
      go(to);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = {
      g: 0,
      Home: 0,
      G: last,
      End: last,
      F: last,
      ArrowDown: shown + 1,
      ArrowUp: shown - 1,
      PageDown: shown + rows,
      PageUp: shown - rows,
    }[event.key];
    if (to !== undefined && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      go(to);
    } else if (event.key === "w" && !(event.target instanceof HTMLInputElement)) {
      setWrapped(!isWrapped);
    }
  };
  if (log.problem !== null && log.lineCount === 0) {
    return isBegun ? <Trouble what="The log" problem={log.problem} onRetry={() => book.refresh()} /> : <NotBegun />;
  }
  if (log.isLoaded && log.lineCount === 0) {
    return isBegun ? (
      <p className="log-empty muted">{log.isComplete ? "The step wrote nothing." : "Nothing was written yet."}</p>
    ) : (
      <NotBegun />
    );
  }
  const count = Math.min(rows + 1, log.lineCount - shown);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the log as a whole; what can be pressed are buttons.
    <div className="log" onKeyDown={onKeyDown}>
      <div className="log-tools">
        <LogSearch workspace={workspace} name={name} rank={rank} onGo={goTo} />
        <button
          type="button"
          className="button small"
          aria-pressed={isWrapped}
          onClick={() => setWrapped(!isWrapped)}
          title="Wrap long lines (w)"
        >
          Wrap
        </button>
        <button
          type="button"
          className="button small"
          aria-pressed={isFollowing}
          onClick={() => go(isFollowing ? shown : last)}
          title="Stay at the end (F)"
        >
          {log.isComplete ? "End" : "Follow"}
        </button>
        <span className="muted small">
          {log.lineCount === 1 ? "1 line" : `${log.lineCount.toLocaleString()} lines`}
        </span>
        <a className="small" href={fileAddress(workspace, name, logFile(rank))} download={`${name}.log`}>
          Download
        </a>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys. */}
      <section className="log-scroll" ref={scroller} onScroll={onScroll} tabIndex={0} aria-label="Log">
        <div className="log-track" style={{ height: Math.min(TRACK_MAX, log.lineCount * LINE_HEIGHT) }} />
        <ol className={`log-lines${isWrapped ? " wrapped" : ""}`} start={shown + 1}>
          {Array.from({ length: Math.max(0, count) }, (_, at) => shown + at + 1).map((number) => (
            <LogLine key={number} number={number} text={book.line(number)} isMarked={number === line} onLine={onLine} />
          ))}
        </ol>
      </section>
    </div>
  );
}

/** Where a log lies among the job's files: each of several processes has its own. */
const logFile = (rank: number | undefined): string =>
  `user_logs/std_log${rank === undefined ? "" : `_process_${rank}`}.txt`;

function NotBegun() {
  return <p className="log-empty muted">No output yet: the step has not begun.</p>;
}

function LogLine({
  number,
  text,
  isMarked,
  onLine,
}: {
  number: number;
  text: string | undefined;
  isMarked: boolean;
  onLine(line: number): void;
}) {
  return (
    <li className={isMarked ? "marked" : ""}>
      <button
        type="button"
        className="line-number"
        tabIndex={-1}
        onClick={() => onLine(number)}
        aria-label={`Link to line ${number}`}
      >
        {number}
      </button>
      <span className="line-text">
        {text === undefined
          ? "…"
          : piecesOf(text).map((piece, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces have nothing but their place.
              <span key={at} className={piece.className}>
                {piece.text}
              </span>
            ))}
      </span>
    </li>
  );
}

/** The book's state, looked at anew while the step writes. */
function useLog(book: LogBook) {
  const [log, setLog] = useState(book.state);
  useEffect(() => book.listen(setLog), [book]);
  useEffect(() => {
    if (log.isComplete) {
      return;
    }
    const timer = setInterval(() => book.refresh(), POLL_MS);
    return () => clearInterval(timer);
  }, [book, log.isComplete]);
  return log;
}

function useRows(scroller: React.RefObject<HTMLElement | null>): number {
  const [rows, setRows] = useState(30);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() => setRows(Math.max(1, Math.floor(element.clientHeight / LINE_HEIGHT))));
    observer.observe(element);
    return () => observer.disconnect();
  });
  return rows;
}

/** Keep the scroll bar where the shown lines are. Returns where it was put, until somebody scrolls. */
function useTrack(scroller: React.RefObject<HTMLElement | null>, shown: number, last: number, count: number) {
  const placed = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the track's height follows the number of lines.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && Math.abs(lineAt(element, last) - shown) > 0.5) {
      element.scrollTop = last === 0 ? 0 : (shown / last) * (element.scrollHeight - element.clientHeight);
      placed.current = element.scrollTop;
    }
  }, [scroller, shown, last, count]);
  return placed;
}

function lineAt(element: HTMLElement, last: number): number {
  const room = element.scrollHeight - element.clientHeight;
  return room <= 0 ? 0 : (element.scrollTop / room) * last;
}

/** A notch moves by lines: where the bar is scaled, pixels would skip thousands. */
function useWheelLines(scroller: React.RefObject<HTMLElement | null>, onLines: (lines: number) => void): void {
  const newest = useRef(onLines);
  useEffect(() => {
    newest.current = onLines;
  });
  useEffect(() => {
    const element = scroller.current;
    if (element === null) {
      return;
    }
    const turn = (event: WheelEvent) => {
      if (event.deltaX === 0 && !event.ctrlKey) {
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY : event.deltaY / 100;
        newest.current(Math.sign(lines) * Math.max(1, Math.round(Math.abs(lines) * WHEEL_LINES)));
      }
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  });
}
