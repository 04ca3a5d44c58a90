export interface ChartChoice {
  axis: "step" | "time";
  smoothing: number;
  isLog: boolean;
  text: string;
}

export const FIRST_CHOICE: ChartChoice = { axis: "step", smoothing: 0, isLog: false, text: "" };

/** How curves are drawn, for all of a page at once. */
export function ChartBar({
  choice,
  onChange,
  count,
}: {
  choice: ChartChoice;
  onChange(choice: ChartChoice): void;
  count: number;
}) {
  return (
    <div className="chart-bar">
      <input
        className="field"
        type="search"
        value={choice.text}
        placeholder="Find a metric"
        aria-label="Find a metric"
        onChange={(event) => onChange({ ...choice, text: event.target.value })}
      />
      <label>
        <span className="hidden">Horizontal axis</span>
        <select
          className="field"
          value={choice.axis}
          onChange={(event) => onChange({ ...choice, axis: event.target.value as ChartChoice["axis"] })}
        >
          <option value="step">By step</option>
          <option value="time">By time</option>
        </select>
      </label>
      <label className="row muted">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={choice.smoothing}
          onChange={(event) => onChange({ ...choice, smoothing: Number(event.target.value) })}
        />
        <output>{choice.smoothing.toFixed(2)}</output>
      </label>
      <button
        type="button"
        className="button"
        aria-pressed={choice.isLog}
        onClick={() => onChange({ ...choice, isLog: !choice.isLog })}
      >
        Log scale
      </button>
      <span className="muted small">{count === 1 ? "1 metric" : `${count} metrics`}</span>
    </div>
  );
}
