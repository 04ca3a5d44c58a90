import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { previewQuery } from "../../api/assets";
import { ApiError } from "../../api/client";
import type { Preview } from "../../api/schema.gen";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";
import { FilesTab } from "./FilesTab";
import type { PartProps } from "./part";
import "../files/files.css";

const ROWS = 50;
const ROWS_MAX = 1000;
const TABLE = /\.(csv|tsv|jsonl|ndjson|parquet|json)$/i;

/** What is in a version of data: rows if it is a table, else the files. */
export function PreviewTab(props: PartProps) {
  const { type, path = "" } = props.asset;
  return type === "mltable" || (type === "uri_file" && TABLE.test(path)) ? (
    <Table {...props} />
  ) : (
    <FilesTab {...props} />
  );
}

function Table(props: PartProps) {
  const { asset, workspace } = props;
  const [count, setCount] = useState(ROWS);
  const preview = useQuery({
    ...previewQuery(workspace, asset.name, asset.version, count),
    placeholderData: (before) => before,
  });
  if (preview.isError) {
    const isFile = asset.type === "uri_file";
    const hint = preview.error instanceof ApiError ? preview.error.hint : null;
    return isFile ? (
      <div className="stack">
        <div className="notice">
          It is not read as a table: {preview.error.message}
          {hint !== null && ` – ${hint}`}
        </div>
        <FilesTab {...props} />
      </div>
    ) : (
      <Trouble what="The rows" problem={preview.error} onRetry={() => preview.refetch()} />
    );
  }
  if (preview.data === undefined) {
    return <Skeleton lines={8} />;
  }
  return (
    <div className="stack">
      <Rows preview={preview.data} />
      <div className="row">
        <span className="muted small">
          {preview.data.is_complete ? "All" : "The first"} {preview.data.rows.length} rows,{" "}
          {preview.data.columns.length} columns.{preview.data.is_cut && " It took long, so reading was ended."}
        </span>
        {!preview.data.is_complete && count < ROWS_MAX && (
          <button
            type="button"
            className="button small"
            disabled={preview.isFetching}
            onClick={() => setCount(ROWS_MAX)}
          >
            Show the first {ROWS_MAX}
          </button>
        )}
      </div>
    </div>
  );
}

function Rows({ preview }: { preview: Preview }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys.
    <section className="preview-rows" tabIndex={0} aria-label="Rows">
      <table className="table small">
        <thead>
          <tr>
            {preview.columns.map((column) => (
              <th key={column.name} className={isNumber(column.type) ? "number" : ""}>
                {column.name} <span className="muted">{column.type}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have nothing but their place.
            <tr key={at}>
              {preview.columns.map(({ name, type }) => (
                <td key={name} className={isNumber(type) ? "number" : ""}>
                  {cellText(row[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const isNumber = (type: string): boolean => type === "int" || type === "float";

function cellText(value: unknown): string {
  if (value === null || value === undefined) {
    return "";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
