import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { findJobs } from "../../api/jobs";
import { Ago } from "../../ui/Ago";
import { StatusPill } from "../../ui/StatusPill";

const JOBS_MAX = 8;

/** One more job, found by text; before anything is typed the newest ones are offered. */
export function JobPicker({
  workspace,
  chosen,
  onAdd,
}: {
  workspace: string;
  chosen: readonly string[];
  onAdd(job: string): void;
}) {
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(chosen.length < 2);
  const found = useQuery({ ...findJobs(workspace, text.trim()), enabled: isOpen });
  if (chosen.length >= JOBS_MAX) {
    return <p className="muted small">More than {JOBS_MAX} jobs are not compared at once.</p>;
  }
  if (!isOpen) {
    return (
      <div>
        <button type="button" className="button small" onClick={() => setOpen(true)}>
          Add a job
        </button>
      </div>
    );
  }
  const offered = (found.data ?? []).filter((job) => !chosen.includes(job.name)).slice(0, 6);
  return (
    <search className="stack">
      <input
        className="field"
        type="search"
        value={text}
        placeholder="Find a job to add"
        aria-label="Find a job to add"
        onChange={(event) => setText(event.target.value)}
      />
      <ul className="offered">
        {offered.map((job) => (
          <li key={job.name}>
            <button
              type="button"
              className="button plain"
              onClick={() => {
                setOpen(false);
                setText("");
                onAdd(job.name);
              }}
            >
              <StatusPill label={job.label} /> {job.display_name}
              <span className="muted small">
                {job.name} · <Ago time={job.creation_context.created_at} />
              </span>
            </button>
          </li>
        ))}
        {found.data !== undefined && offered.length === 0 && <li className="muted">No other job is found.</li>}
      </ul>
    </search>
  );
}
