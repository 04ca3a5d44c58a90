import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, launch, visitor } from "./browser";
import { Server } from "./server";

const COMPONENT = `
name: say
version: "1"
type: command
display_name: Say it
description: "**Says** a word. <script>document.title='pwned'</script>"
tags: {team: words}
inputs:
  word: {type: string, default: hello, description: What is said}
  times: {type: integer, min: 1, max: 9}
outputs: {out: {type: uri_folder}}
code: ./src
environment: {image: debian}
command: echo \${{inputs.word}} \${{inputs.times}} > "\${{outputs.out}}/said.txt"
`;

let server: Server;
let browser: Browser;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  server.write("src/notes & more.txt", "a note\n");
  const file = server.write("say.yml", COMPONENT);
  server.run("component", "create", "--file", file);
  server.run("component", "create", "--file", file, "--version", "2", "--set", "display_name=Say it louder");
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe("components", () => {
  it("are found by name, by tag and by type", async () => {
    const { page } = await visit("/assets/components");
    await page.getByRole("link", { name: "Say it louder" }).waitFor();
    for (const [text, count] of [
      ["team:words", 1],
      ["say command", 1],
      ["nothing like it", 0],
    ] as const) {
      await page.getByRole("searchbox").fill(text);
      await page.getByText(`${count} found`).waitFor();
    }
  });

  it("show their interface, their files and their YAML, and run nothing of them", async () => {
    const { page, complaints } = await visit("/assets/components/say?version=1");
    await page.getByRole("cell", { name: "1 to 9" }).waitFor();
    await page.locator(".markdown strong", { hasText: "Says" }).waitFor();
    await expect.poll(() => page.title()).toBe("say · Pipeyard");
    await page.getByRole("tab", { name: "Files" }).click();
    await page.getByRole("button", { name: "notes & more.txt" }).click();
    await page.getByText("a note").waitFor();
    await page.getByRole("tab", { name: "YAML" }).click();
    await page.getByText("display_name: Say it").waitFor();
    expect(complaints).toEqual([]);
  });

  it("have tags and a description that are edited in place and kept", async () => {
    const { page } = await visit("/assets/components/say?version=2");
    await page.getByRole("textbox", { name: "New tag, as name=value" }).fill("stage=beta = 2");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByRole("button", { name: "Remove tag stage" }).waitFor();
    await page.getByRole("button", { name: "Remove tag team" }).click();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Description, in Markdown" }).fill("Now *quietly*.");
    await page.keyboard.press("Control+Enter");
    await page.locator(".markdown em", { hasText: "quietly" }).waitFor();

    // The tag's removal may be on its way yet.
    const kept = () => {
      const shown = server.run("component", "show", "--name", "say", "--version", "2", "-o", "json");
      const { tags, description } = JSON.parse(shown) as Record<string, unknown>;
      return [tags, description];
    };
    await expect.poll(kept).toEqual([{ stage: "beta = 2" }, "Now *quietly*."]);
  });

  it("name the jobs that used them", async () => {
    const name = server.create(
      "type: pipeline\njobs: {s: {type: command, component: azureml:say:1, inputs: {times: 2}}}\n",
      true,
    );
    const { page } = await visit("/assets/components/say?version=1&tab=jobs");
    await page.getByRole("link", { name }).click();

    await page.waitForURL(/\/jobs\//);
    await page.getByRole("heading", { level: 1 }).waitFor();
  });

  it("are archived and restored", async () => {
    const { page } = await visit("/assets/components/say?version=1");
    await page.getByRole("button", { name: "Archive" }).click();
    await page.getByRole("button", { name: "Restore" }).click();

    await page.getByRole("button", { name: "Archive" }).waitFor();
  });

  it("that are not there are named", async () => {
    const { page } = await visit("/assets/components/nobody");

    await page.getByText("nobody").first().waitFor();
    await page.getByRole("alert").waitFor();
  });
});

describe("every page of assets", () => {
  it.each(["light", "dark"] as const)("holds WCAG AA, %s", async (scheme) => {
    const { page, complaints } = await visit("/assets/components/say?version=1", scheme);
    await page.getByRole("cell", { name: "1 to 9" }).waitFor();
    for (const tab of ["Details", "Files", "Jobs", "YAML"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByRole("tab", { name: tab, selected: true }).waitFor();
      await expectAccessible(page);
    }
    for (const place of ["Components", "Data", "Environments", "Models", "Compute", "Datastores"]) {
      await page.getByRole("navigation").getByRole("link", { name: place, exact: true }).click();
      await page.getByRole("heading", { level: 1, name: place }).waitFor();
      await expectAccessible(page);
    }
    expect(complaints).toEqual([]);
  });
});
