import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { FileRow } from "../../api/jobs";
import { parseNotebook } from "../../domain/notebook";
import { parseTable } from "../../domain/table";
import { Skeleton } from "../../ui/Skeleton";
import { FileText } from "./FileText";
import { JsonTree } from "./JsonTree";
import "./files.css";

const NotebookView = lazy(() => import("./NotebookView"));
const Markdown = lazy(() => import("../../ui/Markdown"));

const HEAD_BYTES = 256 * 1024;
/** What is only understood as a whole is read as a whole, up to here. */
const WHOLE_BYTES = 8 * 1024 * 1024;
const WHOLE = /\.(ipynb|json|md)$/i;
const ROWS_MAX = 100;
const IMAGE = /\.(png|jpe?g|gif|webp|svg|bmp)$/i;
const TABLE = /\.(csv|tsv)$/i;

/** The beginning of a file. Nothing in it is ever run: text is text, and images cannot hold scripts. */
export function FilePreview({ file, address }: { file: FileRow; address: string }) {
  const isImage = IMAGE.test(file.path);
  const head = useQuery({
    queryKey: ["head", address],
    enabled: !isImage && file.size > 0,
    queryFn: async ({ signal }) => {
      const answer = await fetch(address, {
        headers: { range: `bytes=0-${(WHOLE.test(file.path) ? WHOLE_BYTES : HEAD_BYTES) - 1}` },
        credentials: "same-origin",
        signal,
      });
      if (!answer.ok) {
        throw new Error(`the server answered ${answer.status}`);
      }
      return new Uint8Array(await answer.arrayBuffer());
    },
  });
  if (isImage) {
    return <img className="preview-image" src={address} alt={file.path} />;
  }
  if (file.size === 0) {
    return <p className="muted">The file is empty.</p>;
  }
  if (head.isError) {
    return <p className="tone-bad">{head.error.message}</p>;
  }
  if (head.data === undefined) {
    return <Skeleton lines={3} />;
  }
  return <Head bytes={head.data} file={file} />;
}

function Head({ bytes, file }: { bytes: Uint8Array; file: FileRow }) {
  if (bytes.subarray(0, 8000).includes(0)) {
    return <pre className="code-block">{hexOf(bytes.subarray(0, 512))}</pre>;
  }
  const text = new TextDecoder().decode(bytes);
  const isPart = bytes.length < file.size;
  const note = isPart ? (
    <p className="muted small">The first {Math.round(Math.min(bytes.length, HEAD_BYTES) / 1024)} KiB.</p>
  ) : null;
  if (TABLE.test(file.path)) {
    const [columns = [], ...rows] = parseTable(text, /\.tsv$/i.test(file.path) ? "\t" : ",", ROWS_MAX + 1);
    return (
      <div className="preview-table">
        <table className="table small">
          <thead>
            <tr>
              {columns.map((column, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns of a file may have equal names.
                <th key={at}>{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have nothing but their place.
              <tr key={at}>
                {row.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above.
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length >= ROWS_MAX && <p className="muted small">The first {ROWS_MAX} rows.</p>}
      </div>
    );
  }
  const looked = isPart ? null : lookOf(text, file.path);
  const plain = (
    <>
      <FileText text={isPart ? text.slice(0, HEAD_BYTES) : text} />
      {note}
    </>
  );
  return looked === null ? plain : <TwoWays looked={looked} plain={plain} />;
}

/** What is better looked at than read; it can be read all the same. */
function TwoWays({ looked, plain }: { looked: ReactNode; plain: ReactNode }) {
  const [isPlain, setPlain] = useState(false);
  return (
    <>
      <button type="button" className="button small" aria-pressed={isPlain} onClick={() => setPlain(!isPlain)}>
        As text
      </button>
      {isPlain ? plain : <Suspense fallback={<Skeleton lines={3} />}>{looked}</Suspense>}
    </>
  );
}

function lookOf(text: string, path: string): ReactNode | null {
  if (/\.md$/i.test(path)) {
    return <Markdown text={text} />;
  }
  if (/\.ipynb$/i.test(path)) {
    const found = parseNotebook(text);
    return found === null ? null : <NotebookView cells={found.cells} />;
  }
  if (/\.json$/i.test(path)) {
    try {
      return <JsonTree value={JSON.parse(text)} />;
    } catch {
      return null;
    }
  }
  return null;
}

function hexOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join("\n");
}
