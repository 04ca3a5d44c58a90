import type { Job } from "../../api/jobs";
import type { JobGraph, Step } from "../../domain/job";
import { parentOf } from "../../domain/job";
import { StatusPill } from "../../ui/StatusPill";

interface FlowFactsProps {
  step: Step;
  job: Job;
  graph: JobGraph;
  onSelect(key: string): void;
}

/** What a step says that chooses or repeats: of a choice, which way it went. */
export function FlowFacts({ step, job, graph, onSelect }: FlowFactsProps) {
  if (step.kind === "if_else") {
    return <ChoiceFacts step={step} job={job} graph={graph} onSelect={onSelect} />;
  }
  const facts = step.kind === "do_while" ? loopFacts(job) : step.kind === "parallel_for" ? itemFacts(job) : [];
  if (facts.length === 0) {
    return null;
  }
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function loopFacts(job: Job): [string, string][] {
  const { body, condition, mapping, limits } = job as unknown as {
    body?: string;
    condition?: string;
    mapping?: Record<string, string[]>;
    limits?: { max_iteration_count?: number };
  };
  const handed = Object.entries(mapping ?? {}).map(([output, inputs]) => `${output} → ${inputs.join(", ")}`);
  return pairs([
    ["Repeats", body],
    ["As long as", condition === undefined ? undefined : `${condition} is true`],
    ["At most", limits?.max_iteration_count === undefined ? undefined : `${limits.max_iteration_count} times`],
    ["Hands on", handed.join("; ") || undefined],
  ]);
}

function itemFacts(job: Job): [string, string][] {
  const { body, items, max_concurrency } = job as unknown as {
    body?: string;
    items?: string[] | null;
    max_concurrency?: number | null;
  };
  return pairs([
    ["Runs", body],
    ["For each of", items ? `${items.length} items` : "items that another step writes"],
    ["At once", max_concurrency ? String(max_concurrency) : "as many as there is room for"],
  ]);
}

function pairs(facts: [string, string | undefined][]): [string, string][] {
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function ChoiceFacts({ step, job, graph, onSelect }: FlowFactsProps) {
  const { choice, true_block, false_block } = job as unknown as {
    choice?: { condition: boolean; taken: string };
    true_block?: string[];
    false_block?: string[];
  };
  const source = step.inputs.find((port) => port.name === "condition")?.source;
  const around = parentOf(step.key);
  const blocks = [
    { id: "true_block", when: "true", names: true_block ?? [] },
    { id: "false_block", when: "false", names: false_block ?? [] },
  ];
  return (
    <section className="stack" aria-label="Choice">
      <p>
        {choice === undefined ? "Not chosen yet. It takes the way that " : "The condition "}
        {source !== undefined ? (
          <>
            <button type="button" className="link" onClick={() => onSelect(source.node)}>
              {source.node}
            </button>{" "}
            <code>{source.output}</code>
          </>
        ) : (
          "of the condition"
        )}
        {choice === undefined ? (
          " says."
        ) : (
          <>
            {" "}
            is <strong>{String(choice.condition)}</strong>.
          </>
        )}
      </p>
      <div className="runs-frame">
        <table className="table">
          <thead>
            <tr>
              <th>Condition</th>
              <th>Way</th>
              <th>Steps</th>
            </tr>
          </thead>
          <tbody>
            {blocks.map(({ id, when, names }) => (
              <tr key={id}>
                <td>{when}</td>
                <td>
                  {choice === undefined ? (
                    <span className="muted">open</span>
                  ) : choice.taken === id ? (
                    <strong>taken</strong>
                  ) : (
                    <span className="muted">not taken</span>
                  )}
                </td>
                <td>
                  {names.length === 0 && <span className="muted">none</span>}
                  <ul className="plain-list">
                    {names.map((name) => {
                      const key = around === "" ? name : `${around}/${name}`;
                      const label = graph.steps.find((one) => one.key === key)?.label;
                      return (
                        <li key={name}>
                          <button type="button" className="link" onClick={() => onSelect(key)}>
                            {name}
                          </button>{" "}
                          {label !== undefined && <StatusPill label={label} />}
                        </li>
                      );
                    })}
                  </ul>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
