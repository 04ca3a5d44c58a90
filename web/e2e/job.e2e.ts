import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, launch, visitor } from "./browser";
import { pipeline, Server } from "./server";

let server: Server;
let browser: Browser;
let failed: string;

const visit = visitor(() => ({ browser, server }));

beforeAll(async () => {
  server = new Server();
  browser = await launch();
  failed = server.create(
    pipeline({
      good: { command: "echo fine" },
      bad: { command: "echo 'the reason'; exit 3", reads: ["good"] },
      after: { command: "true", reads: ["bad"] },
    }),
    true,
  );
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe("a job", () => {
  it("goes from state to state without a reload, and the view stays where it was", async () => {
    const go = join(server.folder, "go");
    const name = server.create(
      pipeline({
        first: { command: `while ! [ -e ${go} ]; do sleep 0.05; done` },
        second: { command: "true", reads: ["first"] },
      }),
    );
    const { page, complaints } = await visit(`/jobs/${name}`);
    const card = page.getByRole("button", { name: /^first/ });
    await page.getByRole("button", { name: /^first .*Running/ }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).waitFor();
    // A letter's shape that comes late may move what is below it.
    await page.evaluate("document.fonts.ready.then(() => true)");
    await page.getByRole("button", { name: "Zoom out" }).click();
    const place = await card.boundingBox();
    await page.evaluate("globalThis.isSamePage = true");
    writeFileSync(go, "");

    await page.getByRole("button", { name: /^first .*Completed/ }).waitFor();
    await page.getByRole("button", { name: /^second .*Completed/ }).waitFor();
    await page.locator(".job-title .pill", { hasText: "Completed" }).waitFor();
    expect(await card.boundingBox()).toEqual(place);
    expect(await page.evaluate("globalThis.isSamePage")).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("that failed says why first, and leads to the log", async () => {
    const { page } = await visit(`/jobs/${failed}`);
    const cause = page.getByRole("alert");
    await cause.filter({ hasText: /bad failed: .*3/ }).waitFor();
    await cause.filter({ hasText: "1 never ran because of it" }).waitFor();
    await page.getByRole("button", { name: "Read its log" }).click();

    await page.waitForURL(/step=bad/);
    await page.getByRole("region", { name: "Log" }).getByText("the reason").waitFor();
    await page.getByRole("button", { name: /^after .*Skipped/ }).waitFor();
  });

  it("shows the same step in every view, from the address alone", async () => {
    const { page } = await visit(`/jobs/${failed}?view=steps&step=bad&tab=overview`);

    await page.locator('tr[aria-selected="true"]', { hasText: "bad" }).waitFor();
    await page.getByRole("tab", { name: "Timeline" }).click();
    await page.locator('.timeline-row[aria-pressed="true"]', { hasText: "bad" }).waitFor();
    await page.getByRole("tab", { name: "Graph" }).click();
    await page.locator('.card[aria-pressed="true"]', { hasText: "bad" }).waitFor();
  });

  it("leads from a step's own job to its pipeline, with the step selected", async () => {
    const children = JSON.parse(server.run("job", "list", "--parent-job-name", failed, "-o", "json")) as {
      name: string;
    }[];
    const { page } = await visit(`/jobs/${children[0]?.name}`);

    await page.getByRole("complementary", { name: /^Step / }).waitFor();
  });

  it("is walked through with the arrow keys", async () => {
    const { page } = await visit(`/jobs/${failed}?step=good`);
    await page.getByRole("button", { name: /^good/ }).focus();
    await page.keyboard.press("ArrowDown");

    await page.locator('.card[aria-pressed="true"]', { hasText: "bad" }).waitFor();
    await page.waitForFunction("document.activeElement?.getAttribute('data-key') === 'bad'");
  });

  it("is canceled from its page", async () => {
    const name = server.create(pipeline({ long: { command: "sleep 600" } }));
    const { page } = await visit(`/jobs/${name}`);
    await page.getByRole("button", { name: /^long .*Running/ }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("What they wrote is kept").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Cancel the job" }).click();

    await page.locator(".job-title .pill", { hasText: "Canceled" }).waitFor();
  });

  it("that is not there is named", async () => {
    const { page } = await visit("/jobs/no-such-job");

    await page.getByText("there is no job `no-such-job`").waitFor();
  });

  it.each(["light", "dark"] as const)("holds WCAG AA in each of its views, %s", async (scheme) => {
    const { page } = await visit(`/jobs/${failed}?step=bad&tab=logs`, scheme);
    await page.getByText("the reason").waitFor();
    for (const view of ["Graph", "Timeline", "Steps", "Inputs & outputs", "YAML", "Overview"]) {
      await page.getByRole("tab", { name: view, exact: true }).first().click();
      await page.getByRole("tab", { name: view, exact: true, selected: true }).first().waitFor();
      await expectAccessible(page);
    }
  });
});

describe("a log", () => {
  it("of a million lines opens at its end, jumps anywhere, and asks only for what it shows", async () => {
    const name = server.create(pipeline({ many: { command: "seq -f 'line %.0f' 1000000" } }), true);
    const { page, requests } = await visit(`/jobs/${name}?step=many&tab=logs`);
    await page.getByText("line 1000000").waitFor();
    await page.getByRole("region", { name: "Log" }).focus();
    await page.keyboard.press("g");
    await page.getByText("line 1", { exact: true }).waitFor();
    await page.getByRole("searchbox", { name: "Search the log" }).fill("line 500000");
    await page.keyboard.press("Enter");
    await page.locator("li.marked", { hasText: "line 500000" }).waitFor();

    await page.waitForURL(/line=500000/);
    expect(requests.filter((address) => address.includes("/log?")).length).toBeLessThan(12);
    expect(await page.locator(".log-lines li").count()).toBeLessThan(120);
  });

  it("shows markup, colours and very long lines as text", async () => {
    const command =
      "printf '<img src=x onerror=alert(1)>\\n\\033[31mred\\033[0m\\n'; head -c 300000 /dev/zero | tr '\\0' x";
    const name = server.create(pipeline({ odd: { command } }), true);
    const { page, complaints } = await visit(`/jobs/${name}?step=odd&tab=logs`);

    await page.getByText("<img src=x onerror=alert(1)>").waitFor();
    await page.locator(".ansi-red", { hasText: "red" }).waitFor();
    expect(complaints).toEqual([]);
  });
});

describe("files", () => {
  it("are shown and never run", async () => {
    const command =
      "printf 'a,b\\n1,<i>2</i>\\n' > \"${{outputs.out}}/table.csv\"; echo '<script>document.title=1</script>' > \"${{outputs.out}}/page #1%.html\"";
    const name = server.create(pipeline({ writer: { command } }), true);
    const { page, complaints } = await visit(`/jobs/${name}?step=writer&tab=ports`);
    await page.getByRole("button", { name: "table.csv" }).click();
    await page.getByRole("cell", { name: "<i>2</i>", exact: true }).waitFor();
    await page.getByRole("button", { name: "page #1%.html" }).click();

    await page.getByText("<script>document.title=1</script>").waitFor();
    expect(complaints).toEqual([]);
  });
});

describe("a thousand steps", () => {
  it("are drawn with few elements, near and far", async () => {
    const steps: Record<string, { command: string; reads?: string[] }> = { start: { command: "true" } };
    for (let at = 0; at < 1000; at += 1) {
      steps[`step_${at}`] = { command: "true", reads: [at < 40 ? "start" : `step_${at - 40}`] };
    }
    const name = server.create(pipeline(steps));
    const { page } = await visit(`/jobs/${name}`);
    await page.locator(".card").first().waitFor();
    expect(await page.locator("*").count()).toBeLessThan(3000);
    await page.getByRole("button", { name: "Fit" }).click();
    await page.waitForFunction("document.querySelectorAll('.card').length === 0");
    const painted = (await page.evaluate(`(() => {
      const canvas = document.querySelector(".canvas > canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 3; at < data.length; at += 4) count += data[at] > 0 ? 1 : 0;
      return count / (data.length / 4);
    })()`)) as number;
    expect(painted).toBeGreaterThan(0.02);
    server.run("job", "cancel", "--name", name);
  });
});

describe("a step that was not run again", () => {
  it("is marked, says whose result it has, and shows that one's log", async () => {
    const yaml = pipeline({ same: { command: "echo said once" } }, "display_name: again");
    const first = server.create(yaml, true);
    const second = server.create(yaml, true);
    const { page } = await visit(`/jobs/${second}?step=same&tab=why`);
    await page.getByRole("link", { name: first }).waitFor();
    await page.getByRole("button", { name: /^same .*reused/ }).waitFor();
    await page.getByRole("tab", { name: "Logs" }).click();

    await page.getByText("said once").waitFor();
  });
});
