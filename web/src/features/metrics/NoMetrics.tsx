/** What to write so that something appears here. */
export function NoMetrics({ isOver }: { isOver: boolean }) {
  return (
    <div className="empty">
      <h2>{isOver ? "Nothing was logged" : "Nothing was logged yet"}</h2>
      <p>Numbers that a step logs with MLflow are drawn here while it runs. No address has to be set:</p>
      <pre className="code-block">{'import mlflow\n\nmlflow.log_metric("loss", loss, step=epoch)'}</pre>
    </div>
  );
}
