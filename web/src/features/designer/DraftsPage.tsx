import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { type DraftHead, deleteDraft, draftsQuery, restoreDraft } from "../../api/drafts";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { Ago } from "../../ui/Ago";
import { Failure } from "../../ui/Failure";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { NewDraftDialog } from "./NewDraftDialog";
import { droppedFiles, type Picked } from "./picked";
import "../jobs/jobs.css";
import "./designer.css";

/** Pipelines that are being composed. */
export function DraftsPage() {
  const workspace = useWorkspace();
  const { q = "", archived = false } = useSearch({ from: "/designer" });
  const navigate = useNavigate({ from: "/designer" });
  const drafts = useInfiniteQuery(draftsQuery(workspace, q, archived));
  const [isNew, setNew] = useState(false);
  const [dropped, setDropped] = useState<readonly Picked[]>([]);
  const rows = drafts.data?.pages.flatMap((page) => page.value) ?? [];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be chosen in the dialog too.
    <div
      className="jobs"
      onDragOver={(event) => event.dataTransfer.types.includes("Files") && event.preventDefault()}
      onDrop={async (event) => {
        event.preventDefault();
        const files = await droppedFiles(event.dataTransfer);
        setDropped(files);
        setNew(files.length > 0);
      }}
    >
      <title>Designer · Pipeyard</title>
      <div className="jobs-head">
        <h1>Designer</h1>
        <span className="space" />
        <button type="button" className="button primary" onClick={() => setNew(true)}>
          New draft
        </button>
      </div>
      <div className="filters">
        <input
          className="field"
          type="search"
          data-filter
          aria-label="Find a draft"
          placeholder="Find a draft"
          value={q}
          onChange={(event) =>
            navigate({ search: (before) => ({ ...before, q: event.target.value || undefined }), replace: true })
          }
        />
        <label className="form-check">
          <input
            type="checkbox"
            checked={archived}
            onChange={(event) =>
              navigate({ search: (before) => ({ ...before, archived: event.target.checked || undefined }) })
            }
          />
          Deleted ones
        </label>
      </div>
      {drafts.isPending ? (
        <Skeleton lines={4} />
      ) : drafts.isError ? (
        <Trouble what="The drafts" problem={drafts.error} onRetry={() => drafts.refetch()} />
      ) : rows.length === 0 ? (
        <NoDrafts isFiltered={q !== "" || archived} onNew={() => setNew(true)} />
      ) : (
        <div className="jobs-scroll">
          <Rows rows={rows} workspace={workspace} />
          {drafts.hasNextPage && (
            <p className="filters">
              <button type="button" className="button" onClick={() => drafts.fetchNextPage()}>
                Show more
              </button>
            </p>
          )}
        </div>
      )}
      {isNew && (
        <NewDraftDialog
          workspace={workspace}
          dropped={dropped}
          onClose={() => {
            setNew(false);
            setDropped([]);
          }}
        />
      )}
    </div>
  );
}

function NoDrafts({ isFiltered, onNew }: { isFiltered: boolean; onNew(): void }) {
  return isFiltered ? (
    <div className="empty">
      <h2>There is no such draft</h2>
    </div>
  ) : (
    <div className="empty">
      <h2>Compose a pipeline from components</h2>
      <p>
        A draft is the YAML of a pipeline, with a picture of it to work on. Begin with nothing, with an example, with
        text that you have, with a folder or zip (drop it here), or with a job that ran.
      </p>
      <button type="button" className="button primary" onClick={onNew}>
        New draft
      </button>
    </div>
  );
}

const ORIGINS: Record<string, string> = {
  template: "from the example",
  job: "from the job",
  draft: "copy of",
  folder: "imported",
};

function Rows({ rows, workspace }: { rows: readonly DraftHead[]; workspace: string }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: async (draft: DraftHead) => {
      await (draft.archived ? restoreDraft(workspace, draft.id) : deleteDraft(workspace, draft.id));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["drafts", workspace] }),
  });
  return (
    <>
      <Failure problem={change.error} />
      <table className="table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Changed</th>
            <th className="wide">By</th>
            <th className="wide">Made</th>
            <th>
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((draft) => (
            <tr key={draft.id}>
              <td className="job-name">
                <Link to="/designer/$draft" params={{ draft: draft.id }} search={inWorkspace(workspace)}>
                  {draft.name}
                </Link>
              </td>
              <td className="muted">
                <Ago time={draft.modified_at} />
              </td>
              <td className="wide muted">{draft.modified_by}</td>
              <td className="wide muted">
                {ORIGINS[draft.origin] ?? ""} {draft.origin_name}
              </td>
              <td className="number">
                <button
                  type="button"
                  className="button plain"
                  aria-label={`${draft.archived ? "Bring back" : "Delete"} ${draft.name}`}
                  onClick={() => change.mutate(draft)}
                >
                  {draft.archived ? "Bring back" : "Delete"}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
