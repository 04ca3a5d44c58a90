/** What the Studio costs, in what does not depend on the machine: bytes, elements, requests, modules. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, open, untilLive, type Watched } from "./browser";
import { chunks, modulesOf, packedBytes, scripts, shippedBytes } from "./bundle";
import { pipeline, Server } from "./server";

/** Packed bytes of chunks that grow unseen; a page's own script is the rest. */
const MOST: Record<string, number> = {
  "Markdown.js": 55_000,
  "index.css": 10_000,
  "live.worker.js": 2_000,
  // The Designer without its editor, and the editor, which comes when the text is opened.
  "DesignerPage.js": 60_000,
  "YamlPane.js": 150_000,
};
const PAGE_MOST = 40_000;
const FIRST_MOST = 150_000;

let server: Server;
let browser: Browser;
let job: string;

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  job = server.create(pipeline({ a: { command: "echo said" } }, "display_name: small"), true);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function visit(path: string): Promise<Watched> {
  const watched = await open(browser);
  await watched.page.goto(await server.link("/studio/icon.svg"));
  await watched.page.goto(`${server.address}${path}`);
  return watched;
}

/** What was asked for; twice the same is the stream's beginning, which may come before or after the first paint. */
const apiCalls = (requests: readonly string[]): string[] => [
  ...new Set(requests.filter((address) => address.includes("/api/") && !address.includes("/live"))),
];

describe("what is built", () => {
  it("stays small as a whole, and in each of its parts", () => {
    const large = [...chunks()].filter(
      ([name, size]) => size > (MOST[name] ?? (name.startsWith("index") ? FIRST_MOST : PAGE_MOST)),
    );

    expect(large).toEqual([]);
    expect(shippedBytes()).toBeLessThan(1_000_000);
  });

  it("holds no script that could run text, and no address of elsewhere but in words", () => {
    const loads = /\b(?:import|fetch|EventSource|Worker|importScripts)\(["'`](?:https?:)?\/\//;
    const guilty = [...scripts()].filter(([, text]) => loads.test(text) || /\bnew Function\(/.test(text));

    expect(guilty.map(([name]) => name)).toEqual([]);
  });
});

describe("the first page", () => {
  it("loads few bytes, asks little, and has no module of other pages", async () => {
    const { page, requests } = await visit("/");
    await page.getByRole("link", { name: "small" }).waitFor();
    const loaded = requests.filter((address) => address.includes("/studio/assets/"));

    expect(apiCalls(requests).length).toBeLessThanOrEqual(3);
    expect(packedBytes(loaded.filter((address) => address.endsWith(".js")))).toBeLessThan(FIRST_MOST);
    expect(modulesOf(requests).filter((name) => /Markdown|Page|Browser|Canvas|Compare/.test(name))).toEqual([]);
    expect(await page.locator("*").count()).toBeLessThan(500);
  });
});

describe("a job's page", () => {
  it("draws its graph after at most two requests, without what only descriptions need", async () => {
    const { page, requests } = await visit(`/jobs/${job}`);
    await page.locator(".card").first().waitFor();

    expect(apiCalls(requests).length).toBeLessThanOrEqual(2);
    expect(modulesOf(requests)).not.toContain("Markdown.js");
    expect(await page.locator("*").count()).toBeLessThan(500);
  });

  it("asks for the graph of a job that runs once, and again only when it ends", async () => {
    const running = server.create(pipeline({ a: { command: "sleep 600" } }, "display_name: slow"));
    server.run("job", "show", "-n", running);
    const { page, requests } = await visit(`/jobs/${running}`);
    const graphs = () => requests.filter((address) => address.endsWith("/graph")).length;
    await page.locator(".card").first().getByText("Running").waitFor();
    await untilLive(page);
    const before = graphs();
    server.run("job", "cancel", "-n", running);
    await page.locator(".job-title").getByText("Canceled").waitFor();

    // The step may have begun while the page did; then the second is what it missed.
    expect(before).toBeLessThanOrEqual(2);
    await expect.poll(graphs).toBe(before + 1);
  });
});
