import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { registryOf } from "../../api/client";
import { lineageGraphQuery } from "../../api/lineage";
import { LineageCanvas, type Way } from "../../canvas/LineageCanvas";
import { commandOf } from "../../domain/command";
import { lineagePicture, type Widening, widened } from "../../domain/lineage";
import { CommandLine } from "../../ui/CommandLine";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { LineageFilter } from "./LineageFilter";
import { LineageList } from "./LineageList";
import { LineagePanel } from "./LineagePanel";
import "../../ui/beside.css";
import "./lineage.css";

/** What of it stands in the address. */
export interface LineageSearch {
  /** Kinds of assets that are shown; absent: data, models and outputs. */
  kinds?: string[] | undefined;
  since?: string | undefined;
  /** Nodes of which more was asked for, on either side, in the order in which that was done. */
  more?: string[] | undefined;
  at?: string | undefined;
}

interface LineageViewProps {
  /** `models/net/3`, `jobs/calm_fox`. */
  of: string;
  workspace: string;
  search: LineageSearch;
  onChange(values: Partial<LineageSearch>): void;
}

const KINDS_FIRST = ["data", "models", "outputs"];
const DEPTH = 2;

/** What something was made of and what was made of it: a canvas, and the same as a list. */
export function LineageView({ of, workspace, search, onChange }: LineageViewProps) {
  const kinds = search.kinds ?? KINDS_FIRST;
  const wish = { kinds, since: search.since };
  const first = useQuery({
    ...lineageGraphQuery(workspace, { ...wish, of, depth: DEPTH, way: "both" }),
    placeholderData: keepPreviousData,
  });
  const asked = (search.more ?? []).map(parsed);
  const more = useQueries({
    queries: asked.map(({ id, way }) => lineageGraphQuery(workspace, { ...wish, of: id, depth: 1, way })),
  });
  const answers = more.map((answer) => answer.data);
  const stamp = more.map((answer) => answer.dataUpdatedAt).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answers are new lists each time; the stamp says whether anything is new.
  const lineage = useMemo(() => {
    const known = asked.flatMap(({ id }, place): Widening[] => {
      const found = answers[place];
      return found === undefined ? [] : [{ id, found }];
    });
    return first.data === undefined ? null : widened(first.data, known);
  }, [first.data, stamp]);
  const picture = useMemo(() => (lineage === null ? null : lineagePicture(lineage)), [lineage]);
  const [focus, setFocus] = useState<{ key: string; count: number } | null>(null);
  const select = useCallback((id: string | null) => onChange({ at: id ?? undefined }), [onChange]);
  const widen = (id: string, way: Way) => onChange({ more: [...new Set([...(search.more ?? []), `${way}:${id}`])] });
  const locate = (id: string) => {
    select(id);
    setFocus((before) => ({ key: id, count: (before?.count ?? 0) + 1 }));
  };
  const failed = [first, ...more].find((answer) => answer.isError);
  if (first.isError || lineage === null || picture === null) {
    return first.isError ? (
      <Trouble what="The lineage" problem={first.error} onRetry={() => first.refetch()} />
    ) : (
      <Skeleton lines={8} />
    );
  }
  const selected = lineage.nodes.find((node) => node.id === search.at);
  return (
    <div className="stack lineage">
      <LineageFilter kinds={kinds} since={search.since} onChange={onChange} />
      {failed !== undefined && (
        <Trouble what="More of the lineage" problem={failed.error} onRetry={() => failed.refetch()} />
      )}
      {lineage.truncated && (
        <p role="status" className="notice">
          This is not all of it: one answer holds {lineage.limit} nodes. Choose fewer kinds or a shorter time, or begin
          elsewhere.
        </p>
      )}
      {lineage.nodes.length === 1 && (
        <p role="status" className="muted">
          No job {search.since === undefined ? "" : "of that time "}has read it or written it. It appears here as soon
          as a job is submitted that names it.
        </p>
      )}
      <div className="beside">
        <div className="beside-canvas">
          <LineageCanvas
            key={of}
            lineage={lineage}
            picture={picture}
            selected={selected?.id ?? null}
            focus={focus}
            memory={`lineage/${of}`}
            onSelect={select}
            onOpen={select}
            onWiden={widen}
          />
        </div>
        {selected !== undefined && (
          <LineagePanel
            node={selected}
            lineage={lineage}
            onSelect={locate}
            onWiden={widen}
            onClose={() => select(null)}
          />
        )}
      </div>
      <LineageList lineage={lineage} selected={search.at} onLocate={locate} onWiden={widen} />
      <CommandLine text={commandFor(of, workspace)} />
    </div>
  );
}

function parsed(text: string): { id: string; way: Way } {
  const way = text.startsWith("up:") ? "up" : "down";
  return { way, id: text.slice(way.length + 1) };
}

const WORDS: Record<string, string> = { components: "component", environments: "environment", models: "model" };

function commandFor(of: string, workspace: string): string {
  const [kind = "", name = "", version = ""] = of.split("/");
  if (kind === "jobs" || kind === "outputs") {
    return commandOf(workspace, "job", "lineage", name);
  }
  const registry = registryOf(workspace);
  const words = [WORDS[kind] ?? kind, "lineage", "--name", name, "--version", version];
  return registry === null
    ? commandOf(workspace, ...words)
    : commandOf("default", ...words, "--registry-name", registry);
}
