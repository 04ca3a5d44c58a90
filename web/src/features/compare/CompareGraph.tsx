import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { type Comparison, compareQuery } from "../../api/compare";
import { graphQuery } from "../../api/jobs";
import type { CompareSearch } from "../../app/router";
import { MergedCanvas } from "../../canvas/MergedCanvas";
import { usePicture } from "../../canvas/usePicture";
import { parentOf } from "../../domain/job";
import { CHANGES, type Change, changesOfWires, countChanges, type Merged, mergedGraph } from "../../domain/merged";
import { openAtFirst } from "../../domain/picture";
import { ChangePill } from "../../ui/ChangePill";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { MergedList } from "./MergedList";
import { MergedPanel } from "./MergedPanel";
import "../../ui/beside.css";

/** Two of the compared jobs: A, which is compared with, and B. */
export interface Pair {
  a: Comparison["jobs"][number];
  b: Comparison["jobs"][number];
}

/** Two graphs over one another. Which two, the step that is looked at and the open groups are in the address. */
export default function CompareGraph({ found, workspace }: { found: Comparison; workspace: string }) {
  const search = useSearch({ from: "/compare" });
  const navigate = useNavigate({ from: "/compare" });
  const change = useCallback(
    (values: Partial<CompareSearch>) => navigate({ search: (before) => ({ ...before, ...values }), replace: true }),
    [navigate],
  );
  const pair = pairOf(found, search.pair);
  const both = useQuery(compareQuery(workspace, [pair.a.name, pair.b.name]));
  const one = useQuery(graphQuery(workspace, pair.a.name));
  const other = useQuery(graphQuery(workspace, pair.b.name));
  const failed = [both, one, other].find((query) => query.isError);
  const pairing = both.data?.graph[0];
  const merged = useMemo(
    () =>
      one.data !== undefined && other.data !== undefined && pairing !== undefined
        ? mergedGraph(one.data, other.data, pairing)
        : null,
    [one.data, other.data, pairing],
  );
  return (
    <div className="stack">
      {found.jobs.length > 2 && (
        <PairChoice
          found={found}
          pair={pair}
          onPair={(names) => change({ pair: names, step: undefined, open: undefined })}
        />
      )}
      {failed !== undefined ? (
        <Trouble what="The graphs" problem={failed.error} onRetry={() => failed.refetch()} />
      ) : merged === null ? (
        <Skeleton lines={8} />
      ) : (
        <MergedGraph key={`${pair.a.name} ${pair.b.name}`} merged={merged} pair={pair} change={change} />
      )}
    </div>
  );
}

/** The jobs that the address names, as far as they are among those compared; else the first two. */
function pairOf(found: Comparison, names: readonly string[] | undefined): Pair {
  const [first, second] = found.jobs as [Pair["a"], Pair["b"]];
  const a = found.jobs.find((job) => job.name === names?.[0]) ?? first;
  const b = found.jobs.find((job) => job.name === names?.[1] && job !== a) ?? (a === second ? first : second);
  return { a, b };
}

function PairChoice({ found, pair, onPair }: { found: Comparison; pair: Pair; onPair(names: [string, string]): void }) {
  const choose = (side: "a" | "b", name: string) => {
    const other = side === "a" ? pair.b.name : pair.a.name;
    // Whoever chooses the job of the other side wants them the other way round.
    const rest = name === other ? (side === "a" ? pair.a.name : pair.b.name) : other;
    onPair(side === "a" ? [name, rest] : [rest, name]);
  };
  return (
    <div className="row pair-choice">
      {(["a", "b"] as const).map((side) => (
        <label key={side} className="row">
          {side.toUpperCase()}
          <select className="field" value={pair[side].name} onChange={(event) => choose(side, event.target.value)}>
            {found.jobs.map((job) => (
              <option key={job.name} value={job.name}>
                {job.display_name} ({job.name})
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}

interface MergedGraphProps {
  merged: Merged;
  pair: Pair;
  change(values: Partial<CompareSearch>): void;
}

function MergedGraph({ merged, pair, change }: MergedGraphProps) {
  const search = useSearch({ from: "/compare" });
  const selected = search.step !== undefined && merged.steps.has(search.step) ? search.step : null;
  const open = useMemo(
    () =>
      search.open === undefined ? openAtFirst(merged.graph, selected === null ? [] : [selected]) : new Set(search.open),
    [search.open, merged, selected],
  );
  const picture = usePicture(merged.graph, "", open);
  const wires = useMemo(() => changesOfWires(merged, open), [merged, open]);
  const [focus, setFocus] = useState<{ key: string; count: number } | null>(null);
  const select = useCallback((key: string | null) => change({ step: key ?? undefined }), [change]);
  const toggle = (key: string) => {
    const next = new Set(open);
    if (!next.delete(key)) {
      next.add(key);
    }
    change({ open: [...next].sort() });
  };
  /** Select a step from the list, in whatever groups it is, and bring it into the middle. */
  const locate = (key: string) => {
    const next = new Set(open);
    for (let around = parentOf(key); around !== ""; around = parentOf(around)) {
      next.add(around);
    }
    change({ step: key, ...(next.size === open.size ? {} : { open: [...next].sort() }) });
    setFocus((before) => ({ key, count: (before?.count ?? 0) + 1 }));
  };
  const step = selected === null ? undefined : merged.steps.get(selected);
  return (
    <>
      <Legend merged={merged} pair={pair} />
      <div className="beside">
        <div className="beside-canvas">
          {picture === null ? (
            <Skeleton lines={8} />
          ) : (
            <MergedCanvas
              merged={merged}
              picture={picture}
              wires={wires}
              selected={selected}
              focus={focus}
              memory={`compare/${pair.a.name}/${pair.b.name}`}
              onSelect={select}
              onOpen={select}
              onToggle={toggle}
            />
          )}
        </div>
        {step !== undefined && <MergedPanel step={step} pair={pair} onClose={() => select(null)} />}
      </div>
      <MergedList
        merged={merged}
        selected={selected}
        isAll={search.all === true}
        onAll={(all) => change({ all: all || undefined })}
        onLocate={locate}
      />
    </>
  );
}

/** What the signs and strokes mean, and how many steps are of each. */
function Legend({ merged, pair }: { merged: Merged; pair: Pair }) {
  const counts = countChanges(merged.steps.values());
  return (
    <div className="merged-legend">
      <span>
        <strong>A</strong> {pair.a.display_name}
      </span>
      <span>
        <strong>B</strong> {pair.b.display_name}
      </span>
      <ul aria-label="Legend">
        {(["removed", "added", "changed", "same"] as const).map((change) => (
          <li key={change}>
            <Stroke change={change} />
            <ChangePill change={change} /> <span className="muted">{stepsText(counts[change])}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const stepsText = (count: number): string => (count === 1 ? "1 step" : `${count} steps`);

/** How its lines look. */
function Stroke({ change }: { change: Change }) {
  return (
    <svg className={`tone-${CHANGES[change].tone}`} width="34" height="6" aria-hidden="true">
      <line
        x1="0"
        x2="34"
        y1="3"
        y2="3"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray={CHANGES[change].dash.join(" ")}
      />
    </svg>
  );
}
