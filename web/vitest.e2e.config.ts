import { defineConfig } from "vitest/config";

// One worker: each file has a server and a browser of its own, and the machine two cores.
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    environment: "node",
    // More than any wait in a test, so that what is said to be missing is what was waited for.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    // As long as the browser itself waits for what it is asked to find.
    expect: { poll: { timeout: 20_000 } },
  },
});
