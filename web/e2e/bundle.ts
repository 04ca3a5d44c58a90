/** The built Studio as bytes: what a page loads at first, and what comes when it is needed. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const STUDIO = join(dirname(fileURLToPath(import.meta.url)), "../../pipeyard/studio");
const HASH = /-[\w-]{8}(?=\.\w+$)/;

/** Packed bytes of each built script and style, by its name without the hash; equal names are added up. */
export function chunks(): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of readdirSync(join(STUDIO, "assets")).filter((one) => /\.(js|css)\.gz$/.test(one))) {
    const plain = name.slice(0, -".gz".length).replace(HASH, "");
    found.set(plain, (found.get(plain) ?? 0) + statSync(join(STUDIO, "assets", name)).size);
  }
  return found;
}

/** Packed bytes of some scripts or styles, named by their addresses. */
export function packedBytes(addresses: readonly string[]): number {
  const names = new Set(addresses.map((address) => new URL(address).pathname.split("/").at(-1) as string));
  return [...names].reduce((sum, name) => sum + statSync(join(STUDIO, "assets", `${name}.gz`)).size, 0);
}

/** Everything that is shipped, as it is packed in a wheel (packed copies beside their originals count once). */
export function shippedBytes(): number {
  const files = (readdirSync(STUDIO, { recursive: true }) as string[]).map((name) => join(STUDIO, name));
  const packed = new Set(files.filter((name) => name.endsWith(".gz")));
  return files
    .filter((name) => statSync(name).isFile() && !packed.has(`${name}.gz`))
    .reduce((sum, name) => sum + statSync(name).size, 0);
}

/** Names, without the hash, of the scripts among some addresses. */
export function modulesOf(addresses: readonly string[]): string[] {
  return addresses
    .filter((address) => address.includes("/studio/assets/") && address.endsWith(".js"))
    .map((address) => (new URL(address).pathname.split("/").at(-1) as string).replace(HASH, ""))
    .sort();
}

/** Text of every built script, by its name without the hash. */
export function scripts(): Map<string, string> {
  const names = readdirSync(join(STUDIO, "assets")).filter((one) => one.endsWith(".js"));
  return new Map(names.map((name) => [name.replace(HASH, ""), readFileSync(join(STUDIO, "assets", name), "utf8")]));
}
