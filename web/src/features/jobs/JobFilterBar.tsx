import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { countsQuery, type JobCounts } from "../../api/jobs";
import type { JobsSearch } from "../../app/router";
import { useWorkspace } from "../../app/workspace";
import { lookOf, STATUSES } from "../../domain/status";

const AGES = [
  ["1h", "Last hour"],
  ["24h", "Last day"],
  ["7d", "Last week"],
  ["30d", "Last month"],
] as const;
const CUSTOM = "dates";

/** What the list is narrowed to. All of it is in the address. */
export function JobFilterBar() {
  const search = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const counts = useQuery(countsQuery(useWorkspace(), search.archived === true)).data;
  const change = (values: Partial<JobsSearch>) => navigate({ search: (before) => ({ ...before, ...values }) });
  return (
    <search>
      <div className="filters">
        <TextFilter label="Search names and descriptions" value={search.q} isGrowing onChange={(q) => change({ q })} />
        <label>
          <span className="hidden">Experiment</span>
          <select
            className="field bounded"
            value={search.experiment ?? ""}
            onChange={(event) => change({ experiment: event.target.value || undefined })}
          >
            <option value="">Any experiment</option>
            {experimentsOf(counts, search.experiment).map(([name, count]) => (
              <option key={name} value={name}>
                {count === null ? name : `${name} (${count.toLocaleString()})`}
              </option>
            ))}
          </select>
        </label>
        <TextFilter label="Tag, or tag=value" value={search.tag} onChange={(tag) => change({ tag })} />
        <TimeFilter search={search} onChange={change} />
        <button
          type="button"
          className="button"
          aria-pressed={search.archived === true}
          onClick={() => change({ archived: search.archived ? undefined : true })}
        >
          Archived
        </button>
      </div>
      <StatusFilter
        counts={counts}
        chosen={search.state ?? []}
        onChange={(state) => change({ state: state.length === 0 ? undefined : state })}
      />
    </search>
  );
}

function TextFilter({
  label,
  value,
  isGrowing = false,
  onChange,
}: {
  label: string;
  value: string | undefined;
  isGrowing?: boolean;
  onChange(value: string | undefined): void;
}) {
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(text.trim() || undefined);
  };
  return (
    <form className={isGrowing ? "grow" : ""} onSubmit={submit}>
      <input
        className="field"
        type="search"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (event.target.value === "" && value !== undefined) {
            onChange(undefined);
          }
        }}
        placeholder={label}
        aria-label={label}
        data-filter={isGrowing ? "" : undefined}
      />
    </form>
  );
}

function TimeFilter({ search, onChange }: { search: JobsSearch; onChange(values: Partial<JobsSearch>): void }) {
  const isAge = AGES.some(([age]) => age === search.since) && search.until === undefined;
  const [isOpen, setOpen] = useState(false);
  const hasDates = !isAge && (search.since !== undefined || search.until !== undefined);
  const isCustom = hasDates || isOpen;
  return (
    <>
      <label>
        <span className="hidden">Created</span>
        <select
          className="field"
          value={isCustom ? CUSTOM : (search.since ?? "")}
          onChange={(event) => {
            setOpen(event.target.value === CUSTOM);
            if (event.target.value !== CUSTOM) {
              onChange({ since: event.target.value || undefined, until: undefined });
            }
          }}
        >
          <option value="">Any time</option>
          {AGES.map(([age, text]) => (
            <option key={age} value={age}>
              {text}
            </option>
          ))}
          <option value={CUSTOM}>Between dates…</option>
        </select>
      </label>
      {isCustom && (
        <>
          <DateField label="From" value={search.since} onChange={(since) => onChange({ since })} />
          <DateField label="Until" value={search.until} onChange={(until) => onChange({ until })} />
        </>
      )}
    </>
  );
}

function DateField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange(value: string | undefined): void;
}) {
  return (
    <label className="muted">
      {label}{" "}
      <input
        className="field"
        type="date"
        value={/^\d{4}-\d\d-\d\d$/.test(value ?? "") ? value : ""}
        onChange={(event) => onChange(event.target.value || undefined)}
      />
    </label>
  );
}

/** How many jobs there are of each status, and which are shown. */
function StatusFilter({
  counts,
  chosen,
  onChange,
}: {
  counts: JobCounts | undefined;
  chosen: readonly string[];
  onChange(chosen: string[]): void;
}) {
  const shown = STATUSES.filter((status) => (counts?.status[status] ?? 0) > 0 || chosen.includes(status));
  return (
    <fieldset className="status-filter">
      <legend className="hidden">Status</legend>
      {shown.map((status) => {
        const isOn = chosen.includes(status);
        return (
          <button
            type="button"
            key={status}
            className="button small"
            aria-pressed={isOn}
            onClick={() => onChange(isOn ? chosen.filter((one) => one !== status) : [...chosen, status])}
          >
            <span className={`tone-${lookOf(status).tone}`} aria-hidden="true">
              {lookOf(status).mark}
            </span>
            {status}
            {counts !== undefined && <span className="muted">{(counts.status[status] ?? 0).toLocaleString()}</span>}
          </button>
        );
      })}
      {chosen.length > 0 && (
        <button type="button" className="button plain small" onClick={() => onChange([])}>
          Any status
        </button>
      )}
    </fieldset>
  );
}

/** By name, with the chosen one in any case. */
function experimentsOf(counts: JobCounts | undefined, chosen: string | undefined): [string, number | null][] {
  const known = Object.entries(counts?.experiments ?? {});
  const all: [string, number | null][] =
    chosen === undefined || known.some(([name]) => name === chosen) ? known : [...known, [chosen, null]];
  return all.sort(([a], [b]) => a.localeCompare(b));
}
