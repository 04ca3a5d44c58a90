/** Which pipelines of a draft are drawn open: how somebody looks at it, kept in the browser. */

const keyOf = (id: string): string => `pipeyard.open.${id}`;

export function openOf(id: string): ReadonlySet<string> {
  const kept = localStorage.getItem(keyOf(id));
  return new Set(kept === null ? [] : (JSON.parse(kept) as string[]));
}

export function keepOpen(id: string, open: ReadonlySet<string>): void {
  try {
    if (open.size === 0) {
      localStorage.removeItem(keyOf(id));
    } else {
      localStorage.setItem(keyOf(id), JSON.stringify([...open]));
    }
  } catch {
    // There is no room: the page itself still knows it.
  }
}
