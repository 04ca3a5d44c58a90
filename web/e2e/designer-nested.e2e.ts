/** Nested pipelines of a draft, open where they stand; and steps selected by a rectangle. */

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Box, drawWire, expectAccessible, expectNoSideways, launch, placeOf, portOf, visitor } from "./browser";
import { Server } from "./server";

let server: Server;
let browser: Browser;

const command = (indent: number, reads: string, writes: string): string => {
  const lines = ["type: command", "environment: {image: debian}", "command: ls"];
  lines.push(...(reads === "" ? [] : [`inputs: {${reads}}`]), ...(writes === "" ? [] : [`outputs: {${writes}}`]));
  return lines.map((line) => `${" ".repeat(indent)}${line}\n`).join("");
};

const BOTH = `name: both
version: 1
type: pipeline
inputs: {rows: {type: uri_folder, optional: true}}
outputs: {model: {type: uri_folder}}
jobs:
  prep:
${command(4, "", "table: {type: uri_folder}")}  learn:
${command(4, '"table": "${{parent.jobs.prep.outputs.table}}"', '"model": "${{parent.outputs.model}}"')}`;

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  server.run("component", "create", "--file", server.write("both.yml", BOTH));
  const copy = ["name: copy", "version: 1", "type: command", "environment: {image: debian}", "command: ls"];
  server.run("component", "create", "--file", server.write("copy.yml", `${copy.join("\n")}\n`));
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const visit = visitor(() => ({ browser, server }));

const TEXT = `# mine
type: pipeline
jobs:
  first:
${command(4, "", "out: {type: uri_folder}")}  group:
    type: pipeline
    component:
      type: pipeline
      inputs: {table: {type: uri_folder}}
      outputs: {model: {type: uri_folder}}
      jobs:
        split:
${command(10, '"table": "${{parent.inputs.table}}"', "part: {type: uri_folder}")}        deep:
          type: pipeline
          component:
            type: pipeline
            jobs:
              measure:
${command(16, "", "")}        train: # kept
${command(10, 'part: {type: uri_folder, path: "azureml:rows:1"}', '"model": "${{parent.outputs.model}}"')}    inputs: {table: "\${{parent.jobs.first.outputs.out}}"}
    outputs: {model: {type: uri_folder}}
  last:
${command(4, '"model": "${{parent.jobs.group.outputs.model}}"', "")}  both:
    type: pipeline
    component: azureml:both:1
`;

const box = (page: Page, key: string): Locator => page.locator(`.draft-canvas [data-key="${key}"]`);
const frame = (page: Page, key: string): Locator =>
  page.locator(".draft-frame").filter({ has: page.locator(`[data-key="${key}"]`) });
const row = (page: Page, key: string): Locator => page.locator(`.draft-outline [data-step="${key}"]`);
const pressed = (page: Page, key: string): Locator =>
  page.locator(`.draft-canvas [data-key="${key}"][aria-pressed="true"]`);
const fold = (page: Page, name: string): Locator =>
  page.getByRole("button", { name: `Inside of ${name}`, exact: true });
const saved = (page: Page) => page.locator(".designer-bar").getByText("Saved", { exact: true }).waitFor();
const isSelected = (page: Page, count: number) =>
  page.getByRole("status").filter({ hasText: new RegExp(`^${count} selected$`) });

/** Press at one point, move to another in two steps, and let go there unless told otherwise. */
async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }, isHeld = false) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x + 8, to.y + 8);
  await page.mouse.move(to.x, to.y);
  if (!isHeld) {
    await page.mouse.up();
  }
}

/** From then on the picture stays where it is, also when its place changes. */
const pinned = (page: Page) => page.locator(".canvas-tools .button", { hasText: "Fit" }).click();

const middle = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 });

describe("a nested pipeline", () => {
  it("is opened where it stands, and edited there by mouse as if it were open alone", async () => {
    const address = server.draft(TEXT, "by mouse");
    const { page, complaints } = await visit(address);
    await fold(page, "group").click();
    await box(page, "group/split").waitFor();
    await pinned(page);

    await drawWire(page, portOf(page, "group/split", "Output", "part"), portOf(page, "group/train", "Input", "part"));
    await page.getByRole("button", { name: "Undo: Connect" }).waitFor();
    await drawWire(page, portOf(page, "first", "Output", "out"), portOf(page, "group/train", "Input", "part"));
    await page.getByRole("alert").filter({ hasText: "lead the value through the inputs and outputs" }).waitFor();

    await box(page, "group/train").click();
    await page.getByRole("textbox", { name: "Name of the step" }).fill("fit");
    await page.getByRole("textbox", { name: "Name of the step" }).press("Enter");
    await pressed(page, "group/fit").waitFor();
    const canvas = await placeOf(page.locator(".draft-canvas"));
    const ground = await placeOf(frame(page, "group"));
    // What is dropped on the ground of the frame goes through it to the canvas.
    await page.locator(".parts-row", { hasText: "copy" }).dragTo(page.locator(".draft-canvas"), {
      targetPosition: { x: ground.x + 30 - canvas.x, y: ground.y + ground.height - 12 - canvas.y },
    });
    await pressed(page, "group/copy").waitFor();
    await page.keyboard.press("Delete");
    await box(page, "group/copy").waitFor({ state: "detached" });
    await page.keyboard.press("Control+Z");
    await box(page, "group/copy").waitFor();
    await saved(page);
    await expect.poll(() => server.draftText(address)).toContain('part: "${{parent.jobs.split.outputs.part}}"');
    const text = server.draftText(address);
    expect(text).toContain("        fit: # kept\n");
    expect(text).toMatch(/^ {8}copy:\n {10}type: command\n {10}component: azureml:copy:1$/m);

    const before = await placeOf(box(page, "group/split"));
    const title = middle(await placeOf(box(page, "group")));
    await drag(page, title, { x: title.x + 60, y: title.y });
    await expect.poll(async () => Math.round((await placeOf(box(page, "group/split"))).x - before.x)).toBe(60);
    await fold(page, "group").click();
    await box(page, "group/split").waitFor({ state: "detached" });
    await fold(page, "group").click();
    await expect.poll(async () => Math.round((await placeOf(box(page, "group/split"))).x - before.x)).toBe(60);
    await page.reload();
    await box(page, "group/split").waitFor();

    expect(server.draftText(address)).toBe(text);
    expect(complaints).toEqual([]);
  });

  it("is opened, walked, edited and closed by keyboard, several levels deep", async () => {
    const address = server.draft(TEXT, "by keyboard");
    const { page } = await visit(address);
    await row(page, "first").focus();
    await page.keyboard.press("ArrowDown");
    await pressed(page, "group").waitFor();
    await page.keyboard.press("ArrowRight");
    await row(page, "group/split").waitFor();
    await page.keyboard.press("ArrowDown");
    await pressed(page, "group/split").waitFor();
    await page.keyboard.press("ArrowDown");
    await pressed(page, "group/deep").waitFor();
    await page.keyboard.press("e");
    await row(page, "group/deep/measure").waitFor();
    await page.keyboard.press("ArrowDown");
    await pressed(page, "group/deep/measure").waitFor();
    await page.keyboard.press("a");
    await page.getByRole("combobox").fill("copy");
    await page.keyboard.press("Enter");
    await pressed(page, "group/deep/copy").waitFor();
    await page.keyboard.press("Control+Z");
    await box(page, "group/deep/copy").waitFor({ state: "detached" });

    await box(page, "group/deep/measure").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowUp");
    await pressed(page, "group/deep").waitFor();
    await page.keyboard.press("e");
    await box(page, "group/deep/measure").waitFor({ state: "detached" });
    // The card that the frame has become has the focus.
    await expect.poll(() => page.evaluate("document.activeElement.dataset.key")).toBe("group/deep");
    await page.keyboard.press("i");
    await page.getByRole("navigation", { name: "Nested pipelines" }).getByText("deep").waitFor();
    await box(page, "group/deep/measure").waitFor();

    expect(server.draftText(address)).toBe(TEXT);
  });

  it("that is registered is only shown, and says how it can be changed", async () => {
    const address = server.draft(TEXT, "registered");
    const { page, complaints } = await visit(address);
    await fold(page, "both").click();
    await frame(page, "both").getByText("read-only").waitFor();
    await frame(page, "both").getByText("Nothing is in it").waitFor({ state: "detached" });
    await page.locator(".inert", { hasText: "prep" }).click();
    await pressed(page, "both").waitFor();
    await page.getByText("written in a registered component").waitFor();
    await page.getByRole("button", { name: "Unpack it" }).click();
    await box(page, "learn").waitFor();
    await saved(page);
    await expect.poll(() => server.draftText(address)).not.toContain("azureml:both:1");
    await page.getByRole("button", { name: "Undo: Unpack both" }).click();
    await box(page, "both").click();
    await page.getByRole("button", { name: "Open a draft of it" }).click();
    await page.getByText("By hand").waitFor({ state: "detached" });
    await box(page, "prep").waitFor();

    expect(new URL(page.url()).pathname).not.toBe(address);
    expect(complaints).toEqual([]);
  });

  it("is open to everybody, light and dark, wide and narrow", async () => {
    const address = server.draft(TEXT, "seen");
    for (const [scheme, width] of [
      ["light", 1440],
      ["dark", 420],
    ] as const) {
      const { page, context } = await visit(address, scheme, width);
      await row(page, "group").focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowDown");
      await pressed(page, "group/split").waitFor();
      await row(page, "both").focus();
      await page.keyboard.press("ArrowRight");
      await page.locator(".draft-outline .foreign").first().waitFor();
      await expectAccessible(page);
      await expectNoSideways(page);
      await context.close();
    }
  });
});

describe("steps", () => {
  it("are selected by a rectangle with Shift, added to with Ctrl, and left as they were with Escape", async () => {
    const { page } = await visit(server.draft(TEXT, "marquee"));
    await fold(page, "group").click();
    await box(page, "group/split").waitFor();
    await pinned(page);
    const split = await placeOf(box(page, "group/split"));
    const train = await placeOf(box(page, "group/train"));
    const first = await placeOf(box(page, "first"));
    await page.keyboard.down("Shift");
    await drag(page, { x: split.x - 6, y: split.y + 20 }, { x: split.x + 20, y: train.y + 20 });
    await page.keyboard.up("Shift");
    await pressed(page, "group/split").waitFor();
    const inside = await page.locator('.draft-canvas [aria-pressed="true"]').count();
    await isSelected(page, inside).waitFor();
    // The keys go on from the last of them, and no text was marked on the way.
    await expect.poll(() => page.evaluate("document.activeElement.dataset.key ?? ''")).toContain("group/");
    expect(await page.evaluate("getSelection().isCollapsed")).toBe(true);
    expect(await pressed(page, "group").count()).toBe(0);

    await page.keyboard.down("Control");
    await page.keyboard.down("Shift");
    await drag(page, { x: first.x - 12, y: first.y - 12 }, { x: first.x + 20, y: first.y + 20 });
    await page.keyboard.up("Shift");
    await page.keyboard.up("Control");
    await isSelected(page, inside + 1).waitFor();

    const last = await placeOf(box(page, "last"));
    await page.keyboard.down("Shift");
    await drag(page, { x: last.x - 12, y: last.y + 12 }, { x: last.x + 20, y: last.y + 20 }, true);
    await pressed(page, "last").waitFor();
    await page.keyboard.press("Escape");
    await pressed(page, "last").waitFor({ state: "detached" });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await isSelected(page, inside + 1).waitFor();
    await pressed(page, "first").waitFor();
  });

  it("are selected by keyboard too: with arrows, all of a pipeline, and in the outline", async () => {
    const { page } = await visit(server.draft(TEXT, "keys"));
    await box(page, "first").click();
    await page.keyboard.press("Shift+ArrowDown");
    await isSelected(page, 2).waitFor();
    await page.keyboard.press("Control+A");
    await isSelected(page, 4).waitFor();
    await row(page, "first").click();
    await pressed(page, "first").waitFor();
    await row(page, "last").click({ modifiers: ["Shift"] });
    await isSelected(page, 3).waitFor();
    await row(page, "group").click({ modifiers: ["Control"] });
    await isSelected(page, 2).waitFor();
    await page.keyboard.press("Shift+ArrowUp");
    await isSelected(page, 2).waitFor();
    await fold(page, "group").click();
    await row(page, "group/split").click();
    await page.keyboard.press("Control+A");
    await isSelected(page, 3).waitFor();
  });
});
