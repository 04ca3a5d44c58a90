/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The built files go into the package, from where the server sends them and the wheel takes them.
export default defineConfig({
  plugins: [react()],
  base: "/studio/",
  build: {
    outDir: "../pipeyard/studio",
    emptyOutDir: true,
    target: "es2022",
    // Data addresses are not allowed by our content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": { target: process.env.PIPEYARD_ADDRESS ?? "http://127.0.0.1:8420" } } },
  test: { environment: "happy-dom", globals: false, restoreMocks: true },
});
