/**
 * What stands behind the `?` of an address, as people would write it: `?version=1.0`, not `?version="1.0"`.
 *
 * Texts stay texts, whatever they look like; only lists are JSON. What a parameter means is for its reader to say.
 */

import { parseSearchWith, stringifySearchWith } from "@tanstack/react-router";

export const parseSearch = parseSearchWith((text) => (/^[[{]/.test(text) ? JSON.parse(text) : text));
export const stringifySearch = stringifySearchWith(JSON.stringify);

export const text = (value: unknown): string | undefined =>
  value === undefined || value === null || value === ""
    ? undefined
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

export const texts = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.map(String) : text(value)?.split(",");

export const flag = (value: unknown): true | undefined => (text(value) === "true" ? true : undefined);

export const count = (value: unknown): number | undefined =>
  /^\d{1,15}$/.test(text(value) ?? "") ? Number(value) : undefined;
