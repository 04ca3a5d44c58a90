import type { LineageSearch } from "./LineageView";

const KINDS = [
  ["data", "Data"],
  ["models", "Models"],
  ["outputs", "Outputs"],
  ["components", "Components"],
  ["environments", "Environments"],
] as const;

const AGES = [
  ["", "Any time"],
  ["1d", "Last day"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["90d", "Last 90 days"],
] as const;

interface LineageFilterProps {
  kinds: readonly string[];
  since: string | undefined;
  onChange(values: Partial<LineageSearch>): void;
}

/** Which kinds of assets are shown, and jobs of which time. */
export function LineageFilter({ kinds, since, onChange }: LineageFilterProps) {
  const toggle = (kind: string, isWanted: boolean) =>
    onChange({
      kinds: KINDS.map(([one]) => one).filter((one) => (one === kind ? isWanted : kinds.includes(one))),
    });
  return (
    <div className="lineage-filter">
      <fieldset>
        <legend className="hidden">Assets that are shown</legend>
        {KINDS.map(([kind, label]) => (
          <label key={kind} className="form-check">
            <input
              type="checkbox"
              checked={kinds.includes(kind)}
              // One at least: of nothing there is no picture.
              disabled={kinds.length === 1 && kinds.includes(kind)}
              onChange={(event) => toggle(kind, event.target.checked)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <label className="row">
        <span className="muted">Jobs of</span>
        <select
          className="field"
          value={since ?? ""}
          onChange={(event) => onChange({ since: event.target.value || undefined })}
        >
          {AGES.map(([age, label]) => (
            <option key={age} value={age}>
              {label}
            </option>
          ))}
          {since !== undefined && !AGES.some(([age]) => age === since) && <option value={since}>{since}</option>}
        </select>
      </label>
    </div>
  );
}
