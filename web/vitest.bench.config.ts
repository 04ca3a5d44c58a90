import { defineConfig } from "vitest/config";

// `make bench-web`: times are printed, and nothing here fails because of one.
export default defineConfig({
  test: {
    include: ["e2e/bench/*.bench.ts"],
    environment: "node",
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    reporters: ["dot"],
  },
});
