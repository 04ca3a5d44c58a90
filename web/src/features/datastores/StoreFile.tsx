import { useQuery } from "@tanstack/react-query";
import { fileAddressIn, sizeQuery } from "../../api/datastores";
import { fileName } from "../../domain/folder";
import { sizeText } from "../../domain/format";
import { Copy } from "../../ui/Copy";
import { Skeleton } from "../../ui/Skeleton";
import { FilePreview } from "../files/FilePreview";

interface StoreFileProps {
  workspace: string;
  name: string;
  path: string;
}

/** One file of a datastore: the beginning of what is in it, and the way to have all of it. */
export function StoreFile({ workspace, name, path }: StoreFileProps) {
  const address = fileAddressIn(workspace, name, path);
  const size = useQuery(sizeQuery(address));
  return (
    <section className="files-shown" aria-label={path}>
      <div className="row wrapped">
        <h2 className="breakable">{path}</h2>
        {size.data !== undefined && <span className="muted">{sizeText(size.data)}</span>}
        <span className="space" />
        <Copy text={`azureml://datastores/${name}/paths/${path}`} label="Copy path" />
        <a href={address} download={fileName(path)}>
          Download<span className="hidden"> {path}</span>
        </a>
      </div>
      {size.isError ? (
        <p className="tone-bad" role="alert">
          {path}: {size.error.message}
        </p>
      ) : size.data === undefined ? (
        <Skeleton lines={3} />
      ) : (
        <FilePreview key={path} file={{ path, size: size.data }} address={address} />
      )}
    </section>
  );
}
