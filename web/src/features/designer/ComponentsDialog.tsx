import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { type DraftComponent, registerComponents } from "../../api/drafts";
import { sizeText } from "../../domain/format";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/Failure";
import { TextField } from "./fields";
import { holderOfTab } from "./holder";
import "./components.css";

interface ComponentsDialogProps {
  workspace: string;
  id: string;
  /** Only what this step names; null: all that the pipeline names. */
  step: string | null;
  /** Saves what was edited; the revision, or null if it could not be saved. */
  onFlush(): Promise<number | null>;
  /** By step. */
  onRefer(references: Record<string, string>): void;
  onClose(): void;
}

/** What can be made of a draft's component files: registered components that the pipeline refers to. */
export default function ComponentsDialog({ workspace, id, step, onFlush, onRefer, onClose }: ComponentsDialogProps) {
  const client = useQueryClient();
  const [names, setNames] = useState<Record<string, string>>({});
  const [next, setNext] = useState<readonly string[]>([]);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState<readonly DraftComponent[]>([]);
  const flush = async () => {
    const revision = await onFlush();
    if (revision === null) {
      throw new Error("what you see could not be saved, and the server knows only what is saved");
    }
    return revision;
  };
  const plan = useQuery({
    queryKey: ["draft", workspace, id, "components", names, next],
    queryFn: async ({ signal }) => {
      await flush();
      return registerComponents(workspace, id, { names, next, dry_run: true, refer: false }, signal);
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const failed = new Map(tried.map((one) => [one.file, one]));
  const rows = (plan.data?.components ?? [])
    .filter((one) => step === null || one.steps.includes(step))
    .map((one) => failed.get(one.file) ?? one);
  const chosen = rows.filter((one) => isPossible(one) && !left.has(one.file));
  const run = useMutation({
    mutationFn: async () =>
      registerComponents(workspace, id, {
        only: chosen.map((one) => one.file),
        names,
        next,
        refer: false,
        revision: await flush(),
        holder: holderOfTab(),
      }),
    onSuccess: ({ components }) => {
      const done = components.filter((one) => one.state === "registered" || one.state === "same");
      const references = done.flatMap(({ steps, reference }) =>
        reference === null ? [] : steps.map((key) => [key, reference] as const),
      );
      onRefer(Object.fromEntries(references));
      client.invalidateQueries({ queryKey: ["palette", workspace] });
      const rest = components.filter((one) => !done.includes(one));
      setTried(rest);
      if (rest.length === 0) {
        onClose();
      } else {
        plan.refetch();
      }
    },
  });
  const isWaiting = plan.isFetching || run.isPending;
  return (
    <Dialog title={step === null ? "Components of this draft" : "Register this component"} onClose={onClose} isWide>
      <div className="stack">
        <p className="muted">
          {step === null
            ? "The pipeline names these components by path. Registered, they can be used in other pipelines too, and this one names their versions."
            : "Registered, it can be used in other pipelines too, and this one names its version."}
        </p>
        <Failure problem={plan.error ?? run.error} />
        {plan.isPending && (
          <p className="muted" role="status">
            Looking at them
          </p>
        )}
        {plan.isSuccess && rows.length === 0 && <p>The pipeline names no component files.</p>}
        <ul className="component-files">
          {rows.map((one) => (
            <Row
              key={one.file}
              one={one}
              isChosen={chosen.includes(one)}
              isNext={next.includes(one.file)}
              onChoose={(isChosen) => setLeft(with_(left, one.file, !isChosen))}
              onNext={(isNext) => {
                setTried((before) => before.filter(({ file }) => file !== one.file));
                setNext((before) => [...before.filter((file) => file !== one.file), ...(isNext ? [one.file] : [])]);
              }}
              name={names[one.file] ?? ""}
              onName={(name) => setNames({ ...names, [one.file]: name.trim() })}
            />
          ))}
        </ul>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            {step === null ? "Keep as files in the draft" : "Keep it as a file"}
          </button>
          <button
            type="button"
            className="button primary"
            disabled={chosen.length === 0 || isWaiting}
            onClick={() => run.mutate()}
          >
            {run.isPending ? "Registering" : wordsFor(chosen)}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

const isPossible = ({ state }: DraftComponent): boolean => state === "new" || state === "same" || state === "failed";

function with_(all: ReadonlySet<string>, file: string, isIn: boolean): ReadonlySet<string> {
  const now = new Set(all);
  if (isIn) {
    now.add(file);
  } else {
    now.delete(file);
  }
  return now;
}

/** What the button does with those that are chosen. */
function wordsFor(chosen: readonly DraftComponent[]): string {
  const fresh = chosen.filter((one) => one.state !== "same").length;
  const them = chosen.length === 1 ? "it" : "them";
  if (fresh === chosen.length) {
    return `Register ${fresh} and refer to ${them}`;
  }
  return fresh === 0 ? `Refer to ${them}` : `Register ${fresh} and refer to ${chosen.length}`;
}

interface RowProps {
  one: DraftComponent;
  isChosen: boolean;
  isNext: boolean;
  name: string;
  onChoose(isChosen: boolean): void;
  onNext(isNext: boolean): void;
  onName(name: string): void;
}

function Row({ one, isChosen, isNext, name, onChoose, onNext, onName }: RowProps) {
  const id = useId();
  const shown = one.display_name ?? (one.name || one.file);
  return (
    <li>
      <input
        id={id}
        type="checkbox"
        checked={isChosen}
        disabled={!isPossible(one)}
        onChange={(event) => onChoose(event.target.checked)}
      />
      <div className="component-file">
        <label htmlFor={id}>
          <strong>{shown}</strong> {shown !== one.file && <span className="muted">{one.file}</span>}
        </label>
        <p className="muted small">
          {[
            one.name ? `${one.name}, ${versionWords(one, isNext)}` : "has no name",
            one.type ?? "command",
            one.code_files === 0 ? "no code" : `code ${sizeText(one.code_bytes)} in ${countOf(one.code_files, "file")}`,
            `used by ${one.steps.join(", ")}`,
          ].join(" · ")}
        </p>
        <p className={TONES[one.state] ?? "small"}>{outcomeOf(one)}</p>
        {one.problems.slice(1).map((problem) => (
          <p key={`${problem.file} ${problem.message}`} className="tone-bad small">
            {problem.message}
          </p>
        ))}
        {(one.state === "differs" || isNext) && one.next_version !== null && (
          <label className="form-check small">
            <input type="checkbox" checked={isNext} onChange={(event) => onNext(event.target.checked)} />
            As version {one.next_version} instead
          </label>
        )}
        {(!one.name || name !== "") && (
          <TextField label={`Name of ${one.file}`} value={name} placeholder={stemOf(one.file)} onSave={onName} />
        )}
      </div>
    </li>
  );
}

const versionWords = ({ version, next_version }: DraftComponent, isNext: boolean): string =>
  version === null || isNext ? `next version (${next_version ?? "1"})` : `version ${version}`;

const TONES: Record<string, string> = {
  differs: "tone-bad small",
  wrong: "tone-bad small",
  failed: "tone-bad small",
};

function outcomeOf(one: DraftComponent): string {
  switch (one.state) {
    case "new":
      return `Will be ${one.reference}.`;
    case "same":
      return `It is registered already, as ${one.reference}: nothing changes by registering it.`;
    case "registered":
      return `Is ${one.reference}.`;
    case "failed":
      return `It could not be registered: ${one.message ?? "the server did not say why"}`;
    default:
      return one.message === null ? "It cannot be registered." : `It cannot be registered: ${one.message}`;
  }
}

const countOf = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

const stemOf = (file: string): string => (file.split("/").at(-1) ?? file).replace(/\.ya?ml$/i, "");
