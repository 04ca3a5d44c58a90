/** Taking back what was done: in both themes, by mouse and by keys, after going elsewhere. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, launch, visitor } from "./browser";
import { pipeline, Server } from "./server";

let server: Server;
let browser: Browser;
let jobs: string[];

const visit = visitor(() => ({ browser, server }));
const shown = (...words: string[]) => JSON.parse(server.run(...words, "-o", "json"));

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  jobs = ["one", "two", "three"].map((name) =>
    server.create(pipeline({ a: { command: "true" } }, `display_name: ${name}\ntags: {team: vision}`), true),
  );
  const data = server.write("d.csv", "a\n1\n");
  server.run("data", "create", "--name", "towns", "--type", "uri_file", "--path", data);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe("archived jobs", () => {
  it("come back by a button that is still there after going elsewhere", async () => {
    const { page } = await visit("/");
    for (const name of ["one", "two", "three"]) {
      await page
        .getByRole("row")
        .filter({ has: page.getByRole("link", { name, exact: true }) })
        .getByRole("checkbox")
        .check();
    }
    await page.getByRole("button", { name: "Archive 3" }).click();
    const notice = page.getByRole("region", { name: "What was done" });
    await notice.getByText("Archived 3 jobs.").waitFor();
    await page.getByRole("link", { name: "one", exact: true }).waitFor({ state: "detached" });
    await expectAccessible(page);
    await page.getByRole("link", { name: "Components" }).click();
    await page.getByRole("heading", { level: 1, name: "Components" }).waitFor();
    await notice.getByRole("button", { name: "Undo" }).click();
    await notice.getByText("Undone: archived 3 jobs.").waitFor();
    await page.getByRole("link", { name: "Jobs" }).click();

    await page.getByRole("link", { name: "three", exact: true }).waitFor();
    await expect.poll(() => shown("job", "show", "-n", jobs[0] as string).archived).toBe(false);
  });

  it("come back by keys, and a notice is closed by them", async () => {
    const { page } = await visit(`/jobs/${jobs[0]}`, "dark", 390);
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Archive" }).click();
    await page.getByText("Archived one.").waitFor();
    await expectAccessible(page);
    await expectNoSideways(page);
    await page.keyboard.press("Control+z");
    await page.getByText("Undone: archived one.").waitFor();
    await page.getByText("Archived: lists leave it out").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Close the notice" }).focus();
    await page.keyboard.press("Enter");

    await page.getByText("Undone: archived one.").waitFor({ state: "detached" });
    await expect.poll(() => shown("job", "show", "-n", jobs[0] as string).archived).toBe(false);
  });
});

describe("what was written of a thing", () => {
  it("is as it was before: a job's tags, and its name", async () => {
    const { page } = await visit(`/jobs/${jobs[1]}?view=overview`);
    await page.getByRole("button", { name: "Remove tag team" }).click();
    await page.getByText(/Changed the tags of/).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Remove tag team" }).waitFor();
    await page.getByRole("button", { name: "Change the display name" }).click();
    await page.getByRole("textbox", { name: "display name" }).fill("renamed");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "renamed" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();

    await page.getByRole("heading", { level: 1, name: "two" }).waitFor();
    await expect
      .poll(() => shown("job", "show", "-n", jobs[1] as string))
      .toMatchObject({ display_name: "two", tags: { team: "vision" } });
  });

  it("is as it was before: a version's tags, and that it was not archived", async () => {
    const { page } = await visit("/assets/data/towns");
    await page.getByRole("textbox", { name: "New tag, as name=value" }).fill("a=b");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Remove tag a" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Remove tag a" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Archive" }).click();
    await page.getByRole("button", { name: "Restore" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Archive" }).waitFor();

    const kept = () => {
      const { archived, tags } = shown("data", "show", "-n", "towns", "--version", "1");
      return [archived, tags];
    };
    await expect.poll(kept).toEqual([false, {}]);
  });

  it("cannot be taken back where a job was canceled, which is asked before", async () => {
    const job = server.create(pipeline({ a: { command: "sleep 600" } }, "display_name: slow"));
    const { page } = await visit(`/jobs/${job}`);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await page.locator(".job-title").getByText("Canceled").waitFor();

    await page.getByRole("button", { name: "Undo" }).waitFor({ state: "detached" });
  });
});
