import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import type { LiveState } from "../api/live";

interface Held {
  state: LiveState | null;
  set(state: LiveState | null): void;
}

const Context = createContext<Held>({ state: null, set: () => {} });

/** Whether what is on the screen follows the server, for the mark in the top bar. */
export function LiveStateProvider({ children }: { children: ReactNode }) {
  const [state, set] = useState<LiveState | null>(null);
  const held = useMemo(() => ({ state, set }), [state]);
  return <Context value={held}>{children}</Context>;
}

export const useLiveState = (): Held => useContext(Context);
