import { IconAlertTriangle, IconCircleCheck, IconExclamationCircle } from "@tabler/icons-react";
import type { DraftProblem } from "../../api/drafts";

interface ProblemListProps {
  /** Null: not known yet. */
  problems: readonly DraftProblem[] | null;
  leftOut: number;
  /** Broken text, and that the picture is of before. */
  broken: { message: string; line: number } | null;
  chosen: number | null;
  onChoose(at: number): void;
  onBroken(): void;
}

/** What the server's checker says of the draft, in the order of the text. F8 walks through it. */
export function ProblemList({ problems, leftOut, broken, chosen, onChoose, onBroken }: ProblemListProps) {
  return (
    <section className="problems" aria-label="Problems">
      <p role="status" className="problems-head">
        {broken !== null ? (
          <span className="tone-bad problem-words">
            <IconExclamationCircle size={15} aria-hidden="true" /> The text cannot be read; the picture is of before.
          </span>
        ) : problems === null ? (
          <span className="muted">Checking</span>
        ) : problems.length === 0 ? (
          <span className="tone-good problem-words">
            <IconCircleCheck size={15} aria-hidden="true" /> No problems
          </span>
        ) : (
          countWords(problems)
        )}
      </p>
      {broken !== null && (
        <ul>
          <li>
            <button type="button" className="problem" onClick={onBroken}>
              <span className="muted">line {broken.line}</span> {broken.message}
            </button>
          </li>
        </ul>
      )}
      {broken === null && problems !== null && problems.length > 0 && (
        <ul>
          {problems.map((problem, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may be alike in everything.
            <li key={at}>
              <button
                type="button"
                className="problem"
                aria-current={at === chosen ? "true" : undefined}
                onClick={() => onChoose(at)}
              >
                <Row problem={problem} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {leftOut > 0 && <p className="muted">and {leftOut} more</p>}
    </section>
  );
}

function Row({ problem }: { problem: DraftProblem }) {
  const isError = problem.severity === "error";
  const Sign = isError ? IconExclamationCircle : IconAlertTriangle;
  return (
    <>
      <span className={isError ? "tone-bad" : "tone-stopped"}>
        <Sign size={14} aria-label={problem.severity} />
      </span>
      <span>
        {problem.span !== null && (
          <span className="muted">
            {problem.span.line}:{problem.span.column}{" "}
          </span>
        )}
        {problem.step !== null && <strong>{problem.step} </strong>}
        {problem.message}
        {problem.hint !== null && <span className="muted"> · {problem.hint}</span>}
      </span>
    </>
  );
}

function countWords(problems: readonly DraftProblem[]): string {
  const errors = problems.filter((one) => one.severity === "error").length;
  const warnings = problems.length - errors;
  const words = (count: number, word: string) => (count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`);
  return [words(errors, "error"), words(warnings, "warning")].filter(Boolean).join(", ");
}
