import { execFileSync } from "node:child_process";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, launch, untilLive, visitor } from "./browser";
import { pipeline, Server } from "./server";

let server: Server;
let browser: Browser;
let job: string;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  server.write(
    "inner.yml",
    `
name: inner
type: pipeline
inputs: {given: {type: uri_folder}}
jobs:
  split: {type: command, environment: {image: debian}, inputs: {a: "\${{parent.inputs.given}}"}, outputs: {out: {type: uri_folder}}, command: "true"}
  join: {type: command, environment: {image: debian}, inputs: {a: "\${{parent.jobs.split.outputs.out}}"}, command: "true"}
`,
  );
  job = server.create(
    `
type: pipeline
display_name: nested
experiment_name: shapes
jobs:
  load: {type: command, environment: {image: debian}, outputs: {out: {type: uri_folder}}, command: "true"}
  train: {type: pipeline, component: ./inner.yml, inputs: {given: "\${{parent.jobs.load.outputs.out}}"}}
`,
    true,
  );
  for (const name of ["bravo", "charlie", "alpha"]) {
    server.create(
      pipeline({ a: { command: name === "alpha" ? "exit 3" : "true" } }, `display_name: ${name}`),
      name === "alpha",
    );
  }
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe("the graph", () => {
  it("is entered pipeline by pipeline, and left by its crumbs", async () => {
    const { page, complaints } = await visit(`/jobs/${job}`);
    await page.getByRole("button", { name: "Go inside train" }).click();
    await page.waitForURL(/inside=train/);
    await page.locator(".data-card", { hasText: "given" }).waitFor();
    await page.getByRole("button", { name: /^split/ }).waitFor();
    await expect.poll(() => page.locator(".card").count()).toBe(2);
    await expectAccessible(page);
    await page.getByRole("navigation", { name: "Nested pipelines" }).getByRole("button", { name: "nested" }).click();

    await page.getByRole("button", { name: /^load/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("marks what is looked for, and opens what is around it", async () => {
    const { page } = await visit(`/jobs/${job}?open=%5B%5D`);
    await page.getByRole("button", { name: /^load/ }).waitFor();
    await untilLive(page);
    await page.keyboard.press("/");
    await page.keyboard.type("join compl");
    await page.getByText("1 found").waitFor();
    await page.locator(".card.dim-card", { hasText: "load" }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Enter");

    await page.locator('.card[aria-pressed="true"]', { hasText: "join" }).waitFor();
    await page.waitForURL(/find=/);
    await page.getByRole("searchbox", { name: "Find a step in the graph" }).press("Escape");
    await page.locator(".dim-card").waitFor({ state: "detached" });
  });

  it("has an outline beside it that leads to each step", async () => {
    const { page } = await visit(`/jobs/${job}`);
    await page.getByRole("button", { name: "Outline" }).click();
    const outline = page.getByRole("navigation", { name: "Outline of the steps" });
    await outline.getByRole("button", { name: "join" }).click();
    await page.locator('.card[aria-pressed="true"]', { hasText: "join" }).waitFor();
    await expectAccessible(page);
    await outline.getByRole("button", { name: "Steps of train" }).click();

    await outline.getByRole("button", { name: "join" }).waitFor({ state: "detached" });
  });

  it("of many steps is laid out beside the page", async () => {
    const steps = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [
        `s${at}`,
        { command: "true", reads: at % 20 === 0 ? [] : [`s${at - 1}`] },
      ]),
    );
    const many = server.create(pipeline(steps));
    const { page, requests } = await visit(`/jobs/${many}?find=s137`);
    await page.getByRole("searchbox", { name: "Find a step in the graph" }).press("Enter");

    await page.locator('.card[aria-pressed="true"]', { hasText: "s137" }).waitFor();
    await expect.poll(() => requests.some((address) => address.includes("layout.worker"))).toBe(true);
  });
});

describe("the list of jobs", () => {
  it("is filtered and sorted by the server, and all of it is in the address", async () => {
    const { page } = await visit("/");
    const names = () => page.locator(".job-name a").allTextContents();
    await page.getByRole("button", { name: "Name", exact: true }).click();
    await page.locator('th[aria-sort="ascending"]', { hasText: "Name" }).waitFor();
    await page.waitForURL(/sort=name/);
    // The rows of the order before stay until the server has answered.
    await expect
      .poll(async () => (await names()).filter((name) => name !== "nested" && name !== "test"))
      .toEqual(["alpha", "bravo", "charlie"]);
    await page.getByRole("button", { name: "Name", exact: true }).click();
    await page.locator('th[aria-sort="descending"]', { hasText: "Name" }).waitFor();
    await page.waitForURL(/sort=-name/);
    await page.getByRole("button", { name: /Failed 1/ }).click();
    await page.waitForURL(/Failed/);
    await expect.poll(names).toEqual(["alpha"]);
    await expectAccessible(page);

    const again = await visit(new URL(page.url()).pathname + new URL(page.url()).search);
    await again.page.getByRole("link", { name: "alpha" }).waitFor();
    await expect.poll(() => again.page.getByRole("link", { name: "bravo" }).count()).toBe(0);
    await again.page.getByRole("button", { name: "Any status" }).click();
    await again.page.getByRole("combobox", { name: "Experiment" }).selectOption("shapes");
    await again.page.getByRole("link", { name: "nested" }).waitFor();
    await again.page.getByRole("combobox", { name: "Created" }).selectOption("1h");
    await again.page.waitForURL(/since=1h/);
    await again.page.getByRole("link", { name: "nested" }).waitFor();
  });

  it("cancels and archives many at once, and asks before it cancels", async () => {
    const some = [1, 2].map((at) =>
      server.create(pipeline({ long: { command: "sleep 600" } }, `display_name: long ${at}`)),
    );
    const { page } = await visit("/?q=long");
    await page.getByRole("checkbox", { name: /Select all/ }).check();
    await page.getByRole("button", { name: "Cancel 2" }).click();
    await page.getByRole("heading", { name: "Cancel 2 jobs?" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Cancel them" }).click();
    await page.locator("tbody tr", { hasText: "Canceled" }).nth(1).waitFor();
    // The rows may tell of it before the answer does, which ends the choice.
    await page.getByRole("toolbar", { name: "Chosen jobs" }).waitFor({ state: "detached" });
    await page.getByRole("checkbox", { name: /Select all/ }).check();
    await page.getByRole("button", { name: "Archive 2" }).click();

    await page.getByText("No job matches").waitFor();
    const isArchived = () => JSON.parse(server.run("job", "show", "-n", some[0] as string, "-o", "json")).archived;
    await expect.poll(isArchived).toBe(true);
  });
});

describe("metrics", () => {
  it("are drawn while they come, walked along by keys, and told as a table", async () => {
    // Whatever logs: the client speaks MLflow's own protocol, which is two requests here.
    const script = `
import json, os, urllib.request
def log(path, body):
    request = urllib.request.Request(os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/" + path, json.dumps(body).encode(),
        {"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"], "Content-Type": "application/json"})
    urllib.request.urlopen(request).read()
run = os.environ["MLFLOW_RUN_ID"]
metrics = [{"key": "loss", "value": 1 / (step + 1), "step": step, "timestamp": 1000 * step} for step in range(50)]
metrics.append({"key": "loss", "value": "NaN", "step": 50, "timestamp": 50000})
log("log-batch", {"run_id": run, "metrics": metrics, "params": [{"key": "rate", "value": "0.1"}]})
`;
    server.write("code/log.py", script);
    const python = execFileSync("bash", ["-c", "command -v python3"], { encoding: "utf8" }).trim();
    const name = server.create(
      `type: pipeline\ndisplay_name: logs\njobs: {train: {type: command, code: ./code, environment: {image: debian}, command: "${python} log.py"}}\n`,
      true,
    );
    const { page, complaints } = await visit(`/jobs/${name}?view=metrics`);
    const chart = page.getByRole("slider", { name: "loss over step" });
    await chart.focus();
    await page.keyboard.press("Home");
    await page.locator('.chart-frame[aria-valuetext*="step 0"]').waitFor();
    await page.getByText("1 value is no number").waitFor();
    await page.getByRole("slider", { name: "Smoothing" }).fill("0.6");
    await page.getByRole("button", { name: "Log scale" }).click();
    await page.getByText("As a table").click();
    await page.getByRole("cell", { name: "0.02", exact: true }).first().waitFor();
    await expectAccessible(page);
    await page.goto(`${server.address}/jobs/${name}?step=train&tab=metrics`);
    await page.getByText("Parameters").waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });
});

describe("a command without a pipeline", () => {
  it("is described and tagged on its page too, and resubmitted with other inputs", async () => {
    const name = server.create(
      `type: command\ndisplay_name: alone\nenvironment: {image: debian}\ninputs: {n: 3}\ncommand: echo n=\${{inputs.n}}\n`,
      true,
    );
    const { page } = await visit(`/jobs/${name}`);
    await page.getByText("n=3", { exact: true }).waitFor();
    await page.getByRole("tab", { name: "Description & tags" }).click();
    await page.getByRole("textbox", { name: "New tag, as name=value" }).fill("a=b");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Remove tag a" }).waitFor();
    await page.getByRole("button", { name: "Resubmit" }).click();
    await page.getByRole("textbox", { name: "n", exact: true }).fill("4");
    await page.getByRole("button", { name: "Submit", exact: true }).click();

    // The line of the log, not that of the command that is shown.
    await page.getByText("n=4", { exact: true }).waitFor();
  });
});

describe("keys", () => {
  it("are listed behind a question mark, and lead to pages", async () => {
    const { page } = await visit("/");
    // The second key counts while the first is fresh: neither waits for the other's answer.
    const pair = (first: string, second: string) =>
      Promise.all([page.keyboard.press(first), page.keyboard.press(second)]);
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    await untilLive(page);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });
    await pair("g", "c");
    await page.getByRole("heading", { level: 1, name: "Components" }).waitFor();
    await pair("g", "j");
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    const search = page.getByRole("searchbox", { name: "Search names and descriptions" });
    await search.waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("?g");

    await expect.poll(() => search.inputValue()).toBe("?g");
  });
});

describe("on a narrow screen and in the dark", () => {
  it.each(["/", "job", "step", "compare"])("%s holds WCAG AA", async (what) => {
    const path =
      { job: `/jobs/${job}`, step: `/jobs/${job}/steps/train/join`, compare: `/compare?jobs=${job}` }[what] ?? what;
    const { page } = await visit(path, "dark", 420);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await expectAccessible(page);

    await expectNoSideways(page);
  });
});
