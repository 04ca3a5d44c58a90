import {
  differingValue,
  differingWord,
  type Link,
  type Merged,
  type MergedStep,
  mergedName,
} from "../../domain/merged";
import { ChangePill } from "../../ui/ChangePill";
import { OnlyDifferences } from "./CompareSummary";

interface MergedListProps {
  merged: Merged;
  selected: string | null;
  isAll: boolean;
  onAll(isAll: boolean): void;
  onLocate(key: string): void;
}

/** What the canvas shows, in words: every step, and every line between two. */
export function MergedList({ merged, selected, isAll, onAll, onLocate }: MergedListProps) {
  const steps = [...merged.steps.values()].filter((step) => isAll || step.change !== "same");
  const links = merged.links.filter((link) => isAll || link.change !== "same");
  const ports = [...merged.ports].filter(([, port]) => isAll || port.change !== "same");
  return (
    <section className="stack" aria-label="Both graphs as a list">
      <OnlyDifferences isAll={isAll} onAll={onAll} />
      {steps.length + links.length + ports.length === 0 && (
        <p className="muted">Both graphs have the same steps and lines.</p>
      )}
      {steps.length > 0 && (
        <div className="wide-scroll">
          <table className="table merged-list">
            <caption className="hidden">Steps</caption>
            <thead>
              <tr>
                <th>Step</th>
                <th>Change</th>
                <th>What differs, from A to B</th>
              </tr>
            </thead>
            <tbody>
              {steps.map((step) => (
                <tr key={step.key} aria-current={step.key === selected || undefined}>
                  <td>
                    <button type="button" className="link" onClick={() => onLocate(step.key)}>
                      {placeText(step)}
                    </button>
                  </td>
                  <td>
                    <ChangePill change={step.change} />
                  </td>
                  <td>{differencesText(step)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {links.length + ports.length > 0 && (
        <div className="wide-scroll">
          <table className="table merged-list">
            <caption className="hidden">Lines, inputs and outputs</caption>
            <thead>
              <tr>
                <th>Line</th>
                <th>Change</th>
                <th>What flows</th>
              </tr>
            </thead>
            <tbody>
              {ports.map(([key, port]) => (
                <tr key={key}>
                  <td>{key.replace(":", " ")}</td>
                  <td>
                    <ChangePill change={port.change as MergedStep["change"]} />
                  </td>
                  <td className="breakable">
                    {port.change === "changed" ? port.values.map(differingValue).join(" → ") : ""}
                  </td>
                </tr>
              ))}
              {links.map((link) => (
                <tr key={`${link.from} ${link.to} ${link.text} ${link.change}`}>
                  <td>{lineText(link, merged)}</td>
                  <td>
                    <ChangePill change={link.change} />
                  </td>
                  <td>{link.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** With the pipelines around it. */
const placeText = ({ before, after, key }: MergedStep): string => {
  const [old, now] = [before?.key, after?.key];
  return old !== undefined && now !== undefined && old !== now
    ? `${old} → ${now}`
    : (now ?? old ?? key) || "the command";
};

const differencesText = (step: MergedStep): string =>
  [
    ...(step.renamedFrom === null ? [] : [`name: ${mergedName(step)}`]),
    ...step.differences.map(({ name, values }) => `${differingWord(name)}: ${values.map(differingValue).join(" → ")}`),
  ].join("; ");

function lineText({ from, to }: Link, { steps }: Merged): string {
  const nameOf = (key: string) => (steps.get(key)?.after ?? steps.get(key)?.before)?.key ?? key.replace(":", " ");
  return `${nameOf(from)} → ${nameOf(to)}`;
}
