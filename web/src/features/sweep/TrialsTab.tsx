import { IconTrophy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { trialsQuery } from "../../api/trials";
import { inWorkspace } from "../../app/workspace";
import { numberText } from "../../domain/chart";
import { commandOf } from "../../domain/command";
import type { Step } from "../../domain/job";
import { isOver } from "../../domain/status";
import { isInside, parseRanges, type Ranges, rangesText } from "../../domain/trial-ranges";
import {
  axesOf,
  goodnessOf,
  isFound,
  type LogChoices,
  type Sweep,
  sorted,
  standing,
  type Trial,
  valueText,
  wordOf,
  yamlOf,
} from "../../domain/trials";
import { CommandLine } from "../../ui/CommandLine";
import { Copy } from "../../ui/Copy";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { MetricCharts } from "../metrics/MetricCharts";
import { BestSoFar } from "./BestSoFar";
import { Legend } from "./Legend";
import { ParallelCoordinates } from "./ParallelCoordinates";
import { RangeFields } from "./RangeFields";
import { Scatter } from "./Scatter";
import { TrialsTable } from "./TrialsTable";
import "./sweep.css";

const CURVES_MAX = 40;

interface TrialsTabProps {
  step: Step;
  workspace: string;
  /** What is chosen on the axes, as the address has it. */
  ranges: string | undefined;
  onRanges(ranges: string | undefined): void;
}

/** What a sweep tried, and what came of it. */
export default function TrialsTab({ step, workspace, ranges, onRanges }: TrialsTabProps) {
  const sweep = useQuery(trialsQuery(workspace, step.name, isOver(step.label)));
  if (sweep.isError) {
    return <Trouble what="The trials" problem={sweep.error} onRetry={() => sweep.refetch()} />;
  }
  if (sweep.data === undefined) {
    return <Skeleton lines={6} />;
  }
  if (sweep.data.value.length === 0) {
    return <NoTrials sweep={sweep.data} isEnded={isOver(step.label)} />;
  }
  return <Found sweep={sweep.data} workspace={workspace} ranges={ranges} onRanges={onRanges} />;
}

function NoTrials({ sweep, isEnded }: { sweep: Sweep; isEnded: boolean }) {
  return (
    <div className="stack">
      <p className="muted">{isEnded ? "No trial has begun." : "No trial has begun yet. What will be tried:"}</p>
      <dl className="facts">
        {Object.entries(sweep.search_space).map(([name, space]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>
              <code>{JSON.stringify(space)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Found({ sweep, workspace, ranges: said, onRanges }: Omit<TrialsTabProps, "step"> & { sweep: Sweep }) {
  const [lit, setLit] = useState<number | null>(null);
  const [text, setText] = useState("");
  const [word, setWord] = useState("");
  const [logs, setLogs] = useState<LogChoices>({});
  const axes = useMemo(() => axesOf(sweep, logs), [sweep, logs]);
  const goodness = useMemo(() => goodnessOf(sweep, axes.at(-1)), [sweep, axes]);
  const ranges = useMemo(
    () => parseRanges(said, new Set(axes.filter((axis) => axis.words !== null).map((axis) => axis.name))),
    [said, axes],
  );
  const chosen = useMemo(
    () =>
      sweep.value.filter(
        (trial) => isInside(trial, axes, ranges) && isFound(trial, text) && (word === "" || wordOf(trial) === word),
      ),
    [sweep, axes, ranges, text, word],
  );
  const inside = useMemo(() => new Set(chosen.map((trial) => trial.index)), [chosen]);
  const change = (next: Ranges) => onRanges(rangesText(next));
  const shown = { sweep, axes, goodness, lit, onLight: setLit, isIn: (trial: Trial) => inside.has(trial.index) };
  const isAll = chosen.length === sweep.value.length;
  return (
    <div className="stack">
      <Best sweep={sweep} workspace={workspace} />
      <div className="row trials-bar">
        <input
          className="field"
          type="search"
          placeholder="Value, state or reason"
          aria-label="Filter trials"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <select
          className="field"
          aria-label="State of the trials"
          value={word}
          onChange={(event) => setWord(event.target.value)}
        >
          <option value="">All states</option>
          {Object.entries(sweep.counts)
            .filter(([one, count]) => one !== "total" && (count > 0 || one === word))
            .map(([one, count]) => (
              <option key={one} value={one}>
                {one === "stopped" ? "stopped early" : one} ({count})
              </option>
            ))}
        </select>
        <span role="status" className="muted small">
          {isAll ? "" : `${chosen.length} of ${sweep.value.length} trials`}
        </span>
        {!isAll && (
          <button
            type="button"
            className="button small"
            onClick={() => {
              setText("");
              setWord("");
              change({});
            }}
          >
            Show all
          </button>
        )}
      </div>
      <TrialsTable sweep={sweep} trials={chosen} lit={lit} onLight={setLit} workspace={workspace} />
      <Legend sweep={sweep} />
      <ParallelCoordinates {...shown} ranges={ranges} onRanges={change} />
      <RangeFields
        axes={axes}
        ranges={ranges}
        onRanges={change}
        onLog={(name, isLog) => setLogs({ ...logs, [name]: isLog })}
      />
      <div className="trials-charts">
        <BestSoFar {...shown} />
        <Scatter {...shown} />
      </div>
      <Curves sweep={sweep} trials={chosen} workspace={workspace} lit={lit} onLight={setLit} />
      <CommandLine text={commandOf(workspace, "job", "trials", sweep.name, "--sort", "rank", "-o", "table")} />
    </div>
  );
}

function Best({ sweep, workspace }: { sweep: Sweep; workspace: string }) {
  const best = sweep.value.find((trial) => trial.is_best);
  return (
    <div>
      <p className="muted">{standing(sweep)}</p>
      {best !== undefined && best.metric !== null && (
        <p>
          <IconTrophy size={16} aria-hidden="true" /> The best is{" "}
          <Link to="/jobs/$name" params={{ name: best.name }} search={inWorkspace(workspace)}>
            trial {best.index}
          </Link>{" "}
          with {sweep.primary_metric} <strong>{numberText(best.metric)}</strong>:{" "}
          {Object.entries(best.values)
            .map(([name, value]) => `${name} ${valueText(value)}`)
            .join(", ")}{" "}
          <Copy text={yamlOf(best.values)} label="Copy as YAML" />
        </p>
      )}
    </div>
  );
}

interface CurvesProps {
  sweep: Sweep;
  trials: readonly Trial[];
  workspace: string;
  lit: number | null;
  onLight(index: number | null): void;
}

/** The metric of those that are looked at, as they logged it. */
function Curves({ sweep, trials, workspace, lit, onLight }: CurvesProps) {
  const curves = sorted(trials, { by: "rank", isDown: false })
    .filter((trial) => trial.points > 0)
    .slice(0, CURVES_MAX)
    .map((trial) => ({
      key: sweep.primary_metric,
      job: trial.name,
      label: `trial ${trial.index}`,
      count: trial.points,
    }));
  if (curves.length === 0) {
    return null;
  }
  const byName = new Map(sweep.value.map((trial) => [trial.name, trial.index]));
  return (
    <>
      {trials.length > CURVES_MAX && <p className="muted small">The curves of the best {CURVES_MAX} trials.</p>}
      <MetricCharts
        workspace={workspace}
        curves={curves}
        lit={sweep.value.find((trial) => trial.index === lit)?.name ?? null}
        onLight={(name) => onLight(name === null ? null : (byName.get(name) ?? null))}
      />
    </>
  );
}
