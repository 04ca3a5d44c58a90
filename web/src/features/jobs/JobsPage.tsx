import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { type Job, type JobFilters, jobsQuery } from "../../api/jobs";
import { useWorkspace } from "../../app/workspace";
import { isOver } from "../../domain/status";
import { Ago } from "../../ui/Ago";
import { Duration } from "../../ui/Duration";
import { Filler } from "../../ui/Filler";
import { Skeleton } from "../../ui/Skeleton";
import { StatusPill } from "../../ui/StatusPill";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useLive } from "../useLive";
import { JobFilterBar } from "./JobFilterBar";
import { SelectionBar } from "./SelectionBar";
import "./jobs.css";

const ROW_HEIGHT = 33;
const NEWEST = "-created";

/** All jobs of a workspace, newest first. */
export function JobsPage() {
  const workspace = useWorkspace();
  const search = useSearch({ from: "/" });
  const filters = useMemo(
    (): JobFilters => ({
      text: search.q,
      status: search.state,
      experiment: search.experiment,
      tag: search.tag,
      since: search.since,
      until: search.until,
      sort: search.sort,
      archived: search.archived,
    }),
    [search],
  );
  // What was shown stays until the new list is there.
  const query = useInfiniteQuery({ ...jobsQuery(workspace, filters), placeholderData: keepPreviousData });
  const jobs = useMemo(() => query.data?.pages.flatMap((page) => page.value) ?? [], [query.data]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // Another list has other jobs: what was chosen in this one is not acted on there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what matters is that it is another list.
  useEffect(() => setChosen(new Set()), [filters]);
  const hasNew = useJobNews(workspace, jobs);
  const client = useQueryClient();
  const reload = () => client.resetQueries({ queryKey: ["jobs", workspace] });

  return (
    <div className="jobs">
      <title>Jobs · Pipeyard</title>
      <div className="jobs-head">
        <h1>Jobs</h1>
        {hasNew && (
          <button type="button" className="button small" onClick={reload}>
            New jobs: show
          </button>
        )}
      </div>
      <JobFilterBar />
      <SelectionBar
        workspace={workspace}
        jobs={jobs.filter((job) => chosen.has(job.name))}
        onDone={() => setChosen(new Set())}
      />
      {query.isPending ? (
        <Skeleton lines={12} />
      ) : query.isError ? (
        <Trouble what="The jobs" problem={query.error} onRetry={() => query.refetch()} />
      ) : jobs.length === 0 ? (
        <NoJobs isFiltered={Object.values({ ...filters, sort: undefined }).some((value) => value !== undefined)} />
      ) : (
        <JobsTable
          jobs={jobs}
          chosen={chosen}
          onChoose={setChosen}
          sort={search.sort ?? NEWEST}
          hasMore={query.hasNextPage}
          isOld={query.isPlaceholderData}
          onEnd={() =>
            !query.isPlaceholderData && query.hasNextPage && !query.isFetchingNextPage && query.fetchNextPage()
          }
        />
      )}
    </div>
  );
}

/** Keep running jobs fresh, and tell of new ones without moving the rows under the pointer. */
function useJobNews(workspace: string, jobs: readonly Job[]): boolean {
  const client = useQueryClient();
  const [hasNew, setHasNew] = useState(false);
  const running = useMemo(() => jobs.filter((job) => !isOver(job.label)).map((job) => job.name), [jobs]);
  const newest = jobs[0]?.name;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer list has the new jobs in it.
  useEffect(() => setHasNew(false), [newest]);
  useLive(workspace, running, {
    onCards: (cards) => {
      const changed = new Map(cards.filter((card) => card.name === card.root).map((card) => [card.name, card]));
      if (changed.size > 0) {
        client.invalidateQueries({ queryKey: ["job-counts", workspace] });
      }
      client.setQueriesData<{ pages: { value: Job[]; next: string | null }[]; pageParams: unknown[] }>(
        { queryKey: ["jobs", workspace] },
        (held) =>
          held === undefined
            ? held
            : {
                ...held,
                pages: held.pages.map((page) => ({
                  ...page,
                  value: page.value.map((job) => {
                    const card = changed.get(job.name);
                    return card === undefined
                      ? job
                      : {
                          ...job,
                          status: card.status,
                          label: card.label,
                          start_time: card.started_at,
                          end_time: card.ended_at,
                          duration_seconds: card.duration_seconds,
                        };
                  }),
                })),
              },
      );
    },
    onReset: () => client.invalidateQueries({ queryKey: ["jobs", workspace] }),
    onNewJobs: () => {
      setHasNew(true);
      client.invalidateQueries({ queryKey: ["job-counts", workspace] });
    },
  });
  return hasNew;
}

interface TableProps {
  jobs: readonly Job[];
  chosen: ReadonlySet<string>;
  onChoose(chosen: ReadonlySet<string>): void;
  sort: string;
  hasMore: boolean;
  /** Another list was asked for and is not there yet. */
  isOld: boolean;
  onEnd(): void;
}

function JobsTable({ jobs, chosen, onChoose, sort, hasMore, isOld, onEnd }: TableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= jobs.length - 5) {
      onEnd();
    }
  });
  const lastToggled = useRef<number | null>(null);
  /** With Shift, everything from the last one on becomes what this one becomes. */
  const toggle = (position: number, isRange: boolean) => {
    const next = new Set(chosen);
    const isOn = !next.has(jobs[position]?.name ?? "");
    const from = isRange && lastToggled.current !== null ? lastToggled.current : position;
    for (const job of jobs.slice(Math.min(from, position), Math.max(from, position) + 1)) {
      isOn ? next.add(job.name) : next.delete(job.name);
    }
    lastToggled.current = position;
    onChoose(next);
  };
  const isAll = jobs.length > 0 && jobs.every((job) => chosen.has(job.name));
  return (
    <div className="jobs-scroll" ref={scroller} aria-busy={isOld}>
      <table className="table jobs-table" aria-rowcount={hasMore ? -1 : jobs.length}>
        <thead>
          <tr>
            <th>
              <input
                type="checkbox"
                checked={isAll}
                onChange={() => onChoose(isAll ? new Set() : new Set(jobs.map((job) => job.name)))}
                aria-label={`Select all ${jobs.length} that are loaded`}
              />
            </th>
            <th>Status</th>
            <SortHead label="Name" by="name" sort={sort} />
            <SortHead label="Experiment" by="experiment" sort={sort} />
            <th className="wide">Tags</th>
            <SortHead label="Created" by="created" sort={sort} isDownFirst />
            <SortHead label="Duration" by="duration" sort={sort} isDownFirst className="number" />
            <th className="wide">By</th>
          </tr>
        </thead>
        <tbody>
          <Filler columns={8} height={shown[0]?.start ?? 0} />
          {shown.map((row) => {
            const job = jobs[row.index];
            return job === undefined ? null : (
              <JobRow
                key={job.name}
                job={job}
                isChosen={chosen.has(job.name)}
                onToggle={(isRange) => toggle(row.index, isRange)}
                position={row.index + 1}
              />
            );
          })}
          <Filler columns={8} height={rows.getTotalSize() - (shown.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  );
}

/** The head of a column that the server sorts by: once more turns the order around. */
function SortHead({
  label,
  by,
  sort,
  isDownFirst = false,
  className = "",
}: {
  label: string;
  by: string;
  sort: string;
  isDownFirst?: boolean;
  className?: string;
}) {
  const navigate = useNavigate({ from: "/" });
  const isOn = sort === by || sort === `-${by}`;
  const isDown = sort.startsWith("-");
  const next = isOn ? (isDown ? by : `-${by}`) : isDownFirst ? `-${by}` : by;
  return (
    <th className={className} aria-sort={isOn ? (isDown ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        className="sort"
        onClick={() => navigate({ search: (before) => ({ ...before, sort: next === NEWEST ? undefined : next }) })}
      >
        {label}
        <span aria-hidden="true">{isOn ? (isDown ? "↓" : "↑") : ""}</span>
      </button>
    </th>
  );
}

function JobRow({
  job,
  isChosen,
  onToggle,
  position,
}: {
  job: Job;
  isChosen: boolean;
  onToggle(isRange: boolean): void;
  position: number;
}) {
  const navigate = useNavigate();
  const workspace = useWorkspace();
  const card = { started_at: job.start_time, ended_at: job.end_time, duration_seconds: job.duration_seconds };
  return (
    <tr aria-rowindex={position} aria-selected={isChosen}>
      <td>
        <input
          type="checkbox"
          checked={isChosen}
          onChange={(event) => onToggle((event.nativeEvent as MouseEvent).shiftKey)}
          aria-label={`Select ${job.display_name}`}
        />
      </td>
      <td>
        <StatusPill label={job.label} isReused={job.properties["azureml.isreused"] === "true"} />
      </td>
      <td className="job-name">
        <Link
          to="/jobs/$name"
          params={{ name: job.name }}
          search={workspace === "default" ? {} : { workspace }}
          title={job.name}
        >
          {job.display_name}
        </Link>
        {job.display_name !== job.name && <span className="muted small">{job.name}</span>}
      </td>
      <td>
        <button
          type="button"
          className="link"
          onClick={() => navigate({ to: "/", search: (before) => ({ ...before, experiment: job.experiment_name }) })}
        >
          {job.experiment_name}
        </button>
      </td>
      <td className="wide">
        <span className="tags">
          {Object.entries(job.tags).map(([key, value]) => (
            <button
              type="button"
              key={key}
              className="tag-button"
              title="Only jobs with this tag"
              onClick={() =>
                navigate({ to: "/", search: (before) => ({ ...before, tag: value === "" ? key : `${key}=${value}` }) })
              }
            >
              <Tag name={key} value={value} />
            </button>
          ))}
        </span>
      </td>
      <td>
        <Ago time={job.creation_context.created_at} />
      </td>
      <td className="number">
        <Duration card={card} />
      </td>
      <td className="wide">{job.creation_context.created_by}</td>
    </tr>
  );
}

function NoJobs({ isFiltered }: { isFiltered: boolean }) {
  const navigate = useNavigate();
  return isFiltered ? (
    <div className="empty">
      <h2>No job matches</h2>
      <button
        type="button"
        className="button"
        onClick={() => navigate({ to: "/", search: ({ workspace }) => (workspace === undefined ? {} : { workspace }) })}
      >
        Clear all filters
      </button>
    </div>
  ) : (
    <div className="empty">
      <h2>No jobs yet</h2>
      <p>Create one from a pipeline's YAML; it appears here.</p>
      <pre className="code-block">pipeyard job create --file pipeline.yml --web</pre>
    </div>
  );
}
