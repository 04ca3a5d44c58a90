/** A box to tick, with what that means. */
export function Check({ text, isOn, onChange }: { text: string; isOn: boolean; onChange(isOn: boolean): void }) {
  return (
    <label className="form-check">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      {text}
    </label>
  );
}
