import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { datastoresQuery, reach } from "../../api/datastores";
import type { Datastore } from "../../api/schema.gen";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { commandOf } from "../../domain/command";
import { CommandLine } from "../../ui/CommandLine";
import { Copy } from "../../ui/Copy";
import { Failure } from "../../ui/Failure";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { placeText } from "./place";
import { StoreFile } from "./StoreFile";
import { StoreTree } from "./StoreTree";
import "../jobs/jobs.css";
import "../files/files.css";

/** One datastore: what is known of it, its folders, and the file that was chosen. */
export function DatastorePage() {
  const { name } = useParams({ from: "/datastores/$name" });
  const workspace = useWorkspace();
  const all = useQuery(datastoresQuery(workspace));
  if (all.isError) {
    return <Trouble what={`Datastore ${name}`} problem={all.error} onRetry={() => all.refetch()} />;
  }
  if (all.data === undefined) {
    return <Skeleton lines={6} />;
  }
  const datastore = all.data.find((one) => one.name === name);
  if (datastore === undefined) {
    return (
      <div className="empty" role="alert">
        <h2>There is no datastore {name}</h2>
        <p>
          <Link to="/datastores" search={inWorkspace(workspace)}>
            See the {all.data.length} that there are
          </Link>
        </p>
      </div>
    );
  }
  return (
    <div className="jobs">
      <title>{`${name} · Pipeyard`}</title>
      <Head datastore={datastore} workspace={workspace} />
      <Files key={`${workspace} ${name}`} datastore={datastore} workspace={workspace} />
    </div>
  );
}

interface PartProps {
  datastore: Datastore;
  workspace: string;
}

function Head({ datastore, workspace }: PartProps) {
  const { name } = datastore;
  const test = useMutation({ mutationFn: () => reach(workspace, name) });
  return (
    <>
      <div className="jobs-head">
        <Link to="/datastores" search={inWorkspace(workspace)} className="muted">
          Datastores
        </Link>
        <span className="muted" aria-hidden="true">
          /
        </span>
        <h1>{name}</h1>
        {datastore.is_default && <span className="tag">default</span>}
        <span className="muted breakable">
          {datastore.type} · {placeText(datastore)}
          {datastore.credentials_type !== null && ` · ${datastore.credentials_type}, kept and never shown`}
        </span>
        <span className="space" />
        <span role="status" className="tone-good">
          {test.isSuccess && "It answers and lets us in."}
        </span>
        <button type="button" className="button" disabled={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? "Asking…" : "Test connection"}
        </button>
        <Copy text={`azureml://datastores/${name}/paths/`} label="Copy path" />
      </div>
      {test.isError && (
        <div className="filters">
          <Failure problem={test.error} />
        </div>
      )}
    </>
  );
}

function Files({ datastore, workspace }: PartProps) {
  const { path = "", file } = useSearch({ from: "/datastores/$name" });
  const navigate = useNavigate({ from: "/datastores/$name" });
  const { name } = datastore;
  // Where the page was opened; what is opened later is in the tree already.
  const [openAtFirst] = useState(path);
  const chosen = file === undefined ? undefined : [path, file].filter(Boolean).join("/");
  const open = (folder: string, shown?: string) =>
    navigate({
      search: {
        ...inWorkspace(workspace),
        ...(folder === "" ? {} : { path: folder }),
        ...(shown ? { file: shown } : {}),
      },
      replace: true,
    });
  const choose = (whole: string) => {
    const slash = whole.lastIndexOf("/");
    open(whole.slice(0, Math.max(0, slash)), whole.slice(slash + 1));
  };
  return (
    <div className="jobs-scroll files store-files">
      <nav className="files-tree" aria-label="Files">
        {datastore.type === "http" ? (
          <FileOfTheWeb onChoose={choose} />
        ) : (
          <StoreTree
            workspace={workspace}
            name={name}
            chosen={chosen}
            openAtFirst={openAtFirst}
            onChoose={choose}
            onOpen={open}
          />
        )}
      </nav>
      {chosen === undefined ? (
        <section className="files-shown stack" aria-label="No file">
          <p className="muted">Choose a file to look into it, or list and fetch them by command:</p>
          <CommandLine
            text={commandOf(workspace, "datastore", "list-files", "-n", name, ...(path ? ["--path", path] : []))}
          />
          <CommandLine text={commandOf(workspace, "datastore", "download", "-n", name, "--path", path || "PATH")} />
        </section>
      ) : (
        <StoreFile key={chosen} workspace={workspace} name={name} path={chosen} />
      )}
    </div>
  );
}

/** The Web lists no folders: one says which file is meant. */
function FileOfTheWeb({ onChoose }: { onChoose(path: string): void }) {
  const [path, setPath] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = path.replace(/^\/+|\/+$/g, "");
    if (wanted !== "") {
      onChoose(wanted);
    }
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p className="muted">The Web lists no folders. Name a file:</p>
      <input
        className="field"
        value={path}
        aria-label="Path of a file"
        placeholder="folder/file.csv"
        onChange={(event) => setPath(event.target.value)}
      />
      <button type="submit" className="button">
        Look into it
      </button>
    </form>
  );
}
