/** A notebook file as what can be shown of it: cells, and what they printed. Nothing of it is ever run. */

export interface NotebookOutput {
  kind: "text" | "error" | "image" | "left-out";
  /** Text, or the base64 text of an image; of what is left out, its type. */
  text: string;
}

export interface NotebookCell {
  kind: "markdown" | "code" | "raw";
  text: string;
  count: number | null;
  outputs: NotebookOutput[];
}

type Raw = Record<string, unknown>;
const IMAGES = ["image/png", "image/jpeg"];

/** Null: the text is no notebook. */
export function parseNotebook(text: string): { language: string; cells: NotebookCell[] } | null {
  let whole: Raw;
  try {
    whole = objectOf(JSON.parse(text));
  } catch {
    return null;
  }
  // Notebooks of format 3 keep their cells in worksheets.
  const sheets = listOf(whole.worksheets).map(objectOf);
  const cells = Array.isArray(whole.cells) ? whole.cells : sheets.flatMap((sheet) => listOf(sheet.cells));
  if (!Array.isArray(whole.cells) && sheets.length === 0) {
    return null;
  }
  const info = objectOf(objectOf(whole.metadata).language_info);
  return {
    language: typeof info.name === "string" ? info.name : "",
    cells: cells.map((cell) => cellOf(objectOf(cell))),
  };
}

function cellOf(cell: Raw): NotebookCell {
  const kind = cell.cell_type === "markdown" || cell.cell_type === "heading" ? "markdown" : cell.cell_type;
  const count = cell.execution_count ?? cell.prompt_number;
  return {
    kind: kind === "markdown" || kind === "code" ? kind : "raw",
    text: joined(cell.source ?? cell.input),
    count: typeof count === "number" ? count : null,
    outputs: listOf(cell.outputs).map((output) => outputOf(objectOf(output))),
  };
}

function outputOf(output: Raw): NotebookOutput {
  if (output.output_type === "stream") {
    return { kind: "text", text: joined(output.text) };
  }
  if (output.output_type === "error" || output.output_type === "pyerr") {
    const trace = listOf(output.traceback).map(String).join("\n");
    return { kind: "error", text: trace || `${String(output.ename)}: ${String(output.evalue)}` };
  }
  const data = objectOf(output.data);
  const image = IMAGES.find((type) => data[type] !== undefined);
  if (image !== undefined) {
    return { kind: "image", text: joined(data[image]).replace(/\s/g, "") };
  }
  if (data["text/plain"] !== undefined) {
    return { kind: "text", text: joined(data["text/plain"]) };
  }
  return { kind: "left-out", text: Object.keys(data).join(", ") };
}

const joined = (value: unknown): string => (Array.isArray(value) ? value.map(String).join("") : String(value ?? ""));
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const objectOf = (value: unknown): Raw =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Raw) : {};
