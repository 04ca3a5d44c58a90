import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useRef, useState } from "react";
import { createDraft, type NewDraft, type NewFile, templatesQuery } from "../../api/drafts";
import { inWorkspace } from "../../app/workspace";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/Failure";

type Way = "empty" | "template" | "text" | "files" | "job";

const WAYS: [Way, string][] = [
  ["empty", "Empty"],
  ["template", "An example"],
  ["text", "YAML text"],
  ["files", "A folder"],
  ["job", "A job"],
];

/** What a draft begins with. */
export function NewDraftDialog({ workspace, onClose }: { workspace: string; onClose(): void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const id = useId();
  const [way, setWay] = useState<Way>("empty");
  const [name, setName] = useState("");
  const [template, setTemplate] = useState("");
  const [text, setText] = useState("");
  const [job, setJob] = useState("");
  const [files, setFiles] = useState<readonly File[]>([]);
  const make = useMutation({
    mutationFn: async () => {
      const head = name.trim() === "" ? {} : { name: name.trim() };
      const ways: Record<Way, () => Promise<NewDraft>> = {
        empty: async () => head,
        template: async () => ({ ...head, template }),
        text: async () => ({ ...head, text }),
        files: async () => ({ ...head, files: await Promise.all(files.map(sent)) }),
        job: async () => ({ ...head, job: job.trim() }),
      };
      return createDraft(workspace, await ways[way]());
    },
    onSuccess: (draft) => {
      client.invalidateQueries({ queryKey: ["drafts", workspace] });
      navigate({ to: "/designer/$draft", params: { draft: draft.id }, search: inWorkspace(workspace) });
    },
  });
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
        {way === "files" && <Folder files={files} onFiles={setFiles} />}
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

function Folder({ files, onFiles }: { files: readonly File[]; onFiles(files: readonly File[]): void }) {
  const folder = useRef<HTMLInputElement>(null);
  const single = useRef<HTMLInputElement>(null);
  return (
    <div className="stack">
      <p className="muted">
        The folder with the pipeline's file and the components that it names by path; their code comes along. Or just
        the files.
      </p>
      <div className="row">
        <input
          type="file"
          hidden
          multiple
          aria-label="Folder"
          ref={(element) => {
            folder.current = element;
            // React has no word for it.
            element?.setAttribute("webkitdirectory", "");
          }}
          onChange={(event) => onFiles([...(event.target.files ?? [])])}
        />
        <input
          type="file"
          hidden
          multiple
          aria-label="Files"
          ref={single}
          onChange={(event) => onFiles([...(event.target.files ?? [])])}
        />
        <button type="button" className="button" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
        <button type="button" className="button" onClick={() => single.current?.click()}>
          Choose files
        </button>
        <span className="muted" role="status">
          {files.length === 0 ? "" : `${files.length} files`}
        </span>
      </div>
    </div>
  );
}

/** A file as it is sent: without the name of the folder that was chosen. */
async function sent(file: File): Promise<NewFile> {
  const inside = file.webkitRelativePath.split("/").slice(1).join("/");
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return { path: inside || file.name, base64: btoa(text) };
}
