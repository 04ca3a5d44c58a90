import { lazy, Suspense, useEffect, useRef } from "react";
import { piecesOf } from "../../domain/ansi";
import type { NotebookCell, NotebookOutput } from "../../domain/notebook";

const Markdown = lazy(() => import("../../ui/Markdown"));
const CELLS_MAX = 300;

/** A notebook to read: text is text, images are painted, and what would need a browser to run is left out. */
export default function NotebookView({ cells }: { cells: readonly NotebookCell[] }) {
  return (
    <div className="notebook">
      {cells.slice(0, CELLS_MAX).map((cell, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells have nothing but their place.
        <Cell key={place} cell={cell} />
      ))}
      {cells.length > CELLS_MAX && <p className="muted">{cells.length - CELLS_MAX} more cells.</p>}
    </div>
  );
}

function Cell({ cell }: { cell: NotebookCell }) {
  if (cell.kind === "markdown") {
    return (
      <Suspense fallback={<p>{cell.text}</p>}>
        <Markdown text={cell.text} />
      </Suspense>
    );
  }
  return (
    <div className="cell">
      <div className="cell-mark muted small">{cell.kind === "code" ? `[${cell.count ?? " "}]` : ""}</div>
      <pre className="code-block">{cell.text}</pre>
      {cell.outputs.map((output, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above.
        <Output key={place} output={output} />
      ))}
    </div>
  );
}

function Output({ output }: { output: NotebookOutput }) {
  if (output.kind === "image") {
    return <Painted text={output.text} />;
  }
  if (output.kind === "left-out") {
    return <p className="muted small cell-output">Not shown here: {output.text || "an output without data"}.</p>;
  }
  return (
    <pre className={`cell-output${output.kind === "error" ? " cell-error" : ""}`}>
      {piecesOf(output.text).map((piece, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have nothing but their place.
        <span key={place} className={piece.className}>
          {piece.text}
        </span>
      ))}
    </pre>
  );
}

/** Pixels instead of an address: images are only loaded from our own server, and this one is inside a file. */
function Painted({ text }: { text: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let isGone = false;
    const paint = async () => {
      const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes]));
      const element = canvas.current;
      if (isGone || element === null) {
        return;
      }
      element.width = image.width;
      element.height = image.height;
      element.getContext("2d")?.drawImage(image, 0, 0);
    };
    // What is no image stays an empty canvas.
    paint().catch(() => {});
    return () => {
      isGone = true;
    };
  }, [text]);
  return <canvas ref={canvas} className="preview-image cell-output" role="img" aria-label="Output of the cell" />;
}
