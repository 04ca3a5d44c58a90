/** Debian's Chromium, and what every page has to hold. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import type { Server } from "./server";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}

export interface Watched {
  context: BrowserContext;
  page: Page;
  /** Errors of scripts and of the content security policy. */
  complaints: string[];
  /** Addresses of everything that was asked for. */
  requests: string[];
  /** Addresses of what was answered or given up. */
  ended: string[];
}

/** A browser of its own, as it were. It is gone when the test is over: what was left open would go on asking. */
export async function open(browser: Browser, scheme: "light" | "dark" = "light", width = 1440): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") {
      complaints.push(message.text());
    }
  });
  const ended: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("requestfinished", (request) => ended.push(request.url()));
  page.on("requestfailed", (request) => ended.push(request.url()));
  return { context, page, complaints, requests, ended };
}

type Visit = (path: string, scheme?: "light" | "dark", width?: number) => Promise<Watched>;

/** How the tests of a file open a page with a session. */
export function visitor(stage: () => { browser: Browser; server: Server }): Visit {
  return async (path, scheme, width) => {
    const { browser, server } = stage();
    const watched = await open(browser, scheme, width);
    await watched.page.goto(await server.link(path));
    return watched;
  };
}

/** The page follows the server: all of it is at work by then, its keys too. */
export async function untilLive(page: Page): Promise<void> {
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
}

/** Nothing that axe-core finds at levels A and AA. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated by the browser's own tools, which our content security policy does not bind.
  await page.evaluate(`(() => { const module = undefined; const define = undefined; ${AXE} })()`);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
       .then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.html).slice(0, 3).join(" | ")))`,
  )) as string[];
  expect(found).toEqual([]);
}

/** Nothing is cut off at the side: the page is read by scrolling one way. */
export async function expectNoSideways(page: Page): Promise<void> {
  expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
}

export async function textOf(page: Page, selector: string): Promise<string> {
  return ((await page.locator(selector).textContent()) ?? "").replace(/\s+/g, " ");
}

export type Box = NonNullable<Awaited<ReturnType<Locator["boundingBox"]>>>;

/** Where something is, once it stays there. */
export async function placeOf(one: Locator): Promise<Box> {
  const seen: (Box | null)[] = [];
  const isStill = async () => {
    seen.unshift(await one.boundingBox());
    return seen[0] !== null && JSON.stringify(seen[0]) === JSON.stringify(seen[1]);
  };
  await expect.poll(isStill).toBe(true);
  return seen[0] as Box;
}

/** A port of a box in the Designer. */
export const portOf = (page: Page, box: string, side: "Input" | "Output", name: string): Locator =>
  page
    .locator(".draft-box")
    .filter({ has: page.locator(`[data-key="${box}"]`) })
    .getByRole("button", { name: new RegExp(`^${side} ${name}\\b`) });

/** Draw from one port to another, which may move until they are held: a picture is fitted anew when its place changes. */
export async function drawWire(page: Page, from: Locator, to: Locator): Promise<void> {
  const aimAt = async (one: Locator) => {
    const { x, y, width, height } = await placeOf(one);
    await page.mouse.move(x + width / 2 + 8, y + height / 2 + 8);
    await page.mouse.move(x + width / 2, y + height / 2);
    const now = await one.boundingBox();
    return now?.x === x && now.y === y;
  };
  await expect.poll(() => aimAt(from)).toBe(true);
  await page.mouse.down();
  await expect.poll(() => aimAt(to)).toBe(true);
  await page.mouse.up();
}
