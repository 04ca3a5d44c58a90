/** What is measured in the page itself, as text that the browser evaluates. */

import type { Page } from "playwright-core";

export interface Frames {
  count: number;
  fps: number;
  /** Part of the frames that took more than 33 ms. */
  late: number;
}

/** Measure frames while something is done. */
export async function framesOf(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(`(() => {
    globalThis.frameTimes = [];
    globalThis.isCounting = true;
    const tick = (now) => { frameTimes.push(now); if (isCounting) requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
  })()`);
  await act();
  const times = (await page.evaluate("isCounting = false, frameTimes")) as number[];
  const gaps = times.slice(1).map((time, at) => time - (times[at] as number));
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  return {
    count: gaps.length,
    fps: (gaps.length / total) * 1000,
    late: gaps.filter((gap) => gap > 33.5).length / gaps.length,
  };
}

/** Milliseconds until the page's first paint. */
export const firstPaint = (page: Page): Promise<number> =>
  page.evaluate(`performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN`) as Promise<number>;

/** Milliseconds since the page was asked for. */
export const sinceNavigation = (page: Page): Promise<number> => page.evaluate("performance.now()") as Promise<number>;

export const elements = (page: Page): Promise<number> => page.locator("*").count();

/** Bytes of the heap after a collection. */
export async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = (await session.send("Runtime.getHeapUsage")) as { usedSize: number };
  await session.detach();
  return usedSize;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
