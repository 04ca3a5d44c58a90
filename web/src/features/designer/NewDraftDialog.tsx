import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { ApiError } from "../../api/client";
import { createDraft, importZip, type NewDraft, templatesQuery } from "../../api/drafts";
import { inWorkspace } from "../../app/workspace";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/Failure";
import { FilesField } from "./FilesField";
import { isZip, type Picked, sent } from "./picked";

type Way = "empty" | "template" | "text" | "files" | "job";

const WAYS: [Way, string][] = [
  ["empty", "Empty"],
  ["template", "An example"],
  ["text", "YAML text"],
  ["files", "A folder or a zip"],
  ["job", "A job"],
];

interface NewDraftDialogProps {
  workspace: string;
  /** What was dropped on the page. */
  dropped?: readonly Picked[];
  onClose(): void;
}

/** What a draft begins with. */
export function NewDraftDialog({ workspace, dropped = [], onClose }: NewDraftDialogProps) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const id = useId();
  const [way, setWay] = useState<Way>(dropped.length === 0 ? "empty" : "files");
  const [name, setName] = useState("");
  const [template, setTemplate] = useState("");
  const [text, setText] = useState("");
  const [job, setJob] = useState("");
  const [files, setFiles] = useState(dropped);
  const [main, setMain] = useState("");
  const make = useMutation({
    mutationFn: async () => {
      const head = name.trim() === "" ? {} : { name: name.trim() };
      const [first] = files;
      if (way === "files" && first !== undefined && isZip(files)) {
        return importZip(workspace, first.file, name.trim(), main);
      }
      const ways: Record<Way, () => Promise<NewDraft>> = {
        empty: async () => head,
        template: async () => ({ ...head, template }),
        text: async () => ({ ...head, text }),
        files: async () => ({ ...head, ...(main === "" ? {} : { main }), files: await Promise.all(files.map(sent)) }),
        job: async () => ({ ...head, job: job.trim() }),
      };
      return createDraft(workspace, await ways[way]());
    },
    onSuccess: (draft) => {
      client.invalidateQueries({ queryKey: ["drafts", workspace] });
      navigate({
        to: "/designer/$draft",
        params: { draft: draft.id },
        // What came from outside may hold components that others would use too.
        search: { ...inWorkspace(workspace), ...(way === "files" && draft.file_count > 0 ? { components: true } : {}) },
      });
    },
  });
  const mains = make.error instanceof ApiError ? make.error.files : [];
  const pick = (picked: readonly Picked[]) => {
    setFiles(picked);
    setMain("");
    make.reset();
  };
  const isReady = {
    empty: true,
    template: template !== "",
    text: text.trim() !== "",
    files: files.length > 0,
    job: job.trim() !== "",
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Dialog title="New draft" onClose={onClose} isWide>
      <form className="stack" onSubmit={submit}>
        <fieldset className="ways">
          <legend>Begin with</legend>
          {WAYS.map(([one, words]) => (
            <label key={one} className="form-check">
              <input type="radio" name={`${id}-way`} checked={way === one} onChange={() => setWay(one)} />
              {words}
            </label>
          ))}
        </fieldset>
        {way === "template" && <Templates chosen={template} onChoose={setTemplate} />}
        {way === "text" && (
          <label className="stack">
            The pipeline's YAML
            <textarea
              className="field mono-field"
              rows={12}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </label>
        )}
        {way === "files" && <FilesField files={files} onFiles={pick} />}
        {way === "job" && (
          <label className="stack">
            The job's name
            <input className="field" value={job} onChange={(event) => setJob(event.target.value)} />
          </label>
        )}
        <label className="stack">
          Name of the draft
          <input
            className="field"
            value={name}
            placeholder={way === "empty" ? "Untitled" : "as it says itself"}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <Failure problem={make.error} />
        {way === "files" && (mains.length > 0 || main !== "") && (
          <label className="stack">
            Which file is the pipeline?
            <select className="field" value={main} onChange={(event) => setMain(event.target.value)}>
              <option value="">Choose one</option>
              {[...new Set([...mains, ...(main === "" ? [] : [main])])].map((path) => (
                <option key={path}>{path}</option>
              ))}
            </select>
          </label>
        )}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button primary" disabled={!isReady[way] || make.isPending}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Templates({ chosen, onChoose }: { chosen: string; onChoose(name: string): void }) {
  const templates = useQuery(templatesQuery());
  const id = useId();
  return (
    <fieldset className="ways templates">
      <legend>Example</legend>
      {templates.data?.map((one) => (
        <label key={one.name} className="form-check template">
          <input type="radio" name={id} checked={chosen === one.name} onChange={() => onChoose(one.name)} />
          <span>
            <strong>{one.title}</strong>{" "}
            <span className="muted small">{one.steps === 1 ? "1 step" : `${one.steps} steps`}</span>
            <br />
            <span className="muted">{one.description}</span>
          </span>
        </label>
      ))}
      <Failure problem={templates.error} />
    </fieldset>
  );
}
