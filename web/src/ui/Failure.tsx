import { ApiError } from "../api/client";

/** Why something was not done, in the server's words, beside what was asked for. */
export function Failure({ problem }: { problem: unknown }) {
  if (problem === null || problem === undefined) {
    return null;
  }
  const known = problem instanceof ApiError ? problem : null;
  return (
    <div className="notice bad" role="alert">
      <p>{problem instanceof Error ? problem.message : String(problem)}</p>
      {known?.details.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {known?.hint && <p className="muted">{known.hint}</p>}
    </div>
  );
}
