/** Two graphs over one another, and what came of what: against a real server that ran real jobs. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, launch, visitor } from "./browser";
import { Server } from "./server";

let server: Server;
let browser: Browser;
let before: string;
let after: string;
let third: string;

const INNER = (join: string) => `
name: inner
type: pipeline
inputs: {given: {type: uri_folder}}
outputs: {done: {type: uri_folder}}
jobs:
  split: {type: command, environment: {image: debian}, inputs: {a: "\${{parent.inputs.given}}"}, outputs: {out: {type: uri_folder}}, command: "echo s > \${{outputs.out}}/x"}
  join: {type: command, environment: {image: debian}, inputs: {a: "\${{parent.jobs.split.outputs.out}}"}, outputs: {out: "\${{parent.outputs.done}}"}, command: "echo ${join} > \${{outputs.out}}/x"}
`;

/** A pipeline: load, a nested one, fit, and whatever is added. */
const job = (name: string, inner: string, rate: number, more: string) => `
type: pipeline
display_name: ${name}
inputs: {raw: {type: uri_folder, path: "azureml:raw:1"}}
jobs:
  load: {type: command, environment: {image: debian}, inputs: {d: "\${{parent.inputs.raw}}"}, outputs: {out: {type: uri_folder, name: clean}}, command: "cp -r \${{inputs.d}}/. \${{outputs.out}}"}
  prep: {type: pipeline, component: ./${inner}, inputs: {given: "\${{parent.jobs.load.outputs.out}}"}}
  fit: {type: command, environment: {image: debian}, inputs: {d: "\${{parent.jobs.prep.outputs.done}}", rate: ${rate}}, outputs: {out: {type: uri_folder}}, command: "echo \${{inputs.rate}} > \${{outputs.out}}/m"}
${more}
`;
const READS = (of: string) => `inputs: {d: "\${{parent.jobs.${of}.outputs.out}}"}`;

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  server.write("raw/a.csv", "1\n");
  server.write("inner.yml", INNER("one"));
  server.write("inner2.yml", INNER("two"));
  server.run("data", "create", "--name", "raw", "--type", "uri_folder", "--path", "raw");
  const old = `  old: {type: command, environment: {image: debian}, ${READS("load")}, command: "echo old"}`;
  const renamed = (name: string) =>
    `  ${name}: {type: command, environment: {image: debian}, ${READS("fit")}, command: "echo score"}`;
  const news = `  news: {type: command, environment: {image: debian}, ${READS("fit")}, command: "echo news"}`;
  before = server.create(job("before", "inner.yml", 0.1, `${old}\n${renamed("score")}`), true);
  after = server.create(job("after", "inner2.yml", 0.2, `${news}\n${renamed("judge")}`), true);
  third = server.create(job("third", "inner.yml", 0.3, ""), true);
  server.create(
    `
type: pipeline
display_name: reader
jobs:
  read: {type: command, environment: {image: debian}, inputs: {d: {type: uri_folder, path: "azureml:clean:1"}}, outputs: {out: {type: uri_folder, name: sums}}, command: "cp -r \${{inputs.d}}/. \${{outputs.out}}"}
`,
    true,
  );
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const visit = visitor(() => ({ browser, server }));

const compared = (...names: string[]) => `/compare?tab=graph&jobs=${encodeURIComponent(JSON.stringify(names))}`;

describe("two graphs over one another", () => {
  it("show each step with what became of it, in a word, and say in words what differs", async () => {
    const { page, complaints } = await visit(compared(before, after));
    await page.getByRole("button", { name: /^old only in A/ }).waitFor();
    await page.getByRole("button", { name: /^news only in B/ }).waitFor();
    await page.getByRole("button", { name: /^load alike/ }).waitFor();
    await page.getByRole("button", { name: /^score → judge different name/ }).waitFor();
    await page.getByRole("button", { name: /^join different/ }).waitFor();
    await page.getByRole("list", { name: "Legend" }).getByText("only in A").waitFor();
    await page.getByRole("button", { name: /^fit different input rate/ }).click();
    const panel = page.getByRole("region", { name: "Step fit" });
    await panel.getByText("0.2").waitFor();

    expect(await panel.getByRole("link", { name: "Open the step in A" }).getAttribute("href")).toContain(before);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  it("are told by the list too, from which keys lead to the picture; the address keeps all of it", async () => {
    const { page } = await visit(compared(before, after), "dark");
    const list = page.getByRole("region", { name: "Both graphs as a list" });
    await list.getByRole("cell", { name: "input rate: 0.1 → 0.2" }).waitFor();
    await list.getByRole("cell", { name: "fit → news" }).waitFor();
    await list.getByRole("button", { name: "prep/join" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/step=prep%2Fjoin/);
    await page.getByRole("region", { name: "Step join" }).waitFor();
    await expectAccessible(page);
    const address = page.url();
    await page.goto(address);
    await page.getByRole("region", { name: "Step join" }).getByText("echo two").waitFor();
    await page.getByRole("button", { name: "Fit", exact: true }).click();
    await page.getByRole("button", { name: "Close prep" }).click();
    await page.waitForURL(/open=/);
    await page.getByRole("button", { name: /^prep (pipeline )?different/ }).waitFor();
  });

  it("are those of the two that are chosen, where more are compared", async () => {
    const { page } = await visit(compared(before, after, third));
    await page.getByRole("button", { name: /^news only in B/ }).waitFor();
    await page.getByRole("combobox", { name: "B" }).selectOption(third);
    await page.waitForURL(/pair=/);
    await page.getByRole("button", { name: /^score only in A/ }).waitFor();
    await page.getByRole("button", { name: /^fit different input rate/ }).waitFor();

    expect(await page.getByRole("button", { name: /^news/ }).count()).toBe(0);
  });

  it("are had by command", () => {
    const said = server.run("job", "compare", before, after);

    expect(said).toContain("~ score is called judge");
    expect(said).toContain("+ fit.out -> news.d");
  });

  it("hold WCAG AA on a narrow screen", async () => {
    const { page } = await visit(`${compared(before, after)}&step=fit`, "dark", 420);
    await page.getByRole("region", { name: "Step fit" }).waitFor();
    await expectAccessible(page);
  });
});

describe("the lineage", () => {
  it("shows what a version came of and what came of it; a plus brings more", async () => {
    const { page, complaints } = await visit("/lineage/data/clean/1");
    await page.getByRole("button", { name: /^raw:1/ }).waitFor();
    await page.getByRole("button", { name: /^before Completed/ }).waitFor();
    await page.getByRole("button", { name: /^reader Completed/ }).waitFor();
    await page.getByRole("button", { name: /^sums:1/ }).waitFor();
    await expectAccessible(page);
    // The raw data was read by other jobs too.
    await page.getByRole("button", { name: "What was made of raw:1" }).click();
    await page.waitForURL(/more=/);
    await page.getByRole("button", { name: /^third Completed/ }).waitFor();
    await page.getByRole("button", { name: "What was made of raw:1" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: /^reader Completed/ }).click();
    const panel = page.getByRole("region", { name: "job reader" });
    await panel.getByText("inputs.d").waitFor();
    await panel.getByRole("link", { name: "Begin here" }).click();
    await page.waitForURL(/lineage\/jobs\//);
    await page.getByRole("button", { name: /^reader Completed begins here/ }).waitFor();

    expect(complaints).toEqual([]);
  });

  it("is a tab of the version's page, with a list of the same, filtered by kind and time", async () => {
    const { page } = await visit("/assets/data/clean?version=1&tab=lineage", "dark");
    const list = page.getByRole("region", { name: "Lineage as a list" });
    await list.getByRole("link", { name: "raw:1" }).waitFor();
    await list.getByRole("cell", { name: /before \(outputs\.out\)/ }).waitFor();
    await page.getByRole("checkbox", { name: "Data" }).uncheck();
    await page.waitForURL(/kinds=/);
    await list.getByRole("link", { name: "raw:1" }).waitFor({ state: "detached" });
    await list.getByRole("link", { name: "before" }).waitFor();
    await page.getByRole("checkbox", { name: "Data" }).check();
    await list.getByRole("link", { name: "raw:1" }).waitFor();
    await page.getByRole("combobox", { name: "Jobs of" }).selectOption("7d");
    await page.waitForURL(/since=7d/);
    await list.getByRole("link", { name: "raw:1" }).waitFor();
    await expectAccessible(page);
  });

  it("holds WCAG AA on a narrow screen, and is had by command", async () => {
    const { page } = await visit("/lineage/data/clean/1?at=data%2Fraw%2F1", "light", 420);
    await page.getByRole("region", { name: "data raw:1" }).waitFor();
    await expectAccessible(page);
    const found = JSON.parse(server.run("data", "lineage", "--name", "clean", "--version", "1", "-o", "json")) as {
      nodes: { id: string }[];
    };

    expect(found.nodes.map(({ id }) => id)).toContain("data/raw/1");
    expect(found.nodes.map(({ id }) => id)).toContain("data/sums/1");
    await expectNoSideways(page);
  });

  it("is had from a job's page: of the job, of what a step was given, and of what it wrote", async () => {
    const { page, complaints } = await visit(`/jobs/${before}?step=load&tab=ports`);
    const panel = page.getByRole("complementary", { name: "Step load" });
    await panel.getByRole("link", { name: "Lineage of output out" }).waitFor();
    await panel.getByRole("link", { name: "raw:1" }).waitFor();
    await panel.getByRole("link", { name: "clean", exact: true }).waitFor();
    await expectAccessible(page);
    await panel.getByRole("link", { name: "Lineage of input d" }).click();
    await page.waitForURL(/lineage\/data\/raw\/1/);
    await page.getByRole("button", { name: /^raw:1.* begins here/ }).waitFor();
    await page.goBack();
    await panel.getByRole("link", { name: "Lineage of output out" }).click();
    await page.waitForURL(/lineage\/outputs\//);
    await page.getByRole("button", { name: /^before Completed/ }).waitFor();
    await page.goBack();
    await panel.waitFor();
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Show its lineage" }).click();
    await page.waitForURL(new RegExp(`lineage/jobs/${before}`));
    await page.getByRole("button", { name: /^before Completed begins here/ }).waitFor();

    expect(complaints).toEqual([]);
  });

  it("says what is not there", async () => {
    const { page } = await visit("/lineage/data/nothing/1");
    await page.getByText("there is no data asset `nothing`").waitFor();
    await expectAccessible(page);
  });
});
