import { expect, it } from "vitest";
import { factsOfDocument } from "./document";
import { matching } from "./palette";

const entry = (name: string, more: object = {}) => ({
  name,
  display_name: null,
  description: null,
  type: "command",
  tags: {},
  inputs: {},
  outputs: {},
  ...more,
});

it("finds by words, types of ports and tags, names that begin with a word first", () => {
  const all = [
    entry("retrain", { tags: { team: "vision" } }),
    entry("train", { inputs: { table: { type: "mltable" } } }),
    entry("judge", { description: "of a train", outputs: { score: { type: "uri_file" } } }),
  ];
  const names = (text: string) => matching(all, text).map(({ name }) => name);

  expect(names("train")).toEqual(["train", "retrain", "judge"]);
  expect(names("in:mltable")).toEqual(["train"]);
  expect(names("train out:uri")).toEqual(["judge"]);
  expect(names("tag:vision")).toEqual(["retrain"]);
  expect(names("")).toHaveLength(3);
});

it("knows a component's file by its name and ports, and says nothing of one that cannot be read", () => {
  const facts = factsOfDocument("./a.yml", "name: a\nversion: 2\ninputs: {x: {type: number}}\noutputs: {y: {}}\n");

  expect(facts).toMatchObject({ name: "a", version: "2", inputs: { x: { type: "number" } }, outputs: { y: {} } });
  expect(factsOfDocument("./a.yml", "name: [")).toBeNull();
  expect(factsOfDocument("./a.yml", "- a")).toBeNull();
});
