/**
 * What changes while one looks, from one stream per browser.
 *
 * A browser opens at most six connections to a server: with a stream in each tab, the seventh tab would not even
 * load. A SharedWorker holds the only one (`live.worker.ts`); where there is none, each tab has its own.
 */

import type { Card } from "../domain/job";
import { type DraftTold, LiveHub, type Marks, type Told } from "./live-hub";

export type { DraftTold } from "./live-hub";

export type LiveState = "live" | "reconnecting" | "offline";

export interface LiveListener {
  onCards(cards: Card[]): void;
  /** Something may have been missed: load again, unless the marks say that nothing was. */
  onReset(marks: Marks): void;
  onNewJobs(): void;
  onDraft?(head: DraftTold): void;
  onState(state: LiveState): void;
}

export interface Topics {
  jobs?: readonly string[];
  drafts?: readonly string[];
}

/** Follow some root jobs or drafts of a workspace until the returned function is called. */
export function follow(workspace: string, { jobs = [], drafts = [] }: Topics, listener: LiveListener): () => void {
  const topics = { workspace, jobs: [...jobs], drafts: [...drafts] };
  const tell = (told: Told) => {
    switch (told.kind) {
      case "changed":
        listener.onCards(told.cards);
        break;
      case "reset":
        listener.onReset(told.marks);
        break;
      case "jobs":
        listener.onNewJobs();
        break;
      case "draft":
        listener.onDraft?.(told.head);
        break;
      case "state":
        listener.onState(told.state);
        break;
    }
  };
  if (typeof SharedWorker === "undefined") {
    const hub = new LiveHub();
    const leave = hub.join({ ...topics, tell });
    return leave;
  }
  const worker = new SharedWorker(new URL("./live.worker.ts", import.meta.url), {
    type: "module",
    name: "pipeyard-live",
  });
  worker.port.onmessage = (message: MessageEvent<Told>) => tell(message.data);
  worker.port.start();
  worker.port.postMessage(topics);
  const leave = () => worker.port.postMessage(null);
  addEventListener("pagehide", leave);
  return () => {
    removeEventListener("pagehide", leave);
    leave();
    worker.port.close();
  };
}
