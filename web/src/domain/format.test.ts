import { describe, expect, it } from "vitest";
import { agoText, componentText, durationText, shortened, sizeText } from "./format";

describe("durationText", () => {
  it.each([
    [null, ""],
    [0, "0 ms"],
    [0.0264, "26 ms"],
    [1, "1.0s"],
    [42.4, "42s"],
    [59.9, "60s"],
    [72, "1m 12s"],
    [3600, "1h 0m"],
    [90_061, "1d 1h"],
  ])("%s seconds is %s", (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe("sizeText", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [105 * 1024 * 1024, "105 MiB"],
  ])("%s bytes is %s", (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe("agoText", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");

  it.each([
    [null, ""],
    ["2026-11-23T11:59:58Z", "just now"],
    ["2026-11-23T11:59:00Z", "1m ago"],
    ["2026-11-23T09:00:00Z", "3h ago"],
    ["2026-11-20T12:00:00Z", "3d ago"],
    ["2026-11-23T14:00:00Z", "in 2h"],
  ])("%s is %s", (time, text) => {
    expect(agoText(time, now)).toBe(text);
  });
});

it("a long name keeps both ends", () => {
  expect(shortened("abcdefghij", 7)).toBe("abc…hij");
  expect(shortened("short", 7)).toBe("short");
});

it("an anonymous component has no name to show", () => {
  expect(componentText("azureml:azureml_anonymous:0a20")).toBe("");
  expect(componentText("azureml:train:3")).toBe("train:3");
});
