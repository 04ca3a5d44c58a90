import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, launch, open, textOf, untilLive, visitor } from "./browser";
import { pipeline, Server } from "./server";

let server: Server;
let browser: Browser;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  server = new Server();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe("jobs", () => {
  it("an empty list says what to type", async () => {
    const { page, complaints } = await visit("/");

    await page.getByText("No jobs yet").waitFor();
    expect(await textOf(page, ".code-block")).toContain("pipeyard job create --file pipeline.yml");
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  it("a page without a session asks for the token and shows nothing", async () => {
    const { page } = await open(browser);
    await page.goto(`${server.address}/`);

    expect(await page.content()).not.toContain('id="root"');
    await page.getByText("token").first().waitFor();
  });

  it("lists jobs, narrows them by text in the address, and opens one", async () => {
    server.create(pipeline({ a: { command: "true" } }, "display_name: find me <b>here</b>"), true);
    server.create(pipeline({ a: { command: "true" } }, "display_name: another"), true);
    const { page, requests } = await visit("/?q=find");

    const link = page.getByRole("link", { name: "find me <b>here</b>" });
    await link.waitFor();
    expect(await page.getByText("another").count()).toBe(0);
    await link.click();
    await page.getByRole("heading", { name: "find me <b>here</b>" }).waitFor();
    expect(requests.filter((address) => !address.startsWith(server.address))).toEqual([]);
  });

  it("tells of new jobs without moving the rows, and shows them when asked to", async () => {
    const { page, ended } = await visit("/");
    await page.getByRole("link", { name: "another" }).waitFor();
    // The list is asked for once more when the stream begins: one that is newer than that answer is told of.
    await untilLive(page);
    await expect.poll(() => ended.filter((address) => /\/jobs\?/.test(address)).length).toBeGreaterThan(1);
    server.create(pipeline({ a: { command: "true" } }, "display_name: newcomer"), true);

    await page.getByRole("button", { name: "New jobs: show" }).click();
    await page.getByRole("link", { name: "newcomer" }).waitFor();
  });

  it("archives what was chosen", async () => {
    const { page } = await visit("/?q=newcomer");
    await page.getByRole("checkbox", { name: "Select newcomer" }).check();
    await page.getByRole("button", { name: "Archive 1" }).click();
    await page.getByText("No job matches").waitFor();
    await page.getByRole("button", { name: "Archived" }).click();

    await page.getByRole("link", { name: "newcomer" }).waitFor();
  });

  it.each(["light", "dark"] as const)("holds WCAG AA with jobs in it, %s", async (scheme) => {
    const { page, complaints } = await visit("/", scheme);
    await page.getByRole("link", { name: "another" }).waitFor();

    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });
});
