/** What is known of a log: pages of lines that were asked for, and how many lines there are. */

import type { LogPage } from "../../api/jobs";

export const PAGE_LINES = 400;
const PAGES_MAX = 60;

export interface LogState {
  lineCount: number;
  isComplete: boolean;
  isLoaded: boolean;
  problem: unknown;
  /** Grows with each change, so that equal numbers are told apart. */
  version: number;
}

type Read = (from: number, count: number, signal: AbortSignal) => Promise<LogPage>;

export class LogBook {
  state: LogState = { lineCount: 0, isComplete: false, isLoaded: false, problem: null, version: 0 };
  private readonly pages = new Map<number, string[]>();
  private readonly asked = new Map<number, AbortController>();
  private tell: (state: LogState) => void = () => {};

  constructor(private readonly read: Read) {}

  listen(tell: (state: LogState) => void): () => void {
    this.tell = tell;
    this.refresh();
    return () => {
      this.tell = () => {};
      for (const request of this.asked.values()) {
        request.abort();
      }
      this.asked.clear();
    };
  }

  /** A line by its number, counted from 1; undefined until it was read. */
  line(number: number): string | undefined {
    return this.pages.get(pageOf(number))?.[(number - 1) % PAGE_LINES];
  }

  /** Ask for what is about to be shown; *first* counts from 0. */
  want(first: number, count: number): void {
    for (let page = pageOf(first + 1); page <= pageOf(first + count); page += 1) {
      const from = page * PAGE_LINES;
      const held = this.pages.get(page)?.length ?? 0;
      if (from < this.state.lineCount && held < Math.min(PAGE_LINES, this.state.lineCount - from)) {
        void this.load(page);
      }
    }
  }

  /** Look how far the log is, and read the page at its end. */
  refresh(): void {
    void this.load(this.state.isLoaded ? pageOf(Math.max(1, this.state.lineCount)) : 0);
  }

  private async load(page: number): Promise<void> {
    if (this.asked.has(page)) {
      return;
    }
    const request = new AbortController();
    this.asked.set(page, request);
    try {
      const answer = await this.read(page * PAGE_LINES + 1, PAGE_LINES, request.signal);
      this.keep(page, answer);
      this.change({ lineCount: answer.line_count, isComplete: answer.is_complete, isLoaded: true, problem: null });
    } catch (problem) {
      if (!request.signal.aborted) {
        this.change({ problem });
      }
    } finally {
      this.asked.delete(page);
    }
  }

  private keep(page: number, answer: LogPage): void {
    this.pages.delete(page);
    this.pages.set(
      page,
      answer.value.map((line) => (line.is_cut ? `${line.text} …` : line.text)),
    );
    const oldest = this.pages.keys().next().value;
    if (this.pages.size > PAGES_MAX && oldest !== undefined) {
      this.pages.delete(oldest);
    }
  }

  private change(values: Partial<LogState>): void {
    this.state = { ...this.state, ...values, version: this.state.version + 1 };
    this.tell(this.state);
  }
}

const pageOf = (number: number): number => Math.floor((number - 1) / PAGE_LINES);
