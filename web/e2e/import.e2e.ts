/** What comes into the Designer from outside: folders and zips, their components; and what others do to a draft meanwhile. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, launch, untilLive, visitor } from "./browser";
import { Server } from "./server";

let server: Server;
let browser: Browser;

beforeAll(async () => {
  server = new Server();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const visit = visitor(() => ({ browser, server }));

const MAKE = `type: command
name: make_numbers
version: 3
display_name: Make numbers
inputs: {top: {type: integer, min: 1}}
outputs: {numbers: {type: uri_folder}}
code: ./src
command: bash make.sh \${{inputs.top}} \${{outputs.numbers}}/n
environment: {image: debian}
`;
const COUNT = `type: command
name: count_lines
inputs: {numbers: {type: uri_folder}}
command: wc -l \${{inputs.numbers}}/n
environment: {image: debian}
`;
const PIPELINE = `# Weekly, on Mondays.
type: pipeline
display_name: Numbers
jobs:
  make:
    component: ./parts/make.yml  # ours
    inputs: {top: 3}
  count:
    component: "./count.yml"
    inputs:
      numbers: \${{parent.jobs.make.outputs.numbers}}
`;

/** A folder with a pipeline and two components; its place. */
function folderOf(name: string, files: Record<string, string> = {}): string {
  const all = {
    "pipeline.yml": PIPELINE,
    "parts/make.yml": MAKE,
    "parts/src/make.sh": 'seq "$1" > "$2"\n',
    "count.yml": COUNT,
  };
  for (const [path, text] of Object.entries({ ...all, ...files })) {
    server.write(`${name}/${path}`, text);
  }
  return join(server.folder, name);
}

const card = (page: Page, name: string): Locator => page.locator(".draft-card").filter({ hasText: name });
const saved = (page: Page) => page.locator(".designer-bar").getByText("Saved", { exact: true }).waitFor();
const idOf = (page: Page): string => new URL(page.url()).pathname.split("/").at(-1) as string;

async function chooseFiles(page: Page, button: string, files: string | string[]): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: button }).click(),
  ]);
  await chooser.setFiles(files);
}

async function bringFolder(page: Page, folder: string): Promise<void> {
  await page.getByRole("button", { name: "New draft" }).first().click();
  await page.getByRole("radio", { name: "A folder or a zip" }).check();
  await chooseFiles(page, "Choose a folder", folder);
  await page
    .getByRole("dialog")
    .getByText(/^\d+ files, /)
    .waitFor();
  await page.getByRole("button", { name: "Create" }).click();
}

/** A zip made by the command line. */
function zipOf(folder: string, name: string): string {
  const { id } = JSON.parse(
    server.run("draft", "create", "--file", join(folder, "pipeline.yml"), "--name", name, "-o", "json"),
  ) as { id: string };
  server.run("draft", "export", id, "--zip", "--overwrite", "--download-path", server.folder);
  return join(server.folder, `${name}.zip`);
}

describe("a folder with components of its own", () => {
  it("is brought, its components are registered and referred to in one edit, and the export runs", async () => {
    const folder = folderOf("mine");
    const { page, complaints } = await visit("/designer");
    await bringFolder(page, folder);
    await page.waitForURL(/\/designer\/[^?]+/);
    const dialog = page.getByRole("dialog", { name: "Components of this draft" });
    await dialog.getByText("Will be azureml:make_numbers:3.").waitFor();
    await dialog.getByText("make_numbers, version 3 · command · code 16 B in 1 file · used by make").waitFor();
    await dialog.getByText("count_lines, next version (1) · command · no code · used by count").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Register 2 and refer to them" }).click();
    await dialog.waitFor({ state: "detached" });
    await saved(page);
    const referred = PIPELINE.replace("./parts/make.yml", "azureml:make_numbers:3").replace(
      "./count.yml",
      "azureml:count_lines:1",
    );
    await expect.poll(() => server.draftText(idOf(page))).toBe(referred);
    await page.locator(".parts-row", { hasText: "Make numbers" }).waitFor();

    const undo = page.getByRole("button", { name: "Undo: Refer to 2 registered components" });
    await undo.click();
    await expect.poll(() => server.draftText(idOf(page))).toBe(PIPELINE);
    await page.getByRole("button", { name: "Redo: Refer to 2 registered components" }).click();
    await expect.poll(() => server.draftText(idOf(page))).toBe(referred);
    expect(complaints).toEqual([]);

    const first = JSON.parse(server.run("draft", "submit", idOf(page), "--stream", "-o", "json")) as { status: string };
    expect(first.status).toBe("Completed");

    // What the preview says before a submit is what then happens: one step is reused, one runs.
    const changed = server.write("changed-count.yml", `${referred}    environment_variables: {A: "1"}\n`);
    server.run("draft", "update", idOf(page), "--file", changed, "--take-over");
    await expect.poll(() => page.locator(".designer-bar").textContent()).toContain("Saved");
    await page.getByRole("button", { name: "YAML", exact: true }).click();
    await page.getByRole("textbox", { name: "YAML of the pipeline" }).getByText("environment_variables").waitFor();
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByText("2 steps: 1 will be reused, 1 will run.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Submit" }).click();
    await page.waitForURL(/\/jobs\//);
    const job = idOf(page);
    server.run("job", "stream", "--name", job);
    const { steps } = JSON.parse(server.run("job", "why", job, "-o", "json")) as {
      steps: { step: string; decision: string }[];
    };
    expect(steps.map(({ step, decision }) => [step, decision])).toEqual([
      ["make", "reused"],
      ["count", "ran"],
    ]);
  });

  it("is the same text after a hundred edits that are taken back, and as it was after them when they are done again", async () => {
    const file = server.write("edits.yml", PIPELINE.replaceAll("./", "azureml:x@").replaceAll(".yml", ""));
    const { id } = JSON.parse(server.run("draft", "create", "--file", file, "--name", "edits", "-o", "json")) as {
      id: string;
    };
    const start = server.draftText(id);
    const { page, context } = await visit(`/designer/${id}`);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await untilLive(page);
    await card(page, "count").click();
    await page.locator('.draft-card[aria-pressed="true"]', { hasText: "count" }).waitFor();
    const keys = ["Control+d", "Delete", "ArrowDown", "Control+g", "Control+x"] as const;
    // Always the same ones: of others the tests of the domain take care, a thousand times each.
    let random = 1;
    for (let count = 0; count < 100; count += 1) {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      // What was removed is not selected any more.
      await page.keyboard.press(
        count % 4 === 3
          ? count % 8 === 3
            ? "Control+a"
            : "Control+v"
          : (keys[Math.floor(random / 65_536) % 5] as string),
      );
    }
    await saved(page);
    const end = server.draftText(id);
    const goOn = async (name: RegExp) => {
      const button = page.getByRole("button", { name });
      const all = async () => {
        await button.click({ timeout: 2000 }).catch(() => undefined);
        return button.isEnabled();
      };
      await expect.poll(all, { interval: 0, timeout: 60_000 }).toBe(false);
    };
    await goOn(/^Undo/);
    await expect.poll(() => server.draftText(id)).toBe(start);
    await goOn(/^Redo/);
    await expect.poll(() => server.draftText(id)).toBe(end);
    expect(end).not.toBe(start);
  });

  it("says what is there already, what is refused and in what it differs, and takes the next version for it", async () => {
    server.run("component", "create", "--file", join(folderOf("first"), "parts/make.yml"));
    const folder = folderOf("other", {
      "parts/make.yml": MAKE.replace("min: 1", "min: 2"),
      "count.yml": COUNT.replace("name: count_lines\n", ""),
    });
    const { page } = await visit("/designer", "dark");
    await bringFolder(page, folder);
    const dialog = page.getByRole("dialog", { name: "Components of this draft" });
    await dialog.getByText("version 3 exists and differs in `inputs.top.min`").waitFor();
    await dialog
      .getByRole("button", { name: /^Register/ })
      .and(page.locator(":disabled"))
      .waitFor();
    await expectAccessible(page);
    await dialog.getByRole("textbox", { name: "Name of count.yml" }).fill("counted");
    await dialog.getByRole("textbox", { name: "Name of count.yml" }).press("Enter");
    await dialog.getByText("Will be azureml:counted:1.").waitFor();
    await dialog.getByRole("checkbox", { name: /^As version \d+ instead$/ }).check();
    await dialog.getByText(/^Will be azureml:make_numbers:\d+\.$/).waitFor();
    await dialog.getByRole("button", { name: "Register 2 and refer to them" }).click();
    await dialog.waitFor({ state: "detached" });
    await saved(page);

    await expect.poll(() => server.draftText(idOf(page))).toContain("azureml:counted:1");
    expect(server.draftText(idOf(page))).not.toContain("parts/make.yml");
  });

  it("keeps its components as files if that is wished, and one is registered later from its step", async () => {
    const folder = folderOf("kept", { "count.yml": COUNT.replace("count_lines", "count_later") });
    const { page } = await visit("/designer", "light", 390);
    await bringFolder(page, folder);
    const dialog = page.getByRole("dialog", { name: "Components of this draft" });
    await dialog.getByText("Will be azureml:count_later:1.").waitFor();
    await expectAccessible(page);
    await expectNoSideways(page);
    await dialog.getByRole("button", { name: "Keep as files in the draft" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.setViewportSize({ width: 1440, height: 900 });
    await card(page, "count").click();
    await page.getByRole("button", { name: "Register this component…" }).click();
    const single = page.getByRole("dialog", { name: "Register this component" });
    await single.getByText("Will be azureml:count_later:1.").waitFor();
    expect(await single.getByRole("listitem").count()).toBe(1);
    await single.getByRole("button", { name: "Register 1 and refer to it" }).click();
    await single.waitFor({ state: "detached" });
    await page.getByRole("combobox", { name: "Version", exact: true }).waitFor();
    await saved(page);

    await expect
      .poll(() => server.draftText(idOf(page)))
      .toBe(PIPELINE.replace("./count.yml", "azureml:count_later:1"));
  });
});

/** Ours, or with `FROM=` those of another checkout: every folder below it that has a pipeline. */
const CORPUS = process.env.FROM ?? join(import.meta.dirname, "../../examples");

const pipelinesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? pipelinesBelow(join(folder, entry.name))
      : /^pipeline\.ya?ml$/.test(entry.name)
        ? [join(folder, entry.name)]
        : [],
  );

describe("every pipeline of the examples", () => {
  it("is imported, shown and exported byte for byte, and means the same to the checker", async () => {
    const { page } = await visit("/designer");
    const found = pipelinesBelow(CORPUS);
    expect(found.length).toBeGreaterThan(8);
    for (const file of found) {
      await page.goto(`${server.address}/designer`);
      await bringFolder(page, dirname(file));
      await page.waitForURL(/\/designer\/[^?]+/);
      const keep = page.getByRole("button", { name: "Keep as files in the draft" });
      const isShown = page.locator(".draft-card").first();
      await keep.or(isShown).first().waitFor();
      await keep.click({ timeout: 1000 }).catch(() => undefined);
      await isShown.waitFor();
      await page.getByRole("button", { name: "More" }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: "Export with its files, as a zip" }).click(),
      ]);
      const zip = join(server.folder, `${idOf(page)}.zip`);
      await download.saveAs(zip);
      const { id } = JSON.parse(server.run("draft", "create", "--file", zip, "-o", "json")) as { id: string };
      const out = join(server.folder, idOf(page));
      server.run("draft", "export", id, "--download-path", out);
      const exported = pipelinesBelow(out)[0] ?? join(out, readdirSync(out)[0] as string);

      expect(readFileSync(exported, "utf8"), file).toBe(readFileSync(file, "utf8"));
      expect(verdictOn(exported), file).toBe(verdictOn(file));
    }
  });
});

/** What the command line's checker says of a file, without where the file lies. */
function verdictOn(file: string): string {
  try {
    return server.run("job", "validate", "--file", file, "--format", "short").replaceAll(dirname(file), "");
  } catch (problem) {
    return (problem as { stdout: string }).stdout.replaceAll(dirname(file), "");
  }
}

describe("a zip", () => {
  it("is chosen and becomes a draft, its pipeline chosen where several may be meant", async () => {
    const zip = zipOf(folderOf("packed", { "count.yml": COUNT.replace("count_lines", "zipped") }), "packed");
    const { page } = await visit("/designer");
    await page.getByRole("button", { name: "New draft" }).first().click();
    await page.getByRole("radio", { name: "A folder or a zip" }).check();
    await chooseFiles(page, "Choose a zip or files", zip);
    await page.getByText(/^packed\.zip, /).waitFor();
    await page.getByRole("button", { name: "Create" }).click();
    await page
      .getByRole("dialog", { name: "Components of this draft" })
      .getByRole("button", { name: "Keep as files in the draft" })
      .click();
    await card(page, "count").waitFor();
    await expect.poll(() => server.draftText(idOf(page))).toBe(PIPELINE);

    const empty = "type: pipeline\njobs: {}\n";
    const two = [server.write("two/a.yml", empty), server.write("two/b.yml", PIPELINE)];
    await page.goto(`${server.address}/designer`);
    await page.getByRole("button", { name: "New draft" }).first().click();
    await page.getByRole("radio", { name: "A folder or a zip" }).check();
    await chooseFiles(page, "Choose a zip or files", two);
    await page.getByText(/^2 files, /).waitFor();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").getByText("several files may be the pipeline").waitFor();
    await page.getByRole("combobox", { name: "Which file is the pipeline?" }).selectOption("b.yml");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Create" }).click();
    await page.waitForURL(/\/designer\/[^?]+/);
    await page.getByRole("button", { name: "Keep as files in the draft" }).click();
    await card(page, "make").waitFor();
  });

  it.each([
    ["no zip at all", "photo.zip", "no zip", "this is no zip file that can be read"],
    ["a path that leads out", "escape.zip", zipText("../evil.yml"), "is no path of a file inside a folder"],
    ["nothing that is a pipeline", "none.zip", zipText("a.txt"), "no file in the folder is a pipeline"],
  ])("is refused in words: %s", async (_, name, bytes, words) => {
    const { page } = await visit("/designer");
    // As if it were dropped on the page.
    const data = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File([Uint8Array.from(${JSON.stringify([
        ...Buffer.from(bytes, "latin1"),
      ])})], ${JSON.stringify(name)})); return data; })()`,
    );
    await page.locator(".jobs").dispatchEvent("drop", { dataTransfer: data });
    await page.getByText(new RegExp(`^${name}, `)).waitFor();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").getByText(words).waitFor();
    await expectAccessible(page);
  });
});

describe("what others do to a draft", () => {
  it("is seen at once: deleted and brought back, and forgotten for good", async () => {
    const file = server.write("away.yml", PIPELINE.replaceAll("./", "azureml:x@").replaceAll(".yml", ""));
    const { id } = JSON.parse(server.run("draft", "create", "--file", file, "--name", "away", "-o", "json")) as {
      id: string;
    };
    const { page } = await visit(`/designer/${id}`);
    await untilLive(page);
    await card(page, "count").waitFor();
    // The stream tells: the page itself asks again only after longer than is waited for here.
    server.run("draft", "delete", id);
    const banner = page.getByRole("alert").filter({ hasText: "This draft was deleted elsewhere." });
    await banner.waitFor();
    await expectAccessible(page);
    await banner.getByRole("button", { name: "Bring it back" }).click();
    await banner.waitFor({ state: "detached" });
    await card(page, "count").click();
    await page.keyboard.press("Delete");
    await card(page, "count").waitFor({ state: "detached" });
    await saved(page);
    await expect.poll(() => server.draftText(id)).not.toContain("count:");

    server.run("draft", "delete", id, "--forever", "--yes");
    await page.getByRole("alert").filter({ hasText: "for good" }).waitFor();
    await page.getByRole("button", { name: "Keep it as a new draft" }).click();
    await expect.poll(() => idOf(page)).not.toBe(id);
    await page.getByRole("heading", { name: "away" }).waitFor();
    await card(page, "make").waitFor();
  });

  it("is shown when the command line changed it", async () => {
    const file = server.write("changed.yml", "type: pipeline\njobs: {}\n");
    const { id } = JSON.parse(server.run("draft", "create", "--file", file, "--name", "changed", "-o", "json")) as {
      id: string;
    };
    const { page } = await visit(`/designer/${id}`);
    await untilLive(page);
    await page.getByText("Nothing is here yet").waitFor();
    const more = server.write(
      "more.yml",
      "type: pipeline\njobs:\n  new_one: {command: ls, environment: {image: debian}}\n",
    );
    server.run("draft", "update", id, "--file", more, "--take-over");
    await card(page, "new_one").waitFor();
  });
});

describe("components of a registry", () => {
  it("are placed in any version, and go from one to another", async () => {
    server.run("registry", "create", "--name", "team");
    const place = (version: string, more = "") =>
      server.write(
        `shared-${version}.yml`,
        `type: command\nname: shared\nversion: ${version}\ninputs: {rate: {type: number}${more}}\ncommand: ls\nenvironment: {image: debian}\n`,
      );
    for (const [version, more] of [
      ["1", ""],
      ["2", ", depth: {type: integer, optional: true}"],
    ] as const) {
      server.run("component", "create", "--file", place(version, more), "--registry-name", "team");
    }
    const file = server.write("registry.yml", "type: pipeline\njobs: {}\n");
    const { id } = JSON.parse(server.run("draft", "create", "--file", file, "--name", "registry", "-o", "json")) as {
      id: string;
    };
    const { page } = await visit(`/designer/${id}`);
    await page.getByText("Nothing is here yet").waitFor();
    await page.getByRole("combobox", { name: "Version of shared" }).selectOption("1");
    await page.locator(".parts-row", { hasText: "shared" }).click();
    await card(page, "shared").waitFor();
    await page.getByRole("group", { name: /^rate/ }).waitFor();
    await expect.poll(() => server.draftText(id)).toContain("azureml://registries/team/components/shared/versions/1");
    await page.getByRole("combobox", { name: "Version", exact: true }).selectOption("2");
    await page.getByText("With version 2:").waitFor();
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByRole("group", { name: /^depth/ }).waitFor();
    await expect.poll(() => server.draftText(id)).toContain("azureml://registries/team/components/shared/versions/2");
    await page.getByRole("combobox", { name: "Version", exact: true }).selectOption("1");
    await page.getByText("With version 1:").waitFor();
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByRole("group", { name: /^depth/ }).waitFor({ state: "detached" });
    await expect.poll(() => server.draftText(id)).toContain("azureml://registries/team/components/shared/versions/1");
  });
});

/** A zip with one file of that path, stored as it is. */
function zipText(path: string): string {
  const text = "x";
  const header = (signature: string, middle: string) => `${signature}${middle}`;
  const u16 = (value: number) => String.fromCharCode(value & 255, value >> 8);
  const u32 = (value: number) => u16(value & 0xffff) + u16(value >>> 16);
  const facts = `${u16(0)}${u16(0)}${u16(0)}${u16(33)}${u32(0x8cdc1683)}${u32(text.length)}${u32(text.length)}${u16(path.length)}${u16(0)}`;
  const local = `${header("PK\x03\x04", u16(20))}${facts}${path}${text}`;
  const central = `${header("PK\x01\x02", u16(20) + u16(20))}${facts}${u16(0)}${u16(0)}${u16(0)}${u32(0)}${u32(0)}${path}`;
  return `${local}${central}PK\x05\x06${u16(0)}${u16(0)}${u16(1)}${u16(1)}${u32(central.length)}${u32(local.length)}${u16(0)}`;
}
