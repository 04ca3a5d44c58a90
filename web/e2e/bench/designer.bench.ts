/** The Designer's budgets on a draft of a thousand steps: `make bench-web` prints them with the others. */

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, open } from "../browser";
import { Server } from "../server";
import { sinceNavigation } from "./measure";

const STEPS = 1000;
const EDITS = 9;

let server: Server;
let browser: Browser;
const lines: string[] = [];

beforeAll(async () => {
  server = new Server();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  process.stdout.write(`\n${lines.join("\n")}\n`);
});

const middle = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] as number;

function note(what: string, budget: number, found: number): void {
  const limit = budget.toLocaleString("en");
  lines.push(`| draft of ${STEPS.toLocaleString("en")} steps: ${what} | ${limit} ms | ${Math.round(found)} ms |`);
}

function large(): string {
  const rows = ["type: pipeline", "jobs:"];
  for (let at = 0; at < STEPS; at += 1) {
    rows.push(
      `  step_${at}:`,
      "    type: command",
      "    environment: {image: debian}",
      "    command: cat ${{inputs.x}}",
    );
    rows.push(`    inputs: {x: ${at < 40 ? "1" : `"\${{parent.jobs.step_${at - 40}.outputs.out}}"`}}`);
    rows.push("    outputs: {out: {type: uri_folder}}");
  }
  return `${rows.join("\n")}\n`;
}

/** From a key to the frame in which something is as it should be. */
async function untilPainted(page: Page, act: () => Promise<void>, isDone: string): Promise<number> {
  await page.evaluate(`(() => {
    const start = performance.now();
    window.painted = new Promise((resolve) => {
      const look = () => (${isDone}) ? resolve(performance.now() - start) : requestAnimationFrame(look);
      requestAnimationFrame(look);
    });
  })()`);
  await act();
  return (await page.evaluate("window.painted")) as number;
}

it("draft of a thousand steps", async () => {
  const { id } = JSON.parse(
    server.run("draft", "create", "--file", server.write("large.yml", large()), "--name", "large", "-o", "json"),
  ) as { id: string };
  const { page } = await open(browser);
  await page.goto(await server.link("/studio/icon.svg"));
  await page.goto(`${server.address}/designer/${id}`);
  await page.locator(".draft-card").first().waitFor();
  note("read, laid out and on the screen", 1000, await sinceNavigation(page));
  await page
    .locator(".problems-head")
    .filter({ hasText: /problems|warnings?|errors?/ })
    .waitFor();
  await page.getByRole("button", { name: "step_0", exact: true }).first().click();
  const name = page.getByRole("textbox", { name: "Name of the step" });
  const edits: number[] = [];
  const checks: number[] = [];
  for (let at = 0; at < EDITS; at += 1) {
    const wanted = `first_${at}`;
    await name.fill(wanted);
    edits.push(
      await untilPainted(
        page,
        () => name.press("Enter"),
        `[...document.querySelectorAll(".draft-card .card-name")].some((one) => one.textContent.trim() === "${wanted}")`,
      ),
    );
    const checked = page.waitForResponse((answer) => answer.url().endsWith("/validate"));
    const start = performance.now();
    await checked;
    checks.push(performance.now() - start);
  }
  note("a step renamed, from the key to the picture", 100, middle(edits));
  note("an edit until the server's problems are there", 500, middle(checks));
  expect(await page.locator("*").count()).toBeLessThan(6000);
});
