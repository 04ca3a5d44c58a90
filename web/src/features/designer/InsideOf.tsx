import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { createDraft } from "../../api/drafts";
import { inWorkspace } from "../../app/workspace";
import type { Edit } from "../../domain/draft/edit";
import type { Step } from "../../domain/draft/pipeline";
import { Failure } from "../../ui/Failure";
import type { Folds } from "./useFolds";

interface InsideOfProps {
  workspace: string;
  step: Step;
  folds: Folds;
  isReadOnly: boolean;
  onOpenInside(key: string): void;
  onEdit(edit: Edit): void;
}

/** What can be done with a pipeline that a step holds: look into it, unpack it, and where it is written elsewhere, change it there. */
export function InsideOf({ workspace, step, folds, isReadOnly, onOpenInside, onEdit }: InsideOfProps) {
  const navigate = useNavigate();
  const isHere = step.component?.kind === "inline-pipeline";
  const isFile = step.component?.kind === "file";
  const unpack = useMutation({
    mutationFn: async () => (isHere ? {} : { component: await folds.textOf(step) }),
    onSuccess: (text) => onEdit({ kind: "unpack-step", step: step.key, ...text }),
  });
  const copy = useMutation({
    mutationFn: async () => createDraft(workspace, { name: step.name, text: await folds.textOf(step) }),
    onSuccess: ({ id }) =>
      navigate({ to: "/designer/$draft", params: { draft: id }, search: { ...inWorkspace(workspace) } }),
  });
  if (!folds.canFold(step.key)) {
    return null;
  }
  const isOpen = folds.isOpen(step.key);
  return (
    <>
      {!isHere && (
        <p className="muted">
          {`Its steps are written in ${isFile ? "a file of their own" : "a registered component"}, and are only shown here. `}
          {isFile
            ? "To change them, unpack them into this pipeline, or change the file."
            : "To change them, unpack them into this pipeline, or open a draft of the component and register that as its next version."}
        </p>
      )}
      <div className="row">
        <button type="button" className="button" aria-pressed={isOpen} onClick={() => folds.toggle(step.key)}>
          {isOpen ? "Close it" : "Open it here"}
        </button>
        {isHere && (
          <button type="button" className="button" onClick={() => onOpenInside(step.key)}>
            Open it alone
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={isReadOnly || unpack.isPending}
          onClick={() => unpack.mutate()}
        >
          Unpack it
        </button>
        {!isHere && !isFile && (
          <button type="button" className="button" disabled={copy.isPending} onClick={() => copy.mutate()}>
            Open a draft of it
          </button>
        )}
      </div>
      <Failure problem={unpack.error ?? copy.error} />
    </>
  );
}
