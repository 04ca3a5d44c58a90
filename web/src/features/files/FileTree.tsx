import { IconChevronDown, IconChevronRight, IconFile, IconFolder } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { type Folder, fileName, folderOf, type SizedFile } from "../../domain/folder";
import { sizeText } from "../../domain/format";
import { FilePreview } from "./FilePreview";
import "./files.css";

/** Of one folder at a time: nobody looks through more by eye. */
const SHOWN_AT_FIRST = 200;

interface FileTreeProps {
  files: readonly SizedFile[];
  addressOf(path: string): string;
  /** The file that is shown before any was chosen. */
  first?: string | undefined;
  onChosen?(path: string): void;
}

/** Folders to open and close, and beside them the file that was chosen. */
export function FileTree({ files, addressOf, first, onChosen }: FileTreeProps) {
  const root = useMemo(() => folderOf(files), [files]);
  const [chosen, setChosen] = useState(first ?? (files.length === 1 ? files[0]?.path : undefined));
  const file = files.find((one) => one.path === chosen);
  const choose = (path: string) => {
    setChosen(path);
    onChosen?.(path);
  };
  if (files.length === 0) {
    return <p className="muted">The folder is empty.</p>;
  }
  return (
    <div className="files">
      <nav className="files-tree" aria-label="Files">
        <Inside folder={root} chosen={chosen} onChoose={choose} isOpenAtFirst={root.folders.length === 1} />
        <p className="muted small">
          {root.count} {root.count === 1 ? "file" : "files"}, {sizeText(root.size)}
        </p>
      </nav>
      <section className="files-shown" aria-label={file === undefined ? "No file" : file.path}>
        {file === undefined ? (
          <p className="muted">Choose a file to look into it.</p>
        ) : (
          <>
            <div className="row">
              <h3 className="breakable">{file.path}</h3>
              <a href={addressOf(file.path)} download={fileName(file.path)}>
                Download<span className="hidden"> {file.path}</span>
              </a>
            </div>
            <FilePreview key={file.path} file={file} address={addressOf(file.path)} />
          </>
        )}
      </section>
    </div>
  );
}

interface InsideProps {
  folder: Folder;
  chosen: string | undefined;
  onChoose(path: string): void;
  isOpenAtFirst: boolean;
}

function Inside({ folder, chosen, onChoose, isOpenAtFirst }: InsideProps) {
  const [count, setCount] = useState(SHOWN_AT_FIRST);
  return (
    <ul>
      {folder.folders.map((inner) => (
        <Branch key={inner.path} folder={inner} chosen={chosen} onChoose={onChoose} isOpenAtFirst={isOpenAtFirst} />
      ))}
      {folder.files.slice(0, count).map((file) => (
        <li key={file.path}>
          <button
            type="button"
            className="files-row"
            aria-current={file.path === chosen}
            title={file.path}
            onClick={() => onChoose(file.path)}
          >
            <IconFile size={14} aria-hidden="true" />
            <span className="name">{fileName(file.path)}</span>
            <span className="muted small">{sizeText(file.size)}</span>
          </button>
        </li>
      ))}
      {folder.files.length > count && (
        <li>
          <button type="button" className="button small" onClick={() => setCount(count + 1000)}>
            Show more of {folder.files.length}
          </button>
        </li>
      )}
    </ul>
  );
}

function Branch({ folder, chosen, onChoose, isOpenAtFirst }: InsideProps) {
  const [isOpen, setOpen] = useState(isOpenAtFirst || chosen?.startsWith(`${folder.path}/`) === true);
  const Sign = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <li>
      <button type="button" className="files-row" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Sign size={14} aria-hidden="true" />
        <IconFolder size={14} aria-hidden="true" />
        <span className="name">{folder.name}</span>
        <span className="muted small">{folder.count}</span>
      </button>
      {isOpen && <Inside folder={folder} chosen={chosen} onChoose={onChoose} isOpenAtFirst={false} />}
    </li>
  );
}
