/** The first rows of delimited text, quotes as in RFC 4180. */

export function parseTable(text: string, delimiter: string, rowsMax: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endRow = () => {
    row.push(cell);
    rows.push(row);
    row = [];
    cell = "";
  };
  for (let at = 0; at < text.length && rows.length < rowsMax; at += 1) {
    const sign = text[at] as string;
    if (isQuoted) {
      if (sign !== '"') {
        cell += sign;
      } else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else {
        isQuoted = false;
      }
    } else if (sign === '"' && cell === "") {
      isQuoted = true;
    } else if (sign === delimiter) {
      row.push(cell);
      cell = "";
    } else if (sign === "\n") {
      endRow();
    } else if (sign !== "\r") {
      cell += sign;
    }
  }
  if (rows.length < rowsMax && (cell !== "" || row.length > 0)) {
    endRow();
  }
  return rows;
}
