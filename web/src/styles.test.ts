/** All styles share one page: what one of them calls a class, no other may call something else. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const ROOT = dirname(fileURLToPath(import.meta.url));

function sheets(): string[] {
  const found = readdirSync(ROOT, { recursive: true, encoding: "utf8" });
  return found.filter((path) => path.endsWith(".css")).map((path) => join(ROOT, path));
}

/** The classes that a style sheet names alone: `.card {`, and not `.list .card {`. */
function ownClasses(text: string): string[] {
  const selectors = [...text.replace(/\/\*.*?\*\//gs, "").matchAll(/([^{};]+)\{/g)].map((match) => match[1] ?? "");
  const parts = selectors.flatMap((selector) => selector.split(",")).map((part) => part.trim());
  return parts.flatMap((part) => /^\.([\w-]+)$/.exec(part)?.[1] ?? []);
}

test("a class has one style sheet, which stays when its page is left", () => {
  const owners = new Map<string, Set<string>>();
  for (const path of sheets()) {
    for (const name of ownClasses(readFileSync(path, "utf8"))) {
      owners.set(name, (owners.get(name) ?? new Set()).add(relative(ROOT, path)));
    }
  }

  expect(owners.size).toBeGreaterThan(100);
  expect([...owners].filter(([, paths]) => paths.size > 1)).toEqual([]);
});
