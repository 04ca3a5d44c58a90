/** Nobody but the user gets in, and nothing that a step or a file holds is ever run. */

import { chmodSync, readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, open, visitor } from "./browser";
import { pipeline, Server } from "./server";

const SCRIPT = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">";
const HOSTILE: Record<string, string> = {
  "page.html": `<!doctype html><title>calm</title>${SCRIPT}`,
  "drawing.svg":
    "<svg xmlns='http://www.w3.org/2000/svg' onload=\"document.title='pwned'\"><script>document.title='pwned'</script></svg>",
  "words.md": `# Hi\n${SCRIPT}\n[a](javascript:document.title='pwned') ![b](http://127.0.0.1:9/picture.png)`,
  "notes.ipynb": `{"cells":[{"cell_type":"markdown","source":["${SCRIPT.replaceAll('"', '\\"')}"],"metadata":{}}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
};
const PAGES = [
  "/",
  "/assets/components",
  "/assets/components/hostile",
  "/assets/data/hostile?tab=preview",
  "/assets/environments",
  "/computes",
  "/datastores/workspaceblobstore",
  "/workspaces",
];

/** Of the command line; filled in when there is something to say. */
const variables: Record<string, string> = {};

let server: Server;
let browser: Browser;
let job: string;
let step: string;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  server = new Server(variables);
  browser = await launch();
  for (const [name, text] of Object.entries(HOSTILE)) {
    server.write(`hostile/${name}`, text);
  }
  server.run("data", "create", "--name", "hostile", "--path", join(server.folder, "hostile"), "--type", "uri_folder");
  const description = JSON.stringify(`**bold** ${HOSTILE["words.md"]}`);
  const component = `name: hostile\ntype: command\ndescription: ${description}\nenvironment: {image: debian}\ncommand: 'true'\n`;
  server.run("component", "create", "--file", server.write("component.yml", component));
  const files = `cp ${server.folder}/hostile/* "\${{outputs.out}}"; cat ${server.folder}/hostile/*`;
  job = server.create(pipeline({ w: { command: files } }, `display_name: ${JSON.stringify(SCRIPT)}`), true);
  const children = JSON.parse(server.run("job", "list", "--parent-job-name", job, "-o", "json")) as { name: string }[];
  step = children[0]?.name as string;
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** A request as it is written, without a browser that would tidy it up. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Raw> {
  const { hostname, port } = new URL(server.address);
  return new Promise((done, fail) => {
    const asked = request({ hostname, port, path, method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("latin1");
      answer.on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () => done({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    asked.on("error", fail);
    asked.end();
  });
}

const token = (): string => readFileSync(join(server.folder, "home/token"), "utf8").trim();

describe("the way in", () => {
  it("is a link that `--web` makes, good once", async () => {
    const noted = join(server.folder, "opened");
    const script = server.write("browser.sh", `#!/bin/sh\necho "$1" > '${noted}'\n`);
    chmodSync(script, 0o755);
    variables.BROWSER = `${script} %s`;
    server.run("job", "show", "--name", job, "--web", "-o", "none");
    const link = readFileSync(noted, "utf8").trim();
    expect(link).toContain("/login?");
    expect(link).not.toContain(token());
    const first = await open(browser);
    await first.page.goto(link);
    await first.page.locator(".card").first().waitFor();
    await expect.poll(() => first.page.url()).toBe(`${server.address}/jobs/${job}`);

    const second = await open(browser);
    await second.page.goto(link);
    expect(await second.page.content()).not.toContain('id="root"');
  });

  it("leaves a cookie that no script and no other site can use", async () => {
    const { context } = await visit("/");
    const cookies = await context.cookies();

    expect(cookies.length).toBe(1);
    expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Strict", domain: "127.0.0.1" });
  });

  it("is asked for on every page, with what to type, and leads back to where one was", async () => {
    const { page } = await open(browser);
    for (const path of [...PAGES, `/jobs/${job}`]) {
      await page.goto(server.address + path);
      expect(await page.content()).not.toContain('id="root"');
      expect(await page.textContent("body")).toContain("pipeyard");
    }
    await page.goto(`${server.address}/assets/components?q=hostile`);
    await page.locator("input[name=token]").fill(token());
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "hostile" }).waitFor();
  });

  it("is closed to names that are not this machine's", async () => {
    for (const host of ["evil.example", `evil.example:${new URL(server.address).port}`, "127.0.0.1:1"]) {
      const { status, text } = await ask("/api/v1/workspaces", { host, authorization: `Bearer ${token()}` });
      expect([400, 403]).toContain(status);
      expect(text).not.toContain('"value"');
    }
  });

  it("is closed to pages of other sites, also with the user's browser", async () => {
    const { context } = await visit("/");
    const other = createServer((_, answer) => answer.end("<!doctype html><title>other</title>"));
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const page = await context.newPage();
    // The same machine under another name is another site.
    await page.goto(`http://localhost:${(other.address() as AddressInfo).port}/`);
    const jobs = `${server.address}/api/v1/workspaces/default/jobs`;
    const read = await page.evaluate(
      `fetch("${jobs}", { credentials: "include" }).then((one) => one.text(), () => "refused")`,
    );
    const sent = `fetch("${jobs}/${job}/archive", { method: "POST", mode: "no-cors", credentials: "include" }).catch(() => 0)`;
    await page.evaluate(sent);
    other.close();

    expect(read).toBe("refused");
    expect(JSON.parse(server.run("job", "show", "--name", job, "-o", "json")).archived).toBe(false);
  });
});

describe("what a step or a file holds", () => {
  it.each(Object.keys(HOSTILE))("%s runs nothing, neither in a preview nor opened by itself", async (name) => {
    const { page, requests } = await visit("/assets/data/hostile?tab=preview");
    await page.getByRole("button", { name: new RegExp(`^${name.replace(".", "\\.")}`) }).click();
    await page.getByRole("heading", { level: 3, name }).waitFor();
    await page.waitForLoadState("networkidle");
    await expect.poll(() => page.title()).toBe("hostile · Pipeyard");
    expect(requests.filter((address) => !address.startsWith(server.address))).toEqual([]);

    const address = `/api/v1/workspaces/default/jobs/${step}/outputs/out/files/${name}`;
    const { headers } = await ask(address, { host: new URL(server.address).host, authorization: `Bearer ${token()}` });
    expect(headers["content-security-policy"]).toContain("sandbox");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    await page.goto(server.address + address).catch(() => "it is saved, not shown");
    expect(await page.title()).not.toBe("pwned");
  });

  it("is text in logs, names and descriptions, and asks nobody for anything", async () => {
    const { page, requests } = await visit(`/jobs/${job}?step=w&tab=logs`);
    await page.locator(".log-lines li", { hasText: "<script>" }).first().waitFor();
    await page.getByRole("heading", { level: 1 }).filter({ hasText: "<script>" }).waitFor();
    for (const path of PAGES) {
      await page.goto(server.address + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      expect(await page.title()).not.toBe("pwned");
    }
    await page.goto(`${server.address}/assets/components/hostile`);
    await page.locator(".markdown strong", { hasText: "bold" }).waitFor();

    expect(await page.locator(".markdown script, .markdown img, .markdown [href^='javascript']").count()).toBe(0);
    expect(requests.filter((address) => !address.startsWith(`${server.address}/`))).toEqual([]);
  });
});

describe("paths", () => {
  it.each([
    "/studio/",
    "/studio/assets/",
    "/api/v1/workspaces/default/jobs/STEP/files/",
    "/api/v1/workspaces/default/jobs/STEP/outputs/out/files/",
    "/api/v1/workspaces/default/data/hostile/versions/1/files/0/",
    "/api/v1/workspaces/default/datastores/workspaceblobstore/files/",
  ])("below %s lead nowhere else", async (below) => {
    const headers = { host: new URL(server.address).host, authorization: `Bearer ${token()}` };
    for (const way of [
      "../../../../../../token",
      "..%2f..%2f..%2f..%2ftoken",
      "%2e%2e/%2e%2e/token",
      "..\\..\\token",
      "/etc/passwd",
      "%2fetc%2fpasswd",
      "%00",
    ]) {
      const { status, text } = await ask(below.replace("STEP", step) + way, headers);
      expect([way, status >= 400 && status < 500]).toEqual([way, true]);
      expect(text).not.toContain(token());
      expect(text).not.toContain("root:");
    }
  });
});
