/** A sweep: what it tried, which was the best, which were stopped, and how to look at some of them. */

import { execFileSync } from "node:child_process";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, launch, placeOf, visitor } from "./browser";
import { Server } from "./server";

// Whatever logs: the client speaks MLflow's own protocol. What is far behind waits until it is stopped.
const SCRIPT = `
import json, math, os, sys, time, urllib.request
rate, kind = float(sys.argv[1]), sys.argv[2]
def log(metrics):
    body = json.dumps({"run_id": os.environ["MLFLOW_RUN_ID"], "metrics": metrics}).encode()
    headers = {"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"], "Content-Type": "application/json"}
    address = os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/log-batch"
    urllib.request.urlopen(urllib.request.Request(address, body, headers)).read()
loss = abs(math.log10(rate) + 2) + (0 if kind == "adam" else 0.5)
for step in range(3):
    value = 90 if rate == 1 else loss + 1 / (step + 1)
    log([{"key": "loss", "value": value, "step": step, "timestamp": 1000 * step}])
if rate == 1:
    time.sleep(600)
`;

let server: Server;
let browser: Browser;
let sweep: string;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  server.write("code/train.py", SCRIPT);
  const python = execFileSync("bash", ["-c", "command -v python3"], { encoding: "utf8" }).trim();
  sweep = server.create(
    `
type: sweep
display_name: eight
trial:
  code: ./code
  environment: {image: debian}
  command: ${python} train.py \${{search_space.rate}} \${{search_space.kind}}
sampling_algorithm: grid
search_space:
  rate: {type: choice, values: [0.001, 0.01, 0.1, 1]}
  kind: {type: choice, values: [adam, sgd]}
objective: {goal: minimize, primary_metric: loss}
early_termination: {type: bandit, slack_amount: 5, evaluation_interval: 1}
limits: {max_total_trials: 8, max_concurrent_trials: 2}
`,
    true,
  );
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Charts are made when they come into view. */
async function seeCurves(page: Page): Promise<void> {
  await page.getByText("1 metric", { exact: true }).scrollIntoViewIfNeeded();
  await page.getByRole("slider", { name: "loss over step" }).waitFor();
}

describe("a sweep", () => {
  it("shows its trials, the best, and those that were stopped early; sorted by what they reached", async () => {
    const { page, complaints } = await visit(`/jobs/${sweep}`);
    await page.getByText("8 of at most 8 trials: 6 completed, 2 stopped").waitFor();
    const table = page.getByRole("table", { name: "Trials" });
    await table
      .getByRole("row", { name: /Stopped early 90 .*with the slack/ })
      .first()
      .waitFor();
    await page.getByText(/The best is trial \d with loss 0\.3333: rate 0\.01, kind adam/).waitFor();
    await page.getByRole("img", { name: "Each trial over 3 axes" }).waitFor();
    await page.getByRole("img", { name: "loss of each trial and the best so far, 8 trials" }).waitFor();
    await seeCurves(page);
    await expectAccessible(page);
    await table.getByRole("button", { name: "loss" }).click();
    await table.locator("tbody tr").first().filter({ hasText: "best" }).waitFor();
    await table.getByRole("button", { name: "loss" }).click();
    await table.locator("tbody tr").first().filter({ hasText: "Stopped early" }).waitFor();
    await page.getByRole("combobox", { name: "Across" }).selectOption("kind");
    await page.getByRole("combobox", { name: "Up" }).selectOption("rate");
    await page.getByRole("img", { name: "rate over kind, 8 trials" }).waitFor();
    await table.getByRole("link", { name: "0", exact: true }).click();

    await page.getByRole("heading", { level: 1, name: "trial 0" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("is narrowed by words, by state, along the axes and by numbers; the address keeps what was dragged", async () => {
    const { page } = await visit(`/jobs/${sweep}`);
    const rows = page.getByRole("table", { name: "Trials" }).locator("tbody tr");
    await expect.poll(() => rows.count()).toBe(8);
    await page.getByRole("searchbox", { name: "Filter trials" }).fill("kind=adam");
    await page.getByText("4 of 8 trials").waitFor();
    await page.getByLabel("State of the trials").selectOption("stopped");
    await page.getByText("1 of 8 trials").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await expect.poll(() => rows.count()).toBe(8);

    // The upper half of the rate, which is logarithmic: 0.1 and 1.
    const band = page.locator('.brush-band[data-axis="rate"]');
    await band.scrollIntoViewIfNeeded();
    // Curves that come into view late would move it.
    const box = await placeOf(band);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 1, { steps: 4 });
    await page.mouse.up();
    await page.getByText("4 of 8 trials").waitFor();
    await expect.poll(() => page.url()).toMatch(/ranges=rate/);
    await page.reload();
    await page.getByText("4 of 8 trials").waitFor();
    await page.getByRole("textbox", { name: "rate at most" }).fill("0.5");
    await page.getByText("2 of 8 trials").waitFor();
    await page.getByRole("checkbox", { name: "Log scale of rate" }).uncheck();
    // That of the loss stays.
    await expect.poll(() => page.locator(".axis-log").count()).toBe(1);
    await page.getByRole("checkbox", { name: "sgd" }).check();
    await page.getByText("1 of 8 trials").waitFor();

    await expect.poll(() => rows.count()).toBe(1);
    await expectAccessible(page);
  });

  it("can be read in the dark and on a small screen", async () => {
    const { page } = await visit(`/jobs/${sweep}?tab=trials&ranges=kind:adam`, "dark", 420);
    await page.getByText("4 of 8 trials").waitFor();
    await seeCurves(page);

    await expectAccessible(page);
    await expectNoSideways(page);
  });
});
