import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { STATUSES } from "../../domain/status";

/** What the list is narrowed to. All of it is in the address. */
export function JobFilterBar() {
  const search = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const [text, setText] = useState(search.q ?? "");
  useEffect(() => setText(search.q ?? ""), [search.q]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate({ search: (before) => ({ ...before, q: text.trim() || undefined }) });
  };
  const clear = (key: "experiment" | "tag") => navigate({ search: (before) => ({ ...before, [key]: undefined }) });
  return (
    <search>
      <form className="filters" onSubmit={submit}>
        <input
          className="field grow"
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Search names and descriptions"
          aria-label="Search names and descriptions"
        />
        <label>
          <span className="hidden">Status</span>
          <select
            className="field"
            value={search.state?.[0] ?? ""}
            onChange={(event) =>
              navigate({
                search: (before) => ({ ...before, state: event.target.value ? [event.target.value] : undefined }),
              })
            }
          >
            <option value="">Any status</option>
            {STATUSES.map((status) => (
              <option key={status}>{status}</option>
            ))}
          </select>
        </label>
        {search.experiment !== undefined && (
          <button type="button" className="button small" onClick={() => clear("experiment")}>
            experiment: {search.experiment} <span aria-hidden="true">✕</span>
            <span className="hidden">remove</span>
          </button>
        )}
        {search.tag !== undefined && (
          <button type="button" className="button small" onClick={() => clear("tag")}>
            tag: {search.tag} <span aria-hidden="true">✕</span>
            <span className="hidden">remove</span>
          </button>
        )}
        <button
          type="button"
          className="button"
          aria-pressed={search.archived === true}
          onClick={() =>
            navigate({ search: (before) => ({ ...before, archived: search.archived ? undefined : true }) })
          }
        >
          Archived
        </button>
      </form>
    </search>
  );
}
