import { useMutation, useQuery } from "@tanstack/react-query";
import { type Draft, restoreRevision, revisionsQuery } from "../../api/drafts";
import { Ago } from "../../ui/Ago";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/Failure";
import { holderOfTab } from "./holder";

interface RevisionsDialogProps {
  workspace: string;
  id: string;
  isReadOnly: boolean;
  /** Saves what was edited; the revision, or null if it could not be saved. */
  onFlush(): Promise<number | null>;
  onAdopt(draft: Draft): void;
  onClose(): void;
}

/** What the draft was before, and the way back to it. Nothing is lost by going back: that is a new state too. */
export default function RevisionsDialog(props: RevisionsDialogProps) {
  const { workspace, id, isReadOnly, onFlush, onAdopt, onClose } = props;
  const revisions = useQuery({ ...revisionsQuery(workspace, id), staleTime: 0 });
  const restore = useMutation({
    mutationFn: async (earlier: number) => {
      const revision = await onFlush();
      if (revision === null) {
        throw new Error("what you see could not be saved, and would be lost");
      }
      return restoreRevision(workspace, id, earlier, revision, holderOfTab());
    },
    onSuccess: onAdopt,
  });
  return (
    <Dialog title="Earlier states" onClose={onClose}>
      <div className="stack">
        <Failure problem={restore.error ?? revisions.error} />
        {revisions.data?.length === 0 && <p>There are none yet.</p>}
        <ul className="plan-steps">
          {revisions.data?.map((one) => (
            <li key={one.revision} className="row">
              <strong>{one.revision}</strong>
              <span>
                <Ago time={one.saved_at} /> <span className="muted">by {one.saved_by}</span>
                {one.job !== null && <span className="muted"> · submitted as {one.job}</span>}
              </span>
              <span className="space" />
              <button
                type="button"
                className="button"
                aria-label={`Go back to state ${one.revision}`}
                disabled={isReadOnly || restore.isPending}
                onClick={() => restore.mutate(one.revision)}
              >
                Go back to it
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
