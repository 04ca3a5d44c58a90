/** Steps that several processes share: each has a log of its own to choose. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, open } from "./browser";
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

const shared = (command: string): string => `
type: pipeline
jobs:
  a:
    command: ${JSON.stringify(command)}
    environment: {image: debian}
    distribution: {type: pytorch, process_count_per_instance: 3}
`;

async function logsOf(command: string) {
  const job = server.create(shared(command), true);
  const { page } = await open(browser);
  await page.goto(await server.link(`/jobs/${job}?step=a&tab=logs`));
  const picker = page.getByLabel("Process");
  await picker.waitFor();
  return { page, picker };
}

describe("the logs of a step that several processes share", () => {
  it("shows rank 0, and any other that is chosen, which the address then names", async () => {
    const { page, picker } = await logsOf('echo "said by $RANK"');
    await page.getByText("said by 0").waitFor();

    await picker.selectOption("2");
    await page.getByText("said by 2").waitFor();

    await page.waitForURL(/rank=2/);
    await expect
      .poll(() => page.getByRole("link", { name: "Download" }).getAttribute("href"))
      .toContain("std_log_process_2.txt");
    await page.reload();
    await page.getByText("said by 2").waitFor();
  });

  it("shows the rank that failed first", async () => {
    const { page, picker } = await logsOf('if [ "$RANK" = 1 ]; then echo "it was me"; exit 7; fi; sleep 300');

    await page.getByText("it was me").waitFor();

    await expect.poll(() => picker.inputValue()).toBe("1");
  });
});
