import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { historyQuery } from "../../api/metrics";
import { Chart } from "./Chart";
import { ChartBar, type ChartChoice, FIRST_CHOICE } from "./ChartBar";

/** One curve: whose it is, and how many points it has by now. */
export interface Curve {
  key: string;
  job: string;
  label: string;
  count: number;
  /** The chart that it is in; its key where nothing else is said. */
  group?: string;
}

const SHOWN_AT_FIRST = 24;

interface MetricChartsProps {
  workspace: string;
  curves: readonly Curve[];
  /** The job whose curves are lit, where others beside the charts know of it too. */
  lit?: string | null;
  onLight?(job: string | null): void;
}

/** A chart for each metric, with the curves of all who logged it. Charts are made when they come into view. */
export function MetricCharts({ workspace, curves, ...outer }: MetricChartsProps) {
  const [choice, setChoice] = useState<ChartChoice>(FIRST_CHOICE);
  const [own, setOwn] = useState<string | null>(null);
  const lit = outer.lit ?? own;
  const light = outer.onLight ?? setOwn;
  const [count, setCount] = useState(SHOWN_AT_FIRST);
  const groups = useMemo(() => {
    const found = new Map<string, Curve[]>();
    for (const curve of curves) {
      const group = curve.group ?? curve.key;
      found.set(group, [...(found.get(group) ?? []), curve]);
    }
    return [...found].sort(([a], [b]) => a.localeCompare(b));
  }, [curves]);
  const wanted = groups.filter(([key]) => key.toLowerCase().includes(choice.text.trim().toLowerCase()));
  return (
    <>
      <ChartBar choice={choice} onChange={setChoice} count={groups.length} />
      {wanted.length === 0 && <p className="muted">No metric is called like that.</p>}
      <div className="charts">
        {wanted.slice(0, count).map(([key, inGroup]) => (
          <WhenSeen key={key}>
            <OneChart workspace={workspace} title={key} curves={inGroup} choice={choice} lit={lit} onLight={light} />
          </WhenSeen>
        ))}
      </div>
      {wanted.length > count && (
        <button type="button" className="button" onClick={() => setCount(count + 100)}>
          Show more of {wanted.length}
        </button>
      )}
    </>
  );
}

function OneChart({
  workspace,
  title,
  curves,
  choice,
  lit,
  onLight,
}: {
  workspace: string;
  title: string;
  curves: readonly Curve[];
  choice: ChartChoice;
  lit: string | null;
  onLight(id: string | null): void;
}) {
  const answers = useQueries({ queries: curves.map((one) => historyQuery(workspace, one.job, one.key, one.count)) });
  const series = curves.map((one, place) => {
    const history = answers[place]?.data;
    return {
      id: one.job,
      label: one.label,
      points: (choice.axis === "step" ? history?.bySteps : history?.byTime) ?? [],
    };
  });
  const problem = answers.find((answer) => answer.isError)?.error;
  if (problem) {
    return (
      <p className="tone-bad">
        {title}: {problem.message}
      </p>
    );
  }
  if (answers.some((answer) => answer.data === undefined)) {
    return <div className="chart-room" role="status" aria-label={`Loading ${title}`} />;
  }
  return (
    <Chart
      title={title}
      xLabel={choice.axis === "step" ? "step" : "seconds"}
      series={series}
      smoothing={choice.smoothing}
      isLog={choice.isLog}
      lit={lit}
      onLight={onLight}
    />
  );
}

/** A hundred charts at once would stop the page: each is made when it is near. */
function WhenSeen({ children }: { children: React.ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null || isSeen) {
      return;
    }
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true),
      { rootMargin: "300px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [isSeen]);
  return <div ref={place}>{isSeen ? children : <div className="chart-room" />}</div>;
}
