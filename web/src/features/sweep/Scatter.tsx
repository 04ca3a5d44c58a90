import { useMemo, useState } from "react";
import { type Axis, orderAxis, type Sweep, type Trial } from "../../domain/trials";
import { Dots } from "./Dots";

interface ScatterProps {
  sweep: Sweep;
  axes: readonly Axis[];
  goodness(trial: Trial): number | null;
  isIn(trial: Trial): boolean;
  lit: number | null;
  onLight(index: number | null): void;
}

/** Any two of the hyperparameters, the metric and the order; the colour says how good a trial is, which makes a third. */
export function Scatter({ sweep, axes, ...shown }: ScatterProps) {
  const all = useMemo(() => [...axes, orderAxis(sweep)], [axes, sweep]);
  const names = all.map((axis) => axis.name);
  const [across, setAcross] = useState<string | null>(null);
  const [up, setUp] = useState<string | null>(null);
  const xs = all.find((axis) => axis.name === across) ?? all[0];
  const ys = all.find((axis) => axis.name === up) ?? axes.at(-1);
  if (xs === undefined || ys === undefined) {
    return null;
  }
  return (
    <figure className="chart">
      <figcaption>
        <Choice label="Across" names={names} value={xs.name} onChange={setAcross} />{" "}
        <Choice label="Up" names={names} value={ys.name} onChange={setUp} />
      </figcaption>
      <Dots label={`${ys.name} over ${xs.name}`} trials={sweep.value} xs={xs} ys={ys} {...shown} />
    </figure>
  );
}

interface ChoiceProps {
  label: string;
  names: readonly string[];
  value: string;
  onChange(name: string): void;
}

function Choice({ label, names, value, onChange }: ChoiceProps) {
  return (
    <label className="small">
      {label}{" "}
      <select className="field" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
