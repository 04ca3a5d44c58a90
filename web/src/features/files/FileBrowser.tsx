import { useState } from "react";
import type { FileRow } from "../../api/jobs";
import { sizeText } from "../../domain/format";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { FilePreview } from "./FilePreview";
import { ImageGallery } from "./ImageGallery";

const SHOWN_AT_FIRST = 200;

interface FileBrowserProps {
  files: readonly FileRow[] | undefined;
  problem: unknown;
  onRetry(): void;
  addressOf(path: string): string;
  /** Address of everything as one archive, where there is one. */
  whole?: string;
  whatIfEmpty: string;
}

/** Files to look into and to take away. */
export function FileBrowser({ files, problem, onRetry, addressOf, whole, whatIfEmpty }: FileBrowserProps) {
  const [open, setOpen] = useState<string | null>(null);
  const [count, setCount] = useState(SHOWN_AT_FIRST);
  if (problem) {
    return <Trouble what="The files" problem={problem} onRetry={onRetry} />;
  }
  if (files === undefined) {
    return <Skeleton lines={3} />;
  }
  if (files.length === 0) {
    return <p className="muted">{whatIfEmpty}</p>;
  }
  return (
    <div className="stack">
      <ImageGallery files={files} addressOf={addressOf} />
      <table className="table">
        <tbody>
          {files.slice(0, count).map((file) => (
            <tr key={file.path}>
              <td className="breakable">
                <button
                  type="button"
                  className="link"
                  aria-expanded={file.path === open}
                  onClick={() => setOpen(file.path === open ? null : file.path)}
                >
                  {file.path}
                </button>
                {file.path === open && <FilePreview file={file} address={addressOf(file.path)} />}
              </td>
              <td className="number muted">{sizeText(file.size)}</td>
              <td className="number">
                <a href={addressOf(file.path)} download={file.path.slice(file.path.lastIndexOf("/") + 1)}>
                  Download<span className="hidden"> {file.path}</span>
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row small">
        {files.length > count && (
          <button type="button" className="button" onClick={() => setCount(count + 1000)}>
            Show more of {files.length}
          </button>
        )}
        {whole !== undefined && files.length > 1 && (
          <a href={whole} download>
            Download all {files.length} as zip
          </a>
        )}
      </div>
    </div>
  );
}
