/**
 * How an unquoted scalar is read, and how a value is written.
 *
 * The rules are the server's (`pipeyard/spec/scalar.py`); `tests/golden/scalars.json` holds both to them.
 */

import type { Scalar, Value } from "./pipeline";

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/;
const BINARY = /^[-+]?0b[0-1_]+$/;
const OCTAL = /^[-+]?0[0-7_]+$/;
const INTEGER = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const HEXADECIMAL = /^[-+]?0x[0-9a-fA-F_]+$/;
const BASE_60 = /^[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/;
const NUMBER = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
// What YAML of today, or a reader of dates, takes for something else than text.
const OTHER_READERS =
  /^(?:[-+]?(?:\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN|0o[0-7]+|[-+]?[0-9.]+[eE][-+]?[0-9]+|y|Y|n|N|=|<<)$/;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}/;
const FIRST = new Set("~nNtTfFyYoO-+.0123456789");

/** What an unquoted scalar means; what no rule reads is text. */
export function readPlain(text: string): Scalar {
  if (text !== "" && !FIRST.has(text.charAt(0))) {
    return text;
  }
  if (NULL.test(text)) {
    return null;
  }
  if (TRUE.test(text)) {
    return true;
  }
  if (FALSE.test(text)) {
    return false;
  }
  return readNumber(text) ?? text;
}

function readNumber(text: string): number | null {
  const plain = text.replaceAll("_", "");
  const sign = plain.startsWith("-") ? -1 : 1;
  const digits = plain.replace(/^[-+]/, "");
  let found: number | null = null;
  if (INTEGER.test(text) || NUMBER.test(text)) {
    found = Number(digits);
  } else if (BINARY.test(text)) {
    found = Number.parseInt(digits.slice(2), 2);
  } else if (OCTAL.test(text)) {
    found = Number.parseInt(digits, 8);
  } else if (HEXADECIMAL.test(text)) {
    found = Number.parseInt(digits.slice(2), 16);
  } else if (BASE_60.test(text)) {
    found = digits.split(":").reduce((total, part) => total * 60 + Number(part), 0);
  }
  return found === null || !Number.isFinite(found) ? null : sign * found;
}

export type QuoteStyle = "plain" | "single" | "double" | "block";

// What no plain scalar may begin with.
const INDICATORS = /^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]/;
const CONTROLS = /[\p{Cc}\u2028\u2029\ufeff]/u;

/** Whether a text can stand without quotes and is still that text to every reader of these files. */
export function isPlainSafe(text: string, inFlow = false): boolean {
  if (text === "" || text.trim() !== text || CONTROLS.test(text) || INDICATORS.test(text)) {
    return false;
  }
  if (/:(?:\s|$)|\s#/.test(text) || (inFlow && /[,[\]{}]/.test(text)) || /^(?:---|\.\.\.)/.test(text)) {
    return false;
  }
  return readPlain(text) === text && !OTHER_READERS.test(text) && !DATE.test(text);
}

/** A text on one line, quoted where it has to be; in the quotes of *style* where it had some before. */
export function textOnLine(text: string, inFlow = false, style: QuoteStyle = "plain"): string {
  if (style === "single" && !CONTROLS.test(text)) {
    return singleQuoted(text);
  }
  if (style === "double") {
    return doubleQuoted(text);
  }
  if (isPlainSafe(text, inFlow)) {
    return text;
  }
  return CONTROLS.test(text) || text.includes("'") ? doubleQuoted(text) : singleQuotedOrDouble(text);
}

// What people write most is `"..."`; it changes only what has a backslash or such quotes in it.
const singleQuotedOrDouble = (text: string): string => (/["\\]/.test(text) ? singleQuoted(text) : `"${text}"`);
const singleQuoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function doubleQuoted(text: string): string {
  const escaped = JSON.stringify(text);
  // JSON leaves these as they are, and YAML does not read them.
  return escaped.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A number as every reader of these files reads it: `1e-7` would be text to some. */
export function numberText(value: number): string {
  const text = String(value);
  const [digits = text, exponent] = text.split("e");
  if (exponent === undefined) {
    return text;
  }
  return `${digits.includes(".") ? digits : `${digits}.0`}e${/^[-+]/.test(exponent) ? exponent : `+${exponent}`}`;
}

/** A value on one line, in flow style where it is a list or mapping. */
export function onLine(value: Value, inFlow = false, style: QuoteStyle = "plain"): string {
  if (value === null) {
    return inFlow ? "null" : "";
  }
  if (typeof value === "string") {
    return textOnLine(value, inFlow, style);
  }
  if (typeof value === "number") {
    return numberText(value);
  }
  if (typeof value === "boolean") {
    return String(value);
  }
  if (isList(value)) {
    return `[${value.map((one) => onLine(one, true)).join(", ")}]`;
  }
  const pairs = Object.entries(value).map(([key, one]) => `${textOnLine(key, true)}: ${onLine(one, true)}`);
  return pairs.length === 0 ? "{}" : `{${pairs.join(", ")}}`;
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

export const isMapping = (value: Value | undefined): value is { readonly [key: string]: Value } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What stands behind `key:` for a value, with *indent* blanks before its own lines: ` 12`, or lines that
 * begin with a line break. Never ends with one.
 */
export function behindKey(value: Value, indent: number, lineBreak: string, style: QuoteStyle = "plain"): string {
  if (isMapping(value) && Object.keys(value).length > 0) {
    return lineBreak + blockOf(value, indent, lineBreak);
  }
  if (Array.isArray(value) && value.some((one) => typeof one === "object" && one !== null)) {
    return lineBreak + listOf(value, indent, lineBreak);
  }
  if (typeof value === "string" && isForBlock(value) && (style === "plain" || style === "block")) {
    return ` ${literalOf(value, indent, lineBreak)}`;
  }
  const text = onLine(value, false, style === "block" ? "plain" : style);
  return text === "" ? "" : ` ${text}`;
}

/** A mapping as lines, each with *indent* blanks before it; no line break at the end. */
export function blockOf(value: { readonly [key: string]: Value }, indent: number, lineBreak: string): string {
  const blanks = " ".repeat(indent);
  return Object.entries(value)
    .map(([key, one]) => `${blanks}${textOnLine(key)}:${behindKey(one, indent + 2, lineBreak)}`)
    .join(lineBreak);
}

function listOf(values: readonly Value[], indent: number, lineBreak: string): string {
  const blanks = " ".repeat(indent);
  return values
    .map((one) => {
      const isBlock = isMapping(one) && Object.keys(one).length > 0;
      const text = isBlock ? blockOf(one, indent + 2, lineBreak).trimStart() : onLine(one) || "null";
      return `${blanks}- ${text}`;
    })
    .join(lineBreak);
}

// Lines that a literal block keeps: more than one, no control characters, no blank first line.
const isForBlock = (text: string): boolean =>
  text.includes("\n") && !/^[\s]/.test(text) && !CONTROLS.test(text.replaceAll("\n", "")) && /\S/.test(text);

function literalOf(text: string, indent: number, lineBreak: string): string {
  const body = text.replace(/\n+$/, "");
  const endings = text.length - body.length;
  const mark = endings === 0 ? "|-" : endings === 1 ? "|" : "|+";
  const lines = [...body.split("\n"), ...Array.from({ length: Math.max(0, endings - 1) }, () => "")];
  return [mark, ...lines.map((line) => (line === "" ? "" : " ".repeat(indent) + line))].join(lineBreak);
}
