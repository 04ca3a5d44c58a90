/** One stream for everybody who listens: its topics are the union of what they follow. */

import type { Card } from "../domain/job";
import { API, part } from "./client";
import type { LiveState } from "./live";
import type { DraftHead } from "./schema.gen";

export type Told =
  | { kind: "changed"; cards: Card[] }
  | { kind: "reset"; marks: Marks }
  | { kind: "jobs" }
  | { kind: "draft"; head: DraftTold }
  | { kind: "state"; state: LiveState };

/** Of each job that a stream follows, its mark when the stream began; null: none is known. */
export type Marks = Record<string, string | null>;

/** A draft that was saved, put away or taken over; of one that is gone the id alone. */
export type DraftTold = Pick<DraftHead, "id"> & Partial<DraftHead>;

export interface Listener {
  workspace: string;
  jobs: string[];
  drafts: string[];
  tell(told: Told): void;
}

const RETRY_MS = [250, 500, 1000, 2000, 5000];
/** Between a change of topics and the new stream: a page may come and go. */
const SETTLE_MS = 50;

export class LiveHub {
  private readonly listeners = new Set<Listener>();
  /** Those who came since the stream was opened. */
  private readonly fresh = new Set<Listener>();
  private source: EventSource | null = null;
  private address = "";
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  join(listener: Listener): () => void {
    this.listeners.add(listener);
    this.fresh.add(listener);
    this.renewSoon(SETTLE_MS);
    return () => {
      this.listeners.delete(listener);
      this.fresh.delete(listener);
      this.renewSoon(SETTLE_MS);
    };
  }

  private renewSoon(afterMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), afterMs);
  }

  private renew(): void {
    const address = this.wanted();
    if (address === this.address && this.source !== null) {
      this.tellAll({ kind: "state", state: this.failures === 0 ? "live" : "reconnecting" });
      // Whoever has just come may have missed what was told before.
      for (const listener of this.fresh) {
        listener.tell({ kind: "reset", marks: Object.fromEntries(listener.jobs.map((job) => [job, null])) });
      }
      this.fresh.clear();
      return;
    }
    this.fresh.clear();
    this.source?.close();
    this.source = null;
    this.address = address;
    if (address === "") {
      return;
    }
    const source = new EventSource(address);
    this.source = source;
    source.addEventListener("reset", (event) => {
      const { marks } = JSON.parse((event as MessageEvent<string>).data) as { marks: Marks };
      this.failures = 0;
      this.tellAll({ kind: "state", state: "live" });
      this.tellAll({ kind: "reset", marks });
    });
    source.addEventListener("changed", (event) => {
      const { cards } = JSON.parse((event as MessageEvent<string>).data) as { cards: Card[] };
      this.tellCards(cards);
    });
    source.addEventListener("draft", (event) => {
      const head = JSON.parse((event as MessageEvent<string>).data) as DraftTold;
      for (const listener of this.listeners) {
        if (listener.drafts.includes(head.id)) {
          listener.tell({ kind: "draft", head });
        }
      }
    });
    source.addEventListener("jobs", () => this.tellAll({ kind: "jobs" }));
    source.onerror = () => this.lost(source);
  }

  private lost(source: EventSource): void {
    if (source !== this.source) {
      return;
    }
    source.close();
    this.source = null;
    this.address = "";
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] as number;
    this.failures += 1;
    this.tellAll({ kind: "state", state: this.failures > 2 ? "offline" : "reconnecting" });
    this.renewSoon(wait);
  }

  /** Of several workspaces only the newest listener's is followed: a browser shows one at a time. */
  private wanted(): string {
    const newest = [...this.listeners].at(-1);
    if (newest === undefined) {
      return "";
    }
    const all = [...this.listeners].filter((one) => one.workspace === newest.workspace);
    const topics = (key: string, names: string[]) => [...new Set(names)].sort().map((name) => [key, name]);
    const search = new URLSearchParams([
      ...topics(
        "job",
        all.flatMap((one) => one.jobs),
      ),
      ...topics(
        "draft",
        all.flatMap((one) => one.drafts),
      ),
    ]);
    return `${API}/workspaces/${part(newest.workspace)}/live?${search}`;
  }

  private tellCards(cards: Card[]): void {
    for (const listener of this.listeners) {
      const own = cards.filter((card) => listener.jobs.includes(card.root));
      if (own.length > 0) {
        listener.tell({ kind: "changed", cards: own });
      }
    }
  }

  private tellAll(told: Told): void {
    for (const listener of this.listeners) {
      listener.tell(told);
    }
  }
}
