import type { Compared } from "../../api/compare";

interface Row extends Compared {
  step?: string;
}

/** Values side by side; where they differ they are marked, with the word for those who do not see the colour. */
export function ComparedTable({
  title,
  rows,
  heads,
  isAll,
  textOf = (value) =>
    value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value),
}: {
  title: string;
  rows: readonly Row[];
  heads: readonly string[];
  isAll: boolean;
  textOf?(value: unknown): string;
}) {
  const shown = rows.filter((row) => isAll || !row.same);
  if (shown.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>{title}</h2>
      <div className="wide-scroll">
        <table className="table compare-table">
          <thead>
            <tr>
              <th>Name</th>
              {heads.map((head, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: jobs may be called alike.
                <th key={place}>{head}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={`${row.step ?? ""} ${row.name}`} className={row.same ? "" : "differs"}>
                <td>
                  {row.step !== undefined && row.step !== "" && `${row.step}: `}
                  {row.name}
                  {isAll && !row.same && <span className="hidden"> differs</span>}
                </td>
                {row.values.map((value, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: values have nothing but their place.
                  <td key={place}>{textOf(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
