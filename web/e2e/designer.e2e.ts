/** The Designer, as people use it: by mouse, by keyboard, by text; saved, taken over, submitted, exported. */

import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawWire, expectAccessible, expectNoSideways, launch, portOf, visitor } from "./browser";
import { Server } from "./server";

let server: Server;
let browser: Browser;

const component = (name: string, inputs: string, output: string, command: string) =>
  [
    `name: ${name}`,
    "version: 1",
    "type: command",
    `display_name: ${name[0]?.toUpperCase()}${name.slice(1)}`,
    "environment: {image: debian}",
    `inputs: {${inputs}}`,
    `outputs: {${output}: {type: uri_folder}}`,
    `command: ${JSON.stringify(command)}`,
    "",
  ].join("\n");

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  const parts: [string, string, string, string][] = [
    ["prepare", "rows: {type: integer, min: 1}", "table", "seq ${{inputs.rounds}} > ${{outputs.table}}/rows"],
    ["train", "table: {type: uri_folder}", "model", "wc -l < ${{inputs.table}}/rows > ${{outputs.model}}/model"],
    [
      "judge",
      "model: {type: uri_folder}, table: {type: uri_folder}",
      "score",
      "cat ${{inputs.model}}/model > ${{outputs.score}}/score",
    ],
  ];
  for (const [name, inputs, output, command] of parts) {
    const text = component(name, inputs, output, command.replace("inputs.rounds", "inputs.rows"));
    server.run("component", "create", "--file", server.write(`${name}.yml`, text));
  }
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const visit = visitor(() => ({ browser, server }));

const EMPTY = "type: pipeline\ndisplay_name: made here\njobs: {}\n";

const card = (page: Page, name: string): Locator => page.locator(".draft-card").filter({ hasText: name });
const saved = (page: Page) => page.locator(".designer-bar").getByText("Saved", { exact: true }).waitFor();

/** The server's checker has seen it, and found nothing but what is to be known. */
const sound = (page: Page) =>
  page
    .locator(".problems-head")
    .filter({ hasText: /^\s*(No problems|\d+ warnings?)$/ })
    .waitFor();

/** The three steps as people would write them. */
const WRITTEN = `type: pipeline
display_name: made here
jobs:
  prepare:
    type: command
    component: azureml:prepare:1
    inputs:
      rows: 3
  train:
    type: command
    component: azureml:train:1
    inputs:
      table: \${{parent.jobs.prepare.outputs.table}}
  judge:
    type: command
    component: azureml:judge:1
    inputs:
      model: \${{parent.jobs.train.outputs.model}}
      table: \${{parent.jobs.prepare.outputs.table}}
`;

describe("a pipeline of registered components", () => {
  it("is built by mouse, submitted, exported, and runs from the command line with every step reused", async () => {
    const address = server.draft(EMPTY, "clicked");
    const { page, complaints } = await visit(address);
    const middle = page.locator(".designer-middle");
    await page.getByText("Nothing is here yet").waitFor();
    for (const [at, name] of ["prepare", "train", "judge"].entries()) {
      await page
        .locator(".parts-row", { hasText: new RegExp(name, "i") })
        .dragTo(middle, { targetPosition: { x: 200 + 150 * at, y: 90 + 150 * at } });
      await card(page, name).waitFor();
    }
    await page.getByRole("button", { name: "Fit" }).click();
    await page.getByRole("region", { name: "Problems" }).getByText("4 errors").waitFor();
    await drawWire(page, portOf(page, "prepare", "Output", "table"), portOf(page, "train", "Input", "table"));
    await page.locator('[data-port="in|train|table"].wired').waitFor();
    await drawWire(page, portOf(page, "train", "Output", "model"), portOf(page, "judge", "Input", "model"));
    await page.locator('[data-port="in|judge|model"].wired').waitFor();
    await drawWire(page, portOf(page, "prepare", "Output", "table"), portOf(page, "judge", "Input", "table"));
    await page.locator('[data-port="in|judge|table"].wired').waitFor();
    await card(page, "prepare").click();
    const rows = page.getByRole("group", { name: /^rows/ });
    await rows.getByRole("combobox", { name: "Source" }).selectOption("value");
    await rows.getByRole("textbox", { name: /^Value/ }).fill("3");
    await rows.getByRole("textbox", { name: /^Value/ }).press("Enter");
    await sound(page);
    await saved(page);
    await expectAccessible(page);

    await expect.poll(() => server.draftText(address)).toBe(WRITTEN);
    expect(complaints).toEqual([]);

    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByText("3 steps: 3 will run.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Submit" }).click();
    await page.waitForURL(/\/jobs\//);
    const job = new URL(page.url()).pathname.split("/").at(-1) as string;
    server.run("job", "stream", "--name", job);
    server.run("draft", "export", address.split("/").at(-1) as string, "--download-path", server.folder);
    const again = server.run("job", "create", "--file", join(server.folder, "clicked.yml"), "--dry-run");

    expect(again.match(/will reuse/g)).toHaveLength(3);

    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Edit a copy in the Designer" }).click();
    await page.waitForURL(/\/designer\//);
    await card(page, "judge").waitFor();
  });

  it("is built by keyboard alone, to the same text", async () => {
    const address = server.draft(EMPTY, "by keyboard");
    const { page } = await visit(address);
    await page.getByText("Nothing is here yet").waitFor();
    const choose = async (key: string, words: string) => {
      await page.keyboard.press(key);
      await page.getByRole("dialog").locator("[role=combobox]:focus").waitFor();
      await page.keyboard.type(words);
      await page.getByRole("dialog").getByRole("option").first().waitFor();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    };
    for (const name of ["prepare", "train", "judge"]) {
      await choose("a", name);
      await page.locator('.draft-card[aria-pressed="true"]', { hasText: name }).waitFor();
    }
    const outline = page.getByRole("navigation", { name: "Outline of the draft" });
    await outline.getByRole("button", { name: /^prepare/ }).focus();
    await page.keyboard.press("Enter");
    await page.locator('.draft-card[aria-pressed="true"]', { hasText: "prepare" }).waitFor();
    await choose("c", "train table");
    await page.locator('[data-port="in|train|table"].wired').waitFor();
    await page.keyboard.press("ArrowDown");
    await page.locator('.draft-card[aria-pressed="true"]', { hasText: "train" }).waitFor();
    await choose("c", "judge model");
    await page.locator('[data-port="in|judge|model"].wired').waitFor();
    await outline.getByRole("button", { name: /^prepare/ }).focus();
    await page.keyboard.press("Enter");
    await page.locator('.draft-card[aria-pressed="true"]', { hasText: "prepare" }).waitFor();
    await choose("c", "judge table");
    await page.locator('[data-port="in|judge|table"].wired').waitFor();
    const rows = page.getByRole("group", { name: /^rows/ });
    await rows.getByRole("combobox", { name: "Source" }).focus();
    // The first letter finds it; a later one that comes too late would find another.
    await page.keyboard.press("A");
    await rows.getByRole("textbox", { name: /^Value/ }).focus();
    await page.keyboard.type("3");
    await page.keyboard.press("Enter");
    await sound(page);
    await saved(page);

    await expect.poll(() => server.draftText(address)).toBe(WRITTEN);
  });

  it("says why a wire is refused, and lists what the server finds wrong with place and reason", async () => {
    const { page } = await visit(server.draft(WRITTEN.replace("rows: 3", "rows: 0"), "wrong"));
    const problem = page.getByRole("region", { name: "Problems" }).getByRole("button");
    await problem.filter({ hasText: /8:13/ }).waitFor();
    await drawWire(page, portOf(page, "judge", "Output", "score"), portOf(page, "train", "Input", "table"));
    await page
      .getByRole("alert")
      .filter({ hasText: "these steps would wait for each other: train → judge → train" })
      .waitFor();
    await page.keyboard.press("F8");
    await page.locator('.draft-card[aria-pressed="true"]', { hasText: "prepare" }).waitFor();
    await expectAccessible(page);

    await problem.first().filter({ hasText: "prepare" }).waitFor();
  });
});

describe("a value that does not fit, and an input that is given none", () => {
  it("is refused with both types, and listed with its line until it is given one", async () => {
    const text = WRITTEN.replace("jobs:", "inputs:\n  count: 3\njobs:");
    const { page } = await visit(server.draft(text.replace(/ {6}model: .*\n/, ""), "lacking"));
    const problem = page.getByRole("region", { name: "Problems" }).getByRole("button");
    await problem.filter({ hasText: /^1[0-9]:[0-9]+ .*model/ }).waitFor();
    await drawWire(page, portOf(page, "input:count", "Output", "count"), portOf(page, "judge", "Input", "model"));
    await page.getByRole("alert").filter({ hasText: "needs `uri_folder`, this is `integer`" }).waitFor();
    await drawWire(page, portOf(page, "train", "Output", "model"), portOf(page, "judge", "Input", "model"));
    await sound(page);
  });
});

describe("text and picture", () => {
  it("follow each other, and broken text loses nothing", async () => {
    const address = server.draft(`# kept\n${WRITTEN}`, "both ways");
    const { page, complaints } = await visit(`${address}?yaml=true`);
    const editor = page.getByRole("textbox", { name: "YAML of the pipeline" });
    await editor.getByText("# kept").waitFor();
    await card(page, "train").click();
    await page.getByRole("textbox", { name: "Name of the step" }).fill("learn");
    await page.getByRole("textbox", { name: "Name of the step" }).press("Enter");
    await page.locator('.draft-card[aria-pressed="true"]', { hasText: "learn" }).waitFor();
    await editor.getByText("${{parent.jobs.learn.outputs.model}}").waitFor();
    await editor.click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("[ ");
    await page.getByText("The text cannot be read; the picture is of before.").waitFor();
    await card(page, "learn").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    await sound(page);
    const undo = page.getByRole("button", { name: /^Undo/ });
    // A press may come to a button that the one before has just disabled.
    const goBack = async () => {
      await undo.click({ timeout: 2000 }).catch(() => undefined);
      return undo.isEnabled();
    };
    await expect.poll(goBack).toBe(false);
    await card(page, "train").waitFor();
    await saved(page);

    await expect.poll(() => server.draftText(address)).toBe(`# kept\n${WRITTEN}`);
    expect(complaints).toEqual([]);
  });

  it("completes what the registry knows where the cursor is", async () => {
    const { page } = await visit(`${server.draft(WRITTEN, "complete")}?yaml=true`);
    const editor = page.getByRole("textbox", { name: "YAML of the pipeline" });
    await editor.getByText("azureml:train:1").click();
    await page.keyboard.press("End");
    await page.keyboard.press("Control+Shift+ArrowLeft");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Control+Space");
    await page.locator(".cm-tooltip-autocomplete li", { hasText: "azureml:train" }).first().waitFor();
  });

  it("takes steps from one draft to another as YAML text", async () => {
    const from = await visit(server.draft(WRITTEN, "here"));
    await from.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await card(from.page, "prepare").click();
    await from.page.keyboard.press("Control+C");
    await expect
      .poll(() => from.page.evaluate("navigator.clipboard.readText()"))
      .toContain("component: azureml:prepare:1");
    await from.page.goto(`${server.address}${server.draft(EMPTY, "there")}`);
    await from.page.getByText("Nothing is here yet").waitFor();
    await from.page.keyboard.press("Control+V");
    await card(from.page, "prepare").waitFor();
    await from.page.keyboard.press("Control+D");
    await card(from.page, "prepare_2").waitFor();
  });
});

describe("a draft", () => {
  it("is there again after the browser closed in the middle of an edit", async () => {
    const address = server.draft(WRITTEN, "closed");
    const first = await visit(address);
    await card(first.page, "judge").click();
    await first.page.keyboard.press("Delete");
    await card(first.page, "judge").waitFor({ state: "detached" });
    // Before the pause after which it is saved.
    await first.page.close();
    const page = await first.context.newPage();
    await page.goto(`${server.address}${address}`);
    await card(page, "train").waitFor();
    await card(page, "judge").waitFor({ state: "detached" });
    // A tab that was killed could not say that it edits no more.
    const takeOver = page.getByRole("button", { name: "Take over" });
    await expect
      .poll(async () => {
        await takeOver.click({ timeout: 500 }).catch(() => undefined);
        return server.draftText(address);
      })
      .not.toContain("judge");
    await saved(page);

    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Earlier states" }).click();
    await page.getByRole("button", { name: "Go back to state 1", exact: true }).click();
    await card(page, "judge").waitFor();
  });

  it("is edited by one tab at a time, and the other one may take over", async () => {
    const address = server.draft(WRITTEN, "twice");
    const first = await visit(address);
    // The first one has to hold it before the other asks.
    await expect.poll(() => first.ended.some((one) => one.endsWith("/hold"))).toBe(true);
    const second = await visit(address);
    await second.page.getByText("edits this draft in another tab").waitFor();
    await expectAccessible(second.page);
    await second.page.getByRole("button", { name: "Take over" }).click();
    await second.page.getByText("edits this draft in another tab").waitFor({ state: "detached" });
    await card(second.page, "train").click();
    await second.page.keyboard.press("Delete");
    await saved(second.page);
    await card(first.page, "judge").click();
    await first.page.keyboard.press("Delete");
    await first.page.getByText("edits this draft in another tab").waitFor();

    await expect.poll(() => server.draftText(address)).not.toContain("train:");
    expect(server.draftText(address)).toContain("judge:");
  });

  it("is listed, found, deleted and brought back", async () => {
    server.draft(EMPTY, "to be deleted");
    const { page } = await visit("/designer");
    await page.getByRole("searchbox", { name: "Find a draft" }).fill("to be deleted");
    await page.getByRole("button", { name: "Delete to be deleted" }).click();
    await page.getByText("There is no such draft").waitFor();
    await page.getByRole("checkbox", { name: "Deleted ones" }).check();
    await page.getByRole("button", { name: "Bring back to be deleted" }).click();
    await page.getByText("There is no such draft").waitFor();
    await page.getByRole("checkbox", { name: "Deleted ones" }).uncheck();
    await page.getByRole("link", { name: "to be deleted" }).waitFor();
    await expectAccessible(page);
  });

  it("begins with an example, in the dark, on a narrow screen", async () => {
    const { page } = await visit("/designer", "dark", 390);
    await page.getByRole("button", { name: "New draft" }).first().click();
    await page.getByRole("radio", { name: "An example" }).check();
    await page.getByRole("radio", { name: /hello-three-components/ }).check();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Create" }).click();
    await page.locator(".draft-card").first().waitFor();
    await expectAccessible(page);
    await expectNoSideways(page);
  });
});
