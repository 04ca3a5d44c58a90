/** Where in nested pipelines one is, and the way out. */
export function Trail({ scope, onGo }: { scope: string; onGo(scope: string): void }) {
  if (scope === "") {
    return null;
  }
  const parts = scope.split("/");
  return (
    <nav className="trail" aria-label="Nested pipelines">
      <button type="button" className="link" onClick={() => onGo("")}>
        Pipeline
      </button>
      {parts.map((part, at) => {
        const key = parts.slice(0, at + 1).join("/");
        return (
          <span key={key}>
            <span aria-hidden="true"> / </span>
            {at === parts.length - 1 ? (
              <strong aria-current="page">{part}</strong>
            ) : (
              <button type="button" className="link" onClick={() => onGo(key)}>
                {part}
              </button>
            )}
          </span>
        );
      })}
    </nav>
  );
}
