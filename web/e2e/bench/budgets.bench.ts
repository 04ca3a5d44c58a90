/** The Studio's budgets, measured against a real server; `make bench-web` prints the table. */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, open } from "../browser";
import { chunks, packedBytes, shippedBytes } from "../bundle";
import { pipeline, Server } from "../server";
import { Chatter } from "./chatter";
import { elements, firstPaint, framesOf, heap, percentile, sinceNavigation } from "./measure";

const README = join(dirname(fileURLToPath(import.meta.url)), "../../../bench/README.md");
const LINES = 1_000_000;
const EVENTS_PER_SECOND = 100;
const SECONDS = 10;

interface Row {
  what: string;
  budget: string;
  found: string;
  isHeld: boolean;
}

let server: Server;
let browser: Browser;
const rows: Row[] = [];

const kb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
const ms = (value: number): string => `${Math.round(value)} ms`;
const percent = (part: number): string => `${(part * 100).toFixed(1)}%`;

function note(what: string, budget: string, found: string, isHeld: boolean): void {
  rows.push({ what, budget, found, isHeld });
}

beforeAll(async () => {
  server = new Server();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  const table = tableOf(rows);
  process.stdout.write(`\n${table}\n`);
  if (process.env.BENCH_README === "1") {
    record(table);
  }
});

/** A pipeline whose first step waits, so that a job of any size stands still while it is looked at. */
function wide(count: number): string {
  const steps: Record<string, { command: string; reads?: string[] }> = { start: { command: "sleep 3000" } };
  for (let at = 1; at < count; at += 1) {
    const reads = at <= 40 ? ["start"] : [`step_${at - 40}`, ...(at % 9 === 0 ? [`step_${at - 37}`] : [])];
    steps[`step_${at}`] = { command: "true", reads };
  }
  return pipeline(steps, `display_name: ${count} steps`);
}

async function visit(path: string): Promise<{ page: Page; requests: string[]; close(): Promise<void> }> {
  const { page, context, requests } = await open(browser);
  // The session first, so that what is measured is the page alone, from an empty cache.
  await page.goto(await server.link("/studio/icon.svg"));
  await page.goto(`${server.address}${path}`);
  return { page, requests, close: () => context.close() };
}

it("bytes", () => {
  const all = [...chunks()];
  note("everything that is shipped, packed", "2 MB", kb(shippedBytes()), shippedBytes() <= 2_000_000);
  const markdown = all.find(([name]) => name === "Markdown.js")?.[1] ?? 0;
  note("Markdown, loaded when a description is read", "55 kB", kb(markdown), markdown <= 55_000);
});

it("first paint", async () => {
  server.create(pipeline({ a: { command: "true" } }, "display_name: small"), true);
  const { page, requests, close } = await visit("/");
  await page.getByRole("link", { name: "small" }).waitFor();
  const useful = await sinceNavigation(page);
  const loaded = requests.filter((address) => address.includes("/studio/assets/"));
  const scripts = packedBytes(loaded.filter((address) => address.endsWith(".js")));
  const styles = packedBytes(loaded.filter((address) => address.endsWith(".css")));
  note("scripts of the first page, packed", "260 kB", kb(scripts), scripts <= 260_000);
  note("styles of the first page, packed", "40 kB", kb(styles), styles <= 40_000);
  note("list of jobs: first paint", "", ms(await firstPaint(page)), true);
  note("list of jobs: rows on the screen", "1,500 ms", ms(useful), useful <= 1500);
  const asked = requests.filter((address) => address.includes("/api/") && !address.includes("/live"));
  note("list of jobs: requests to the API before that", "3", String(asked.length), asked.length <= 3);
  const before = await sinceNavigation(page);
  await page.getByRole("link", { name: "small" }).click();
  await page.locator(".card").first().waitFor();
  const moved = (await sinceNavigation(page)) - before;
  note("from the list to a job's graph, first time", "300 ms", ms(moved), moved <= 300);
  await close();
});

it.each([
  [1000, 2000],
  [5000, 3500],
])("graph of %i", async (count, openBudget) => {
  const name = server.create(wide(count));
  const { page, close } = await visit(`/jobs/${name}`);
  await page.locator(".card").first().waitFor();
  const ready = await sinceNavigation(page);
  const label = `graph of ${count.toLocaleString("en")} steps`;
  note(`${label}: cards on the screen`, `${openBudget.toLocaleString("en")} ms`, ms(ready), ready <= openBudget);
  const near = await elements(page);
  const cards = await page.locator(".card").count();
  expect(cards).toBeGreaterThan(5);
  note(`${label}: elements, ${cards} of them cards`, "3,000", String(near), near <= 3000);
  const pan = await framesOf(page, () => drag(page));
  note(
    `${label}: late frames while it is dragged, near`,
    "5%",
    `${percent(pan.late)}, ${pan.fps.toFixed(0)} fps`,
    pan.late <= 0.05,
  );
  await page.getByRole("button", { name: "Fit" }).click();
  await page.waitForFunction("document.querySelectorAll('.card').length === 0");
  const far = await framesOf(page, () => drag(page));
  note(
    `${label}: late frames while it is dragged, whole`,
    "5%",
    `${percent(far.late)}, ${far.fps.toFixed(0)} fps`,
    far.late <= 0.05,
  );
  const zoom = await framesOf(page, () => wheel(page));
  note(
    `${label}: late frames while it is zoomed`,
    "5%",
    `${percent(zoom.late)}, ${zoom.fps.toFixed(0)} fps`,
    zoom.late <= 0.05,
  );
  note(`${label}: heap`, "", `${((await heap(page)) / 1e6).toFixed(0)} MB`, true);
  await close();
  server.run("job", "cancel", "--name", name);
});

async function drag(page: Page): Promise<void> {
  const before = await looks(page);
  const { x, y } = await freePlace(page);
  for (const [dx, dy] of [
    [-1, 0],
    [1, 1],
  ] as const) {
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let at = 1; at <= 40; at += 1) {
      await page.mouse.move(x + dx * at * 8, y + dy * at * 4);
    }
    await page.mouse.up();
  }
  // The first such measurement was perfect because nothing moved.
  expect(await looks(page)).not.toBe(before);
}

/** Near the middle, where no card is: a card is clicked, not dragged. */
const freePlace = (page: Page): Promise<{ x: number; y: number }> =>
  page.evaluate(`(() => {
    for (let ring = 0; ring < 300; ring += 3) {
      for (const [x, y] of [[700 + ring, 450], [700 - ring, 450], [700, 450 + ring], [700, 450 - ring]]) {
        const found = document.elementFromPoint(x, y);
        if (found?.closest(".canvas") && !found.closest("button, a, .minimap")) return { x, y };
      }
    }
    throw new Error("no free place");
  })()`) as Promise<{ x: number; y: number }>;

/** Where the picture is, and how large. */
const looks = (page: Page): Promise<unknown> =>
  page.evaluate(
    `[...document.querySelectorAll(".canvas [style*=transform]")].map((one) => one.style.transform).join()`,
  );

async function wheel(page: Page): Promise<void> {
  await page.mouse.move(700, 500);
  for (let at = 0; at < 30; at += 1) {
    await page.mouse.wheel(0, at < 15 ? -120 : 120);
  }
}

it("log of a million lines", async () => {
  const text = "of a line that is as long as lines of logs are, with a number at its beginning and some words after it";
  const small = server.create(pipeline({ many: { command: `seq -f '%.0f ${text}' 10000` } }), true);
  const large = server.create(pipeline({ many: { command: `seq -f '%.0f ${text}' ${LINES}` } }), true);
  const first = await logPage(small);
  const least = await heap(first.page);
  await first.close();
  const { page, close } = await logPage(large);
  const shown = await sinceNavigation(page);
  note("log of 1,000,000 lines: last lines on the screen", "1,000 ms", ms(shown), shown <= 1000);
  const jumps: number[] = [];
  for (const line of [250_000, 500_000, 900_000]) {
    jumps.push(await jumpTo(page, line));
  }
  const jump = Math.max(...jumps);
  note("log of 1,000,000 lines: a jump, the longest of three", "150 ms", ms(jump), jump <= 150);
  const scroll = await framesOf(page, async () => {
    for (let at = 0; at < 60; at += 1) {
      await page.mouse.wheel(0, 120);
    }
  });
  note(
    "log of 1,000,000 lines: late frames while it is scrolled",
    "5%",
    `${percent(scroll.late)}, ${scroll.fps.toFixed(0)} fps`,
    scroll.late <= 0.05,
  );
  const most = await heap(page);
  note("log of 1,000,000 lines: heap", "50 MB", `${(most / 1e6).toFixed(1)} MB`, most <= 50e6);
  note("the same as part of the heap with 10,000 lines", "1.5", (most / least).toFixed(2), most / least <= 1.5);
  await close();
});

async function logPage(name: string): ReturnType<typeof visit> {
  const found = await visit(`/jobs/${name}?step=many&tab=logs`);
  await found.page.locator(".log-lines li").first().waitFor();
  await found.page.mouse.move(1200, 600);
  return found;
}

/** Move the scroll bar to a line and return how long its text took. */
async function jumpTo(page: Page, line: number): Promise<number> {
  return (await page.evaluate(`new Promise((done) => {
    const box = document.querySelector(".log-scroll");
    const start = performance.now();
    const look = () => {
      const numbers = [...document.querySelectorAll(".log-lines .line-text")].map((one) => parseInt(one.textContent, 10));
      if (numbers.some((number) => Math.abs(number - ${line}) < 2000)) done(performance.now() - start);
      else requestAnimationFrame(look);
    };
    box.scrollTop = (box.scrollHeight - box.clientHeight) * ${line / LINES};
    requestAnimationFrame(look);
  })`)) as number;
}

it("a hundred events a second", async () => {
  const name = server.create(wide(1000));
  const chatter = new Chatter(server.address);
  const address = await chatter.open();
  const { page, context } = await open(browser);
  await page.goto(chatter.moved(await server.link("/studio/icon.svg")));
  await page.goto(`${address}/jobs/${name}`);
  await page.locator(".card").first().waitFor();
  while (chatter.listenerCount === 0) {
    await page.waitForTimeout(20);
  }
  const keys = (await page.evaluate(
    `[...document.querySelectorAll(".card")].map((one) => one.dataset.key)`,
  )) as string[];
  const { steps } = (await page.evaluate(
    `fetch("/api/v1/workspaces/default/jobs/${name}/graph").then((answer) => answer.json())`,
  )) as { steps: { key: string }[] };
  const visible = steps.filter((step) => keys.includes(step.key));
  await page.evaluate(WATCH);
  const frames = await framesOf(page, () => chatterFor(chatter, visible));
  await page.waitForTimeout(500);
  const { delays, blocked } = (await page.evaluate("({ delays: globalThis.delays, blocked: globalThis.blocked })")) as {
    delays: number[];
    blocked: number;
  };
  expect(delays.length).toBeGreaterThan(EVENTS_PER_SECOND);
  const late = percentile(delays, 0.95);
  note(
    `100 events a second: told and on the screen, 95th percentile of ${delays.length}`,
    "250 ms",
    ms(late),
    late <= 250,
  );
  const part = blocked / (SECONDS * 1000);
  note("100 events a second: time in tasks of over 50 ms", "5%", percent(part), part <= 0.05);
  note("100 events a second: late frames", "", `${percent(frames.late)}, ${frames.fps.toFixed(0)} fps`, true);
  await context.close();
  chatter.close();
  server.run("job", "cancel", "--name", name);
});

/** Each card says, as the number of its try, at which millisecond it was told; the page says when it shows that. */
const WATCH = `(() => {
  globalThis.delays = [];
  globalThis.blocked = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) blocked += entry.duration; })
    .observe({ type: "longtask" });
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const told = /try (\\d+)/.exec(target.parentElement?.closest(".card")?.textContent ?? "");
      if (told) requestAnimationFrame(() => delays.push((Date.now() % 1e8) - Number(told[1])));
    }
  }).observe(document.querySelector(".canvas"), { subtree: true, characterData: true });
})()`;

async function chatterFor(chatter: Chatter, steps: readonly object[]): Promise<void> {
  const started = Date.now();
  let told = 0;
  while (told < EVENTS_PER_SECOND * SECONDS) {
    const due = Math.min(EVENTS_PER_SECOND * SECONDS, ((Date.now() - started) * EVENTS_PER_SECOND) / 1000);
    for (; told < due; told += 1) {
      const label = told % 2 === 0 ? "Running" : "Preparing";
      const card = { ...steps[told % steps.length], status: label, label, attempt: Date.now() % 1e8 };
      chatter.tell("changed", { cards: [card] });
    }
    await new Promise((done) => setTimeout(done, 5));
  }
}

function tableOf(found: readonly Row[]): string {
  return [
    "| what | budget | measured | |",
    "|---|--:|--:|---|",
    ...found.map(
      (row) =>
        `| ${row.what} | ${row.budget} | ${row.found} | ${row.budget === "" ? "" : row.isHeld ? "held" : "**missed**"} |`,
    ),
  ].join("\n");
}

function record(table: string): void {
  const [begin, end] = ["<!-- web: written by `make bench-web` -->", "<!-- end of web -->"];
  const text = readFileSync(README, "utf8");
  const day = new Date().toISOString().slice(0, 10);
  const where =
    `${day}: ${cpus().length} cores, no graphics processor, Chromium ${browser.version()} without a window; ` +
    `the machine's load was ${loadavg()[2]?.toFixed(0)}, the bench's own is about 1.`;
  const [before = "", rest = ""] = text.split(begin);
  writeFileSync(README, `${before}${begin}\n\n${where}\n\n${table}\n\n${end}${rest.split(end)[1] ?? ""}`);
}
