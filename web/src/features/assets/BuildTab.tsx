import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { versionQuery } from "../../api/assets";
import { beginBuild, readBuild } from "../../api/environments";
import type { EnvironmentState } from "../../api/schema.gen";
import { sizeText, timeText } from "../../domain/format";
import { Copy } from "../../ui/Copy";
import type { PartProps } from "./part";

const LOOK_MS = 500;
const OVER = new Set(["succeeded", "failed"]);
const TONE: Record<string, string> = { succeeded: "tone-good", failed: "tone-bad", building: "tone-busy" };

/** How far an environment is on this machine, what was installed, and the log of making it, as it is written. */
export function BuildTab({ kind, asset, workspace }: PartProps) {
  const client = useQueryClient();
  const { queryKey } = versionQuery(workspace, kind, asset.name, asset.version);
  const state = asset.build;
  const begin = useMutation({
    mutationFn: () => beginBuild(workspace, asset.name, asset.version),
    onSuccess: () => client.invalidateQueries({ queryKey, exact: true }),
  });
  if (state === undefined) {
    return <p className="muted">This server makes no environments.</p>;
  }
  const isGoing = state.started_at !== undefined && !OVER.has(state.state);
  const command = `pipeyard environment build ${asset.name} --version ${asset.version}`;
  return (
    <div className="stack">
      <div className="row">
        <span className={`pill framed ${TONE[state.state] ?? "tone-waiting"}`}>{state.state}</span>
        {state.state !== "succeeded" && !isGoing && (
          <button
            type="button"
            className="button primary"
            disabled={begin.isPending || (state.error !== undefined && state.state === "not built")}
            onClick={() => begin.mutate()}
          >
            {state.state === "failed" ? "Build again" : "Build now"}
          </button>
        )}
        <Copy text={command} label="Copy as command" />
      </div>
      {begin.isError && (
        <div className="notice bad" role="alert">
          {begin.error.message}
        </div>
      )}
      {state.error && (
        <div className="notice bad" role="alert">
          {state.error.message}
          {state.error.hint !== null && ` – ${state.error.hint}`}
        </div>
      )}
      {state.warning !== null && <div className="notice">{state.warning}</div>}
      <Facts state={state} />
      {state.lock !== undefined && state.lock.length > 0 && (
        <>
          <div className="row">
            <h2>What was installed</h2>
            <Copy text={state.lock.join("\n")} />
          </div>
          <pre className="code-block build-lock">{state.lock.join("\n")}</pre>
        </>
      )}
      {state.started_at !== undefined && (
        <BuildLog
          key={`${state.digest} ${state.started_at}`}
          digest={state.digest}
          onOver={() => client.invalidateQueries({ queryKey, exact: true })}
          isGoing={isGoing}
        />
      )}
    </div>
  );
}

function Facts({ state }: { state: EnvironmentState }) {
  return (
    <dl className="facts">
      <dt>Made with</dt>
      <dd>{state.resolved_by}</dd>
      <dt>Digest</dt>
      <dd>
        <code>{state.digest}</code>
      </dd>
      {state.started_at != null && (
        <>
          <dt>Begun</dt>
          <dd>{timeText(state.started_at)}</dd>
        </>
      )}
      {state.ended_at != null && (
        <>
          <dt>Ended</dt>
          <dd>{timeText(state.ended_at)}</dd>
        </>
      )}
      {state.last_used_at != null && (
        <>
          <dt>Last used</dt>
          <dd>{timeText(state.last_used_at)}</dd>
        </>
      )}
      {state.size != null && (
        <>
          <dt>Size</dt>
          <dd>{sizeText(state.size)}</dd>
        </>
      )}
    </dl>
  );
}

interface BuildLogProps {
  digest: string;
  isGoing: boolean;
  onOver(): void;
}

function BuildLog({ digest, isGoing, onOver }: BuildLogProps) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const box = useRef<HTMLPreElement>(null);
  // What the page says when the log has ended: a quick build is over at the first look.
  const newest = useRef({ isGoing, onOver });
  useEffect(() => {
    newest.current = { isGoing, onOver };
  });
  useEffect(() => {
    const stop = new AbortController();
    followBuild(digest, stop.signal, (lines) => setText((before) => before + lines))
      .then(() => newest.current.isGoing && newest.current.onOver())
      .catch((error: unknown) => !stop.signal.aborted && setProblem(String(error)));
    return () => stop.abort();
  }, [digest]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text moves the end.
  useEffect(() => {
    const element = box.current;
    if (element !== null && isGoing) {
      element.scrollTop = element.scrollHeight;
    }
  }, [text, isGoing]);
  return (
    <>
      <h2>Log</h2>
      {problem !== null && <p className="tone-bad">{problem}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys. */}
      <pre className="code-block build-log wrapped" ref={box} tabIndex={0}>
        {text === "" ? (isGoing ? "…" : "It wrote nothing.") : text}
      </pre>
    </>
  );
}

/** Read a build's log to its end. */
async function followBuild(digest: string, signal: AbortSignal, onLines: (text: string) => void): Promise<void> {
  let from = 0;
  for (;;) {
    const build = await readBuild(digest, from, signal);
    signal.throwIfAborted();
    from = build.log_next;
    if (build.log !== "") {
      onLines(build.log);
    } else if (OVER.has(build.state)) {
      return;
    }
    if (!OVER.has(build.state)) {
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
  }
}
