import { useRef, useState } from "react";
import { sizeText } from "../../domain/format";
import { chosenFiles, droppedFiles, isZip, type Picked, sizeOf } from "./picked";
import "./components.css";

interface FilesFieldProps {
  files: readonly Picked[];
  onFiles(files: readonly Picked[]): void;
}

/** A folder, a zip or files: chosen, or dropped here. */
export function FilesField({ files, onFiles }: FilesFieldProps) {
  const folder = useRef<HTMLInputElement>(null);
  const single = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be chosen by the buttons too.
    <div
      className={`drop-zone${isOver ? " is-over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        droppedFiles(event.dataTransfer).then(onFiles);
      }}
    >
      <p className="muted">
        The folder with the pipeline's file and the components that it names by path; their code comes along. As a
        folder, as a zip, or just the files: drop them here, or choose. A draft holds at most 5,000 files with 64 MiB;
        data is registered, not drafted.
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
          onChange={(event) => onFiles(chosenFiles(event.target.files))}
        />
        <input
          type="file"
          hidden
          multiple
          aria-label="Files"
          ref={single}
          onChange={(event) => onFiles(chosenFiles(event.target.files))}
        />
        <button type="button" className="button" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
        <button type="button" className="button" onClick={() => single.current?.click()}>
          Choose a zip or files
        </button>
        <span className="muted" role="status">
          {wordsFor(files)}
        </span>
      </div>
    </div>
  );
}

function wordsFor(files: readonly Picked[]): string {
  if (files.length === 0) {
    return "";
  }
  const size = sizeText(sizeOf(files));
  return isZip(files)
    ? `${files[0]?.path}, ${size}`
    : `${files.length === 1 ? "1 file" : `${files.length} files`}, ${size}`;
}
