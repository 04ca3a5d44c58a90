/** Stands in a long table for the rows above or below the window. */
export function Filler({ height, columns }: { height: number; columns: number }) {
  return height > 0 ? (
    <tr className="filler">
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  ) : null;
}
