import { useQuery } from "@tanstack/react-query";
import type { FileRow } from "../../api/jobs";
import { parseTable } from "../../domain/table";
import { Skeleton } from "../../ui/Skeleton";

const HEAD_BYTES = 256 * 1024;
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
        headers: { range: `bytes=0-${HEAD_BYTES - 1}` },
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
  const note = isPart ? <p className="muted small">The first {bytes.length / 1024} KiB.</p> : null;
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
  return (
    <>
      <pre className="code-block preview-text">{pretty(text, file.path, isPart)}</pre>
      {note}
    </>
  );
}

function pretty(text: string, path: string, isPart: boolean): string {
  if (isPart || !/\.json$/i.test(path)) {
    return text;
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
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
