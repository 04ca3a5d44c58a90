/** Steps that do one thing many times: mini-batches, iterations, items; and the step that chooses. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, launch, visitor } from "./browser";
import { Server } from "./server";

let server: Server;
let browser: Browser;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  for (let at = 0; at < 8; at += 1) {
    server.write(`data/file ${at}.txt`, `v${at}`);
  }
  server.write("count.yml", COUNT);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Waits for `go`, and fails at one file as long as `well` is not there. */
const script = (go: string, well: string): string => `
import os, time
def run(batch):
    print("scoring", *map(os.path.basename, batch))
    while not os.path.exists(${JSON.stringify(go)}):
        time.sleep(0.02)
    if any(name.endswith(" 4.txt") for name in batch) and not os.path.exists(${JSON.stringify(well)}):
        raise ValueError("<b>no four</b> & yet")
    return [os.path.basename(name) for name in batch]
`;
const parallel = `
    type: parallel
    inputs: {files: {type: uri_folder, path: ./data}}
    outputs: {rows: {type: uri_file}}
    input_data: \${{inputs.files}}
    mini_batch_size: "2"
    max_concurrency_per_instance: 2
    retry_settings: {max_retries: 1, timeout: 300}
    task: {code: ./FOLDER, entry_script: score.py, environment: local, append_row_to: "\${{outputs.rows}}"}
`;

function scorer(folder: string): { go(): void; heal(): void } {
  const [go, well] = [join(server.folder, `${folder}.go`), join(server.folder, `${folder}.well`)];
  server.write(`${folder}/score.py`, script(go, well));
  return { go: () => writeFileSync(go, ""), heal: () => writeFileSync(well, "") };
}

describe("a parallel step", () => {
  it("shows its progress as it goes, what failed with its log, and runs only that again", async () => {
    const scores = scorer("src");
    const job = server.create(`type: pipeline\njobs:\n  score:${parallel.replace("FOLDER", "src")}`);
    const { page, complaints } = await visit(`/jobs/${job}?step=score`);
    await page.getByText("0 of 4 mini-batches are done.").waitFor();
    await page.getByRole("region", { name: "Workers" }).getByText("on mini-batch 0").waitFor();
    await page.getByRole("progressbar", { name: "Mini-batches that have ended" }).waitFor();
    scores.go();

    await page.getByText("3 of 4 mini-batches are done, 1 failed, 1 try was repeated.").waitFor();
    const failed = page.getByRole("region", { name: "Failed mini-batches" });
    await failed.getByRole("cell", { name: "file 4.txt, file 5.txt" }).waitFor();
    await failed.getByRole("cell", { name: "ValueError: <b>no four</b> & yet" }).waitFor();
    await failed.getByRole("button", { name: "Log of mini-batch 2" }).click();
    const log = page.getByRole("region", { name: "Log of mini-batch 2" });
    await log.getByText("scoring file 4.txt file 5.txt").waitFor();
    await page.getByText(`pipeyard job batches ${job} --step score --log 2`, { exact: true }).waitFor();
    await page.getByRole("button", { name: "Log of worker 0 of instance 0" }).click();
    await page.getByRole("region", { name: "Output of worker 0 of instance 0" }).getByText("scoring").waitFor();
    await page.getByRole("region", { name: "Workers" }).getByText("ended").nth(1).waitFor();
    await expectAccessible(page);

    scores.heal();
    await failed.getByRole("button", { name: "Run only these again" }).click();
    await page.getByText(`pipeyard job rerun ${job} --step score --failed-batches`, { exact: true }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Run again", exact: true }).click();
    await page.getByText("Steps run again of").waitFor();
    await page.getByRole("button", { name: /^score / }).click();
    await page.getByText("4 of 4 mini-batches are done, 3 taken over from the earlier run.").waitFor();
    expect(complaints).toEqual([]);
  });

  it("that is a whole job has the same page, also in the dark and on a small screen", async () => {
    const scores = scorer("alone");
    scores.go();
    const yaml = parallel.replace(/^ {4}/gm, "").replace("FOLDER", "alone");
    const job = server.create(yaml, true);
    const { page } = await visit(`/jobs/${job}`, "dark", 420);
    await page.getByText("3 of 4 mini-batches are done, 1 failed, 1 try was repeated.").waitFor();
    await page.getByRole("region", { name: "Workers" }).getByText("ended").nth(1).waitFor();
    await expectAccessible(page);
    await expectNoSideways(page);

    scores.heal();
    await page.getByRole("button", { name: "Run only these again" }).click();
    await page.getByText(`pipeyard job rerun ${job} --failed-batches`, { exact: true }).waitFor();
    await page.getByRole("button", { name: "Run again", exact: true }).click();
    await page.getByText("4 of 4 mini-batches are done, 3 taken over from the earlier run.").waitFor();
  });
});

const COUNT = `
type: command
inputs: {n: {type: integer}, until: {type: integer, default: 3}}
outputs: {n: {type: integer}, goes_on: {type: boolean}}
environment: local
command: >-
  [ \${{inputs.n}} -lt 90 ] || exit 7;
  echo $((\${{inputs.n}} + 1)) > \${{outputs.n}};
  [ $((\${{inputs.n}} + 1)) -lt \${{inputs.until}} ] && echo true > \${{outputs.goes_on}} || echo false > \${{outputs.goes_on}}
`;

describe("a loop", () => {
  it("shows each iteration with what it was given and wrote, and leads to its job", async () => {
    const job = server.create(
      `
type: pipeline
jobs:
  count: {component: ./count.yml, inputs: {n: 0}}
  loop:
    type: do_while
    body: \${{parent.jobs.count}}
    condition: \${{parent.jobs.count.outputs.goes_on}}
    mapping: {n: "\${{parent.jobs.count.inputs.n}}"}
    limits: {max_iteration_count: 5}
`,
      true,
    );
    const { page, complaints } = await visit(`/jobs/${job}?step=loop`);
    await page.getByText("3 of at most 5 iterations have ended.").waitFor();
    await page.getByText("Each was given until 3.").waitFor();
    await page.getByRole("cell", { name: "false: ends" }).waitFor();
    await page.getByRole("slider", { name: "n over iteration" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("tablist", { name: "About the step" }).getByRole("tab", { name: "Overview" }).click();
    await page.getByText("goes_on is true").waitFor();
    await page.getByRole("tab", { name: "Iterations" }).click();
    await page.getByRole("link", { name: "2", exact: true }).click();

    await page.getByRole("heading", { level: 1, name: "iteration 2" }).waitFor();
    expect(complaints).toEqual([]);
  });
});

describe("a step that runs for each item", () => {
  it("shows the items with their states and errors, and finds some of them", async () => {
    const job = server.create(
      `
type: pipeline
jobs:
  count: {component: ./count.yml}
  each:
    type: parallel_for
    body: \${{parent.jobs.count}}
    items: {one: {n: 1}, two: {n: 2}, three: {n: 3}, four: {n: 4}, five: {n: 5}, much: {n: 95}}
`,
      true,
    );
    const { page } = await visit(`/jobs/${job}?step=each`, "dark");
    await page.getByText("6 of 6 items have ended, 1 failed.").waitFor();
    await page.getByRole("searchbox", { name: "Filter items" }).fill("exited");
    await page.getByText("five", { exact: true }).waitFor({ state: "detached" });
    await page.getByRole("row", { name: /much.*Failed.*95.*exited with 7/ }).waitFor();
    await expectAccessible(page);
  });
});

describe("a step that chooses", () => {
  it("says by what, which way it took, and leads to the steps", async () => {
    const job = server.create(
      `
type: pipeline
jobs:
  measure: {component: ./count.yml, inputs: {n: 1}}
  choice:
    type: if_else
    condition: \${{parent.jobs.measure.outputs.goes_on}}
    true_block: \${{parent.jobs.low}}
    false_block: \${{parent.jobs.high}}
  low: {command: echo low, environment: local}
  high: {command: echo high, environment: local}
`,
      true,
    );
    const { page } = await visit(`/jobs/${job}?step=choice`);
    const choice = page.getByRole("region", { name: "Choice" });
    await choice.getByRole("row", { name: /true taken low .*Completed/ }).waitFor();
    await choice.getByRole("row", { name: /false not taken high .*Bypassed/ }).waitFor();
    await expectAccessible(page);
    await choice.getByRole("button", { name: "low", exact: true }).click();

    await page.getByRole("complementary", { name: "Step low" }).waitFor();
  });
});
