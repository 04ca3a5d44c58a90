import { type FormEvent, useState } from "react";
import { readLog } from "../../api/jobs";

const FOUND_MAX = 1000;

interface LogSearchProps {
  workspace: string;
  name: string;
  /** Whose log, of several processes. */
  rank: number | undefined;
  onGo(line: number): void;
}

/** Finds lines on the server and walks from one to the next. */
export function LogSearch({ workspace, name, rank, onGo }: LogSearchProps) {
  const [text, setText] = useState("");
  const [searched, setSearched] = useState("");
  const [found, setFound] = useState<number[]>([]);
  const [at, setAt] = useState(0);

  const go = (position: number, lines: readonly number[]) => {
    const line = lines[position];
    if (line !== undefined) {
      setAt(position);
      onGo(line);
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (text === "") {
      setFound([]);
      setSearched("");
      return;
    }
    if (text === searched) {
      go((at + 1) % Math.max(1, found.length), found);
      return;
    }
    const page = await readLog(workspace, name, {
      from: 1,
      count: FOUND_MAX,
      search: text,
      ...(rank === undefined ? {} : { rank }),
    });
    const lines = page.value.map((line) => line.line);
    setSearched(text);
    setFound(lines);
    go(0, lines);
  };
  return (
    <search>
      <form className="log-search" onSubmit={submit}>
        <input
          className="field"
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Search the log"
          aria-label="Search the log"
        />
        {searched !== "" && (
          <span className="muted small" role="status">
            {found.length === 0
              ? "nothing found"
              : `${at + 1} of ${found.length}${found.length === FOUND_MAX ? "+" : ""}`}
          </span>
        )}
        {found.length > 1 && (
          <>
            <button
              type="button"
              className="button plain icon"
              aria-label="Previous match"
              onClick={() => go((at - 1 + found.length) % found.length, found)}
            >
              ↑
            </button>
            <button
              type="button"
              className="button plain icon"
              aria-label="Next match"
              onClick={() => go((at + 1) % found.length, found)}
            >
              ↓
            </button>
          </>
        )}
      </form>
    </search>
  );
}
