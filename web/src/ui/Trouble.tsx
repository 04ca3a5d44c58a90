import { ApiError } from "../api/client";

/** What failed, where the data would be, and what to do about it. */
export function Trouble({ problem, onRetry, what }: { problem: unknown; onRetry?: () => void; what: string }) {
  const hint = problem instanceof ApiError ? problem.hint : null;
  return (
    <div className="empty" role="alert">
      <h2>{what} could not be loaded</h2>
      <p>{problem instanceof Error ? problem.message : String(problem)}</p>
      {hint !== null && <p className="muted">{hint}</p>}
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
