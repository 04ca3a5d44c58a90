/** What lies in datastores, here and elsewhere. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, launch, visitor } from "./browser";
import { Server } from "./server";
import { openStore, type Store } from "./store";

const KEY = "c2VjcmV0LXNlY3JldA==";
const MANY = Object.fromEntries(
  Array.from({ length: 230 }, (_, at) => [`many/${String(at).padStart(3, "0")}.txt`, "x"]),
);

let store: Store;
let server: Server;
let browser: Browser;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  store = await openStore({ "raw/towns #1.csv": "n,town\n1,Ürmitz\n", "raw/deep/er/a.txt": "found it", ...MANY });
  server = new Server();
  browser = await launch();
  const put = (name: string, text: string) => {
    const file = server.write(`${name}.yml`, `name: ${name}\n${text}\n`);
    server.run("datastore", "create", "--file", file, "--skip-validation");
  };
  put("cloud", `type: gcs\nbucket: data\nproject: p\nanonymous: true\nendpoint: ${store.endpoint}`);
  put("lost", `type: gcs\nbucket: no-such\nproject: p\nanonymous: true\nendpoint: ${store.endpoint}`);
  put(
    "blob",
    `type: azure_blob\naccount_name: acc\ncontainer_name: data\ncredentials: {account_key: ${KEY}}\nendpoint: http://127.0.0.1:1/acc`,
  );
  put("local", `type: local\npath: ${server.folder}/here`);
  server.write("here/notes/a.md", "# Said");
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  await store?.close();
});

describe("a datastore elsewhere", () => {
  it("is looked through folder by folder, and its files are read and taken away", async () => {
    const { page } = await visit("/datastores/cloud");
    await page.getByRole("button", { name: "raw", exact: true }).click();
    await page.getByRole("button", { name: /^towns #1\.csv/ }).click();
    await page.getByRole("cell", { name: "Ürmitz" }).waitFor();
    const fetched = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download raw/towns #1.csv" }).click();

    expect((await fetched).suggestedFilename()).toBe("towns #1.csv");
    await page.reload();
    await page.getByRole("cell", { name: "Ürmitz" }).waitFor();
    await page.getByRole("button", { name: /^towns #1\.csv/ }).waitFor();
  });

  it("shows a large folder some at a time", async () => {
    const { page } = await visit("/datastores/cloud?path=many");
    await page.getByRole("button", { name: /^199\.txt/ }).waitFor();
    expect(await page.getByRole("button", { name: /^200\.txt/ }).count()).toBe(0);
    await page.getByRole("button", { name: "Show more of many" }).click();

    await page.getByRole("button", { name: /^229\.txt/ }).waitFor();
    await page.getByRole("button", { name: "Show more of many" }).waitFor({ state: "detached" });
  });

  it("is asked for a sign of life, and says what is wrong and what to check", async () => {
    const { page } = await visit("/datastores/cloud");
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.getByText("It answers and lets us in.").waitFor();
    await page.goto(`${server.address}/datastores/lost`);
    await page
      .getByRole("alert")
      .getByText(/that the container or bucket exists/)
      .waitFor();
    await page.goto(`${server.address}/datastores/blob`);
    await page
      .getByRole("alert")
      .getByText(/cannot be reached/)
      .waitFor();

    await page.getByRole("button", { name: "Test connection" }).click();
    await expect.poll(() => page.getByText(/cannot be reached/).count()).toBe(2);
  });

  it("is there for keys and small screens, in both themes", async () => {
    for (const scheme of ["light", "dark"] as const) {
      for (const place of [
        "/datastores/cloud?path=raw/deep&file=none",
        "/datastores/cloud?path=raw&file=towns%20%231.csv",
        "/datastores/lost",
      ]) {
        const { page } = await visit(place, scheme, 390);
        await page.getByRole("button", { name: "Test connection" }).waitFor();
        await page.locator(".skeleton").first().waitFor({ state: "detached" });
        await expectAccessible(page);
        await expectNoSideways(page);
      }
    }
  });
});

describe("datastores", () => {
  it("show nothing of their keys", async () => {
    const { page } = await visit("/datastores");
    const answers: string[] = [];
    page.on("requestfinished", async (asked) => {
      const answer = await asked.response();
      answers.push((await answer?.text().catch(() => "")) ?? "");
    });
    await page.reload();
    await page.getByRole("row", { name: /blob.*acc \/ data.*account_key, kept/ }).waitFor();

    await expect.poll(() => answers.filter((text) => text.includes("account_key")).length).toBeGreaterThan(0);
    expect(answers.filter((text) => text.includes(KEY))).toEqual([]);
  });

  it("of this machine are looked through in the same way", async () => {
    const { page } = await visit("/datastores/local");
    await page.getByRole("button", { name: "notes", exact: true }).click();
    await page.getByRole("button", { name: /^a\.md/ }).click();

    await page.getByRole("heading", { name: "Said" }).waitFor();
  });

  it("that are not there are said to be missing", async () => {
    const { page } = await visit("/datastores/nobody");

    await page.getByRole("alert").getByText("There is no datastore nobody").waitFor();
  });
});
