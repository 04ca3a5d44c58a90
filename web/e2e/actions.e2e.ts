import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, launch, visitor } from "./browser";
import { pipeline, Server } from "./server";

const YAML = `
type: pipeline
display_name: first
experiment_name: tries
tags: {team: vision}
inputs: {rate: 0.1, word: it's, raw: {type: uri_file, path: ./raw.txt}}
jobs:
  read:
    type: command
    environment: {image: debian}
    inputs: {raw: "\${{parent.inputs.raw}}"}
    outputs: {out: {type: uri_folder}}
    command: cp \${{inputs.raw}} "\${{outputs.out}}/"
  train:
    type: command
    code: ./code
    environment: {image: debian}
    inputs: {data: "\${{parent.jobs.read.outputs.out}}", rate: "\${{parent.inputs.rate}}"}
    command: bash run.sh \${{inputs.rate}}
`;

let server: Server;
let browser: Browser;
let first: string;
let changed: string;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  server.write("raw.txt", "rows\n");
  server.write("code/run.sh", 'echo "rate $1"\n');
  server.write("code/lib/read me.md", "# Notes\n");
  first = server.create(YAML, true);
  server.write("code/run.sh", 'echo "rate is $1"\n');
  changed = server.create(YAML.replace("display_name: first", "display_name: changed code"), true);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe("a job", () => {
  it("is submitted again with another input, by the command that is shown", async () => {
    const { page, complaints } = await visit(`/jobs/${first}`);
    await page.getByRole("button", { name: "Resubmit" }).click();
    await page.getByRole("textbox", { name: "rate" }).fill("0.5");
    await page.getByRole("textbox", { name: "Display name" }).fill("second");
    const line = `pipeyard job resubmit ${first} --input rate=0.5 --display-name second`;
    await page.getByText(line, { exact: true }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Submit", exact: true }).click();

    await page.getByRole("heading", { level: 1, name: "second" }).waitFor();
    await page.locator(".job-title .pill", { hasText: "Completed" }).waitFor();
    await page.getByRole("button", { name: /^read .*reused/ }).waitFor();
    await page.getByText("Resubmitted from").waitFor();
    await page.getByRole("link", { name: "what is different" }).click();
    await page.locator("tr.differs", { hasText: "rate" }).getByRole("cell", { name: "0.5" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("says what is wrong with a new input, in the server's words", async () => {
    const { page } = await visit(`/jobs/${first}`);
    await page.getByRole("button", { name: "Resubmit" }).click();
    await page.getByRole("textbox", { name: "raw" }).fill("azureml:nobody:1");
    await page.getByRole("button", { name: "Submit", exact: true }).click();

    await page.getByRole("alert").filter({ hasText: "nobody" }).waitFor();
    expect(page.url()).toContain(first);
  });

  it("is run again from a step on", async () => {
    const { page } = await visit(`/jobs/${first}?step=train`);
    await page.getByRole("button", { name: "Actions of the step" }).click();
    await page.getByRole("menuitem", { name: "Run again from here" }).click();
    await page.getByText(`pipeyard job rerun ${first} --step train`, { exact: true }).waitFor();
    await page.getByRole("button", { name: "Run again", exact: true }).click();

    await page.getByText("Steps run again of").waitFor();
    await page.locator(".job-title .pill", { hasText: "Completed" }).waitFor();
  });

  it("that failed is resumed, and one that completed says why it is not", async () => {
    const go = join(server.folder, "go");
    const failed = server.create(
      pipeline({ once: { command: "true" }, after: { command: `test -e ${go}`, reads: ["once"] } }),
      true,
    );
    writeFileSync(go, "");
    const { page } = await visit(`/jobs/${failed}`);
    await page.getByRole("button", { name: "More actions" }).click();
    await page.locator("[role=menuitem]:focus").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await page.getByText("Goes on with").waitFor();
    await page.locator(".job-title .pill", { hasText: "Completed" }).waitFor();
    await page.getByRole("button", { name: "More actions" }).click();

    await page.getByRole("menuitem", { name: /Resume.*it has completed/ }).waitFor();
    await expectAccessible(page);
  });

  it("is renamed, described and tagged in place", async () => {
    const { page } = await visit(`/jobs/${changed}?view=overview`);
    await page.getByRole("button", { name: "Change the display name" }).click();
    await page.getByRole("textbox", { name: "display name" }).fill("better name");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "better name" }).waitFor();
    await page.getByRole("textbox", { name: "New tag, as name=value" }).fill("stage=beta");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Remove tag stage" }).waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Description, in Markdown" }).fill("Now *better*.");
    await page.keyboard.press("Control+Enter");
    await page.locator(".markdown em", { hasText: "better" }).waitFor();

    const kept = () => {
      const shown = JSON.parse(server.run("job", "show", "-n", changed, "-o", "json"));
      return [shown.display_name, shown.tags, shown.description];
    };
    await expect.poll(kept).toEqual(["better name", { team: "vision", stage: "beta" }, "Now *better*."]);
  });

  it("is archived and restored from its menu", async () => {
    const { page } = await visit(`/jobs/${changed}`);
    for (const [verb, state] of [
      ["Archive", "visible"],
      ["Restore", "detached"],
    ] as const) {
      await page.getByRole("button", { name: "More actions" }).click();
      await page.getByRole("menuitem", { name: verb }).click();
      await page.getByText("Archived: lists leave it out").waitFor({ state });
    }
  });
});

describe("comparing", () => {
  it("starts from jobs that are marked in the list, and shows what differs, down to the line", async () => {
    const { page, complaints } = await visit("/?sort=created&tag=team");
    await page.getByRole("checkbox", { name: "Select first" }).first().check();
    await page.getByRole("checkbox", { name: "Select better name" }).check();
    await page.getByRole("link", { name: "Compare 2" }).click();
    await page.getByRole("heading", { level: 1, name: "Compare jobs" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("tab", { name: /Code/ }).click();
    await page.locator(".diff-in, .diff-out", { hasText: 'echo "rate is $1"' }).waitFor();
    await expectAccessible(page);
    await page.getByRole("tab", { name: /Steps/ }).click();
    await page.getByText("~ changed").waitFor();
    await expectAccessible(page);
    await page.getByRole("tab", { name: /YAML/ }).click();
    await page.locator(".diff-in", { hasText: "display_name" }).waitFor();
    await page.getByRole("tab", { name: "Metrics" }).click();
    await page.getByText("Nothing was logged").waitFor();
    expect(complaints).toEqual([]);
  });

  it("says the same on the command line", () => {
    const text = server.run("job", "compare", first, changed);

    expect(text).toContain('+echo "rate is $1"');
    expect(text).toContain("~ train");
    expect(JSON.parse(server.run("job", "compare", first, changed, "-o", "json")).jobs.length).toBe(2);
  });

  it("offers jobs to choose where fewer than two are named, and names one that is not there", async () => {
    const { page } = await visit(`/compare?jobs=${first}`);
    await page.getByRole("searchbox", { name: "Find a job to add" }).fill("better");
    await page.getByRole("button", { name: /better name/ }).click();
    await page.getByText("Only differences").waitFor();
    await page.goto(`${server.address}/compare?jobs=${first},nobody`);

    await page.getByText("there is no job `nobody`").waitFor();
  });
});

describe("a step", () => {
  it("has a page of its own behind a double click, with its code in it", async () => {
    const { page, complaints } = await visit(`/jobs/${first}`);
    await page.getByRole("button", { name: /^train/ }).dblclick();
    await page.waitForURL(/steps\/train/);
    await page.getByRole("tab", { name: "Code" }).click();
    await page.getByText('echo "rate $1"').waitFor();
    await page.getByRole("button", { name: "read me.md" }).click();
    await page.locator(".markdown h1", { hasText: "Notes" }).waitFor();
    await page.waitForURL(/file=/);
    await expectAccessible(page);
    await page.getByRole("tab", { name: "Environment" }).click();
    await page.getByText("Nothing was built for this step").waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Previous step" }).click();
    await page.getByRole("heading", { level: 1, name: "read" }).waitFor();
    await page.getByRole("link", { name: "first" }).click();
    await page.locator('.card[aria-pressed="true"]', { hasText: "read" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("that is not there leads to those that are", async () => {
    const { page } = await visit(`/jobs/${first}/steps/nobody`);

    await page.getByRole("link", { name: "See the 2 steps of the job" }).waitFor();
  });
});

describe("files", () => {
  it("are looked at as what they are, and nothing in them runs", async () => {
    const notebook = {
      cells: [
        { cell_type: "markdown", source: "# Report\n<script>document.title='x'</script>" },
        {
          cell_type: "code",
          execution_count: 1,
          source: "1",
          outputs: [{ output_type: "execute_result", data: { "text/html": "<img src=x onerror=alert(1)>" } }],
        },
      ],
    };
    server.write("made/report.ipynb", JSON.stringify(notebook));
    server.write("made/scores.json", '{"auc": 0.9, "deep": {"x": [1]}}');
    server.write("made/shot_2.png", "no picture");
    server.write("made/shot_10.png", "no picture");
    const name = server.create(pipeline({ w: { command: `cp ${server.folder}/made/* "\${{outputs.out}}/"` } }), true);
    const { page } = await visit(`/jobs/${name}?step=w&tab=ports`);
    await page.getByRole("button", { name: "report.ipynb" }).click();
    await page.locator(".notebook h1", { hasText: "Report" }).waitFor();
    await page.getByText("Not shown here: text/html").waitFor();
    await page.getByRole("button", { name: "scores.json" }).click();
    await page.locator(".json-tree", { hasText: "auc: 0.9" }).waitFor();
    await expect.poll(() => page.locator(".gallery li").allTextContents()).toEqual(["shot_2.png", "shot_10.png"]);
    await expectAccessible(page);
    expect(await page.title()).not.toBe("x");

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download all 4 as zip" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("out.zip");
  });
});
