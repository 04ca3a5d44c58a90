import { expect, it, vi } from "vitest";
import type { LogPage } from "../../api/jobs";
import { LogBook, PAGE_LINES } from "./log-book";

/** A log of so many lines that answers as the server does. */
function reader(log: { lines: number; isComplete: boolean }) {
  return vi.fn(
    async (from: number, count: number): Promise<LogPage> => ({
      value: Array.from({ length: Math.max(0, Math.min(count, log.lines - from + 1)) }, (_, at) => ({
        line: from + at,
        text: `line ${from + at}`,
      })),
      line_count: log.lines,
      size: 0,
      next: null,
      process_count: 1,
      is_complete: log.isComplete,
    }),
  );
}

async function settled(): Promise<void> {
  await vi.waitFor(() => Promise.resolve());
  await new Promise((resolve) => setTimeout(resolve));
}

it("reads the page that is shown and no other", async () => {
  const read = reader({ lines: 1_000_000, isComplete: true });
  const book = new LogBook(read);
  book.listen(() => {});
  await settled();
  book.want(500_000, 40);
  await settled();

  expect(read).toHaveBeenCalledTimes(2);
  expect(book.line(500_001)).toBe("line 500001");
  expect(book.line(1000)).toBeUndefined();
});

it("asks again for a page that was not full when the log has grown", async () => {
  const log = { lines: 10, isComplete: false };
  const book = new LogBook(reader(log));
  book.listen(() => {});
  await settled();
  log.lines = 20;
  book.refresh();
  await settled();

  expect(book.state.lineCount).toBe(20);
  expect(book.line(20)).toBe("line 20");
});

it("keeps a bounded number of pages", async () => {
  const book = new LogBook(reader({ lines: 100 * PAGE_LINES, isComplete: true }));
  book.listen(() => {});
  await settled();
  for (let page = 0; page < 80; page += 1) {
    book.want(page * PAGE_LINES, 1);
    await settled();
  }

  expect(book.line(80 * PAGE_LINES)).toBeDefined();
  expect(book.line(1)).toBeUndefined();
});

it("says what went wrong and goes on when it works again", async () => {
  let isBroken = true;
  const working = reader({ lines: 1, isComplete: true });
  const book = new LogBook((from, count) => (isBroken ? Promise.reject(new Error("gone")) : working(from, count)));
  book.listen(() => {});
  await settled();
  expect(book.state.problem).toEqual(new Error("gone"));
  isBroken = false;
  book.refresh();
  await settled();

  expect([book.state.problem, book.line(1)]).toEqual([null, "line 1"]);
});
