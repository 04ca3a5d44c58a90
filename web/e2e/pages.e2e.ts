import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, launch, untilLive, visitor } from "./browser";
import { pipeline, Server } from "./server";
import { makeWheel } from "./wheel";

const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const COMPONENT = `
name: train
type: command
display_name: Train it
inputs: {rate: {type: number, default: 0.1}, data: {type: uri_folder, optional: true}}
outputs: {model: {type: uri_folder}}
code: ./code
environment: azureml:tools:1
command: echo \${{inputs.rate}}
`;
const PLACES = [
  "/assets/data/tree?tab=preview",
  "/assets/environments/tools?tab=build",
  "/assets/models/net",
  "/assets/components/train?tab=versions&with=1",
  "/assets/components/train?tab=files",
  "/computes/pool",
  "/datastores",
  "/datastores/workspaceblobstore",
  "/workspaces",
];

let server: Server;
let browser: Browser;
let wheels: string;

const visit = visitor(() => ({ browser, server }));
const stateOf = (environment: string): string =>
  JSON.parse(server.run("environment", "show", "-n", environment, "-o", "json")).build.state;

beforeAll(async () => {
  wheels = makeWheel(mkdtempSync(join(tmpdir(), "pipeyard-wheels-")), "tiny");
  makeWheel(wheels, "late");
  // An index without packages: uv knows no variable for none at all.
  server = new Server({ UV_DEFAULT_INDEX: wheels, UV_FIND_LINKS: wheels });
  browser = await launch();
  const rows = Array.from({ length: 80 }, (_, at) => `${at},town ${at}`).join("\n");
  server.run(
    "data",
    "create",
    "--name",
    "towns",
    "--type",
    "uri_file",
    "--path",
    server.write("towns.csv", `n,town\n${rows}\n`),
  );
  server.write("tree/deep/er/said.txt", "found it");
  writeFileSync(join(server.folder, "tree/dot.png"), PICTURE);
  server.run("data", "create", "--name", "tree", "--path", join(server.folder, "tree"), "--type", "uri_folder");
  server.write("net/MLmodel", "flavors:\n  sklearn: {sklearn_version: 1.4.0}\n");
  server.run("model", "create", "--name", "net", "--path", join(server.folder, "net"), "--type", "mlflow_model");
  const conda = server.write("conda.yml", "name: x\ndependencies: [pip, {pip: [tiny]}]\n");
  server.run("environment", "create", "--name", "tools", "--image", "debian", "--conda-file", conda);
  server.write("code/main.py", "print(1)\n");
  server.run("component", "create", "--file", server.write("train.yml", COMPONENT));
  server.write("code/main.py", "print(2)\n");
  const second = COMPONENT.replace(", data: {type: uri_folder, optional: true}", ", seed: {type: integer}");
  server.run("component", "create", "--file", server.write("train.yml", second));
  server.run("compute", "create", "--name", "pool", "--type", "amlcompute", "--max-instances", "1");
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(wheels, { recursive: true, force: true });
});

describe("data", () => {
  it("that is a table shows its first rows, and more when asked", async () => {
    const { page } = await visit("/assets/data/towns?tab=preview");
    await page.getByRole("cell", { name: "town 49", exact: true }).waitFor();
    expect(await page.getByRole("cell", { name: "town 50", exact: true }).count()).toBe(0);
    await page.getByRole("button", { name: "Show the first 1000" }).click();

    await page.getByText("All 80 rows, 2 columns.").waitFor();
  });

  it("that is a folder is looked through: folders, texts, pictures", async () => {
    const { page } = await visit("/assets/data/tree?tab=preview");
    await page.getByRole("button", { name: /^er/ }).click();
    await page.getByRole("button", { name: /^said\.txt/ }).click();
    await page.getByText("found it").waitFor();
    await page.getByRole("button", { name: /^dot\.png/ }).click();

    const picture = page.locator("img.preview-image");
    await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1);
  });

  it("that a step wrote says which, and leads there", async () => {
    const steps =
      "jobs: {w: {type: command, environment: {image: debian}, command: 'true', outputs: {out: {type: uri_folder, name: made}}}}";
    const job = server.create(`type: pipeline\n${steps}\n`, true);
    const { page } = await visit("/assets/data/made?tab=jobs");
    await page.getByRole("link", { name: job }).click();

    await page.getByRole("complementary", { name: /^Step / }).waitFor();
  });
});

describe("an environment", () => {
  it("is built by a button, with its log as it is written, and says what was installed", async () => {
    const { page, complaints } = await visit("/assets/environments/tools?tab=build");
    await page.getByText("not built").waitFor();
    await page.getByRole("button", { name: "Build now" }).click();
    await page.getByText("succeeded").waitFor();

    await page.locator(".build-lock", { hasText: "tiny==1.0" }).waitFor();
    await page.locator(".build-log", { hasText: "tiny==1.0" }).waitFor();
    expect(complaints).toEqual([]);
    expect(stateOf("tools")).toBe("succeeded");
  });

  it("that is built sooner than its log is asked for is not shown as being built for ever", async () => {
    const conda = server.write("late.yml", "name: late\ndependencies: [pip, {pip: [late]}]\n");
    server.run("environment", "create", "--name", "late", "--image", "debian", "--conda-file", conda);
    const { page } = await visit("/assets/environments/late?tab=build");
    await page.route("**/environment-builds/*", async (route) => {
      await expect.poll(() => stateOf("late")).toBe("succeeded");
      await route.continue();
    });
    await page.getByRole("button", { name: "Build now" }).click();

    await page.locator(".build-log", { hasText: "late==1.0" }).waitFor();
    await page.getByText("succeeded").waitFor();
  });
});

describe("a model", () => {
  it("in MLflow's format says what it is", async () => {
    const { page } = await visit("/assets/models/net");

    await page.getByText("sklearn", { exact: true }).waitFor();
    await page.getByText("sklearn_version: 1.4.0").waitFor();
  });
});

describe("a component", () => {
  it("leads to its environment", async () => {
    const { page } = await visit("/assets/components/train?version=1");
    await page.getByRole("link", { name: "tools:1" }).click();

    await page.getByRole("heading", { level: 1, name: "tools" }).waitFor();
  });

  it("says what a version changed: what breaks, which lines, which files", async () => {
    const { page } = await visit("/assets/components/train?tab=versions");
    await page.getByRole("link", { name: "Compare version 2 with 1" }).click();
    const found = page.getByRole("region", { name: "Comparison" });

    for (const text of [
      "input data is gone (breaking)",
      "input seed is new and has to be given (breaking)",
      "put in: ",
      /code\/main\.py changed/,
    ]) {
      await found.filter({ hasText: text }).waitFor();
    }
    await page.waitForURL(/with=1/);
  });
});

describe("a compute", () => {
  it("is made, changed and deleted", async () => {
    const { page } = await visit("/computes");
    await page.getByRole("button", { name: "New compute" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("local");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByRole("textbox", { name: "Name" }).fill("big-one");
    await page.getByRole("spinbutton", { name: "Instances at most" }).fill("3");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { level: 1, name: "big-one" }).waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("spinbutton", { name: "Instances at most" }).fill("2");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("0 to 2").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete big-one" }).click();

    await page.getByRole("heading", { level: 1, name: "Compute" }).waitFor();
    await expect.poll(() => server.run("compute", "list", "-o", "json")).not.toContain("big-one");
  });

  it("says who has its instances, who waits for one, and is kept while it is needed", async () => {
    const steps = { one: { command: "sleep 600" }, two: { command: "sleep 601" } };
    const job = server.create(
      pipeline(steps, "settings: {default_compute: 'azureml:pool'}").replace(/settings: \{continue.*\n/, ""),
    );
    const { page } = await visit("/computes/pool");
    const waiting = page.getByRole("region", { name: "Waiting" });
    await waiting.getByText("1 of 1 in use").waitFor();
    await page.getByRole("region", { name: "Instances" }).getByRole("link", { name: job }).waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete pool" }).click();
    await page.getByText(`compute \`pool\` is needed by job \`${job}\``).waitFor();
    server.run("job", "cancel", "--name", job);

    await page.getByText("No step waits for it.").waitFor();
  });
});

describe("registries", () => {
  it("have their components, named as pipelines name them", async () => {
    server.run("registry", "create", "--name", "team");
    server.run(
      "component",
      "share",
      "-n",
      "train",
      "-v",
      "2",
      "--registry-name",
      "team",
      "--share-with-name",
      "shared",
      "--share-with-version",
      "7",
    );
    const { page } = await visit("/workspaces");
    await page.getByRole("link", { name: "team" }).click();
    await page.getByRole("link", { name: "Train it" }).click();

    await page.getByRole("button", { name: "azureml://registries/team/components/shared/versions/7" }).waitFor();
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Components" }).waitFor();
    await page
      .getByRole("navigation", { name: "Main" })
      .getByRole("link", { name: "Jobs" })
      .waitFor({ state: "detached" });
  });
});

describe("the search over everything", () => {
  it("opens by a key and leads anywhere by keys alone", async () => {
    const { page } = await visit("/");
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    await untilLive(page);
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Jobs, drafts, assets, computes, pages" });
    await field.waitFor();
    await expectAccessible(page);
    await field.fill("towns");
    await page.getByRole("option", { name: /towns/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "towns" }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Control+k");
    await field.fill("compute");
    await page.keyboard.press("Enter");

    await page.getByRole("heading", { level: 1, name: "Compute" }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("finds drafts by their names and by their steps, and opens them in the Designer", async () => {
    const file = server.write("herons.yml", "type: pipeline\njobs:\n  count_waders:\n    type: command\n");
    const made = server.run("draft", "create", "--file", file, "--name", "Herons of the estuary", "-o", "json");
    const { id } = JSON.parse(made) as { id: string };
    const { page } = await visit("/");
    await page.getByRole("heading", { level: 1, name: "Jobs" }).waitFor();
    await untilLive(page);
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Jobs, drafts, assets, computes, pages" });
    await field.fill("herons est");
    await page.getByRole("option", { name: /draft Herons of the estuary revision 1/ }).waitFor();
    await field.fill("waders");
    await page.getByRole("option", { name: /draft Herons of the estuary step count_waders/ }).waitFor();
    await page.keyboard.press("Enter");

    await page.waitForURL(`**/designer/${id}**`);
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("of a list is the server's", async () => {
    const { page, requests } = await visit("/assets/components?q=train%20command");
    await page.getByRole("link", { name: "Train it" }).waitFor();

    expect(requests.filter((address) => address.includes("text=train+command")).length).toBe(1);
  });
});

describe("every page", () => {
  it.each(["light", "dark"] as const)("holds WCAG AA and fits a small screen, %s", async (scheme) => {
    const { page, complaints } = await visit("/workspaces", scheme, 390);
    for (const place of PLACES) {
      await page.goto(server.address + place);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      await expectAccessible(page);
      await expectNoSideways(page);
    }
    expect(complaints).toEqual([]);
  });
});
