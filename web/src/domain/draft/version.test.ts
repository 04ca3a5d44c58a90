import { describe, expect, it } from "vitest";
import { homeOf, referenceTo } from "./version";

const LONG =
  "azureml:/subscriptions/a/resourceGroups/b/providers/Microsoft.MachineLearningServices/workspaces/c/components/train";

describe("another version of a component", () => {
  it.each([
    ["azureml:train:2", null, "1", "azureml:train:1"],
    ["azureml:train@latest", null, "1.0", "azureml:train:1.0"],
    ["azureml:train", null, "@latest", "azureml:train@latest"],
    [`${LONG}/versions/2`, null, "1", `${LONG}/versions/1`],
    [`${LONG}/versions/2`, null, "@latest", `${LONG}/labels/latest`],
    [
      "azureml://registries/team/components/train/versions/2",
      "team",
      "1",
      "azureml://registries/team/components/train/versions/1",
    ],
    [
      "azureml://registries/team/components/train/labels/latest",
      "team",
      "@latest",
      "azureml://registries/team/components/train/labels/latest",
    ],
  ])("is named as %s names one", (text, registry, version, expected) => {
    expect(referenceTo({ text, name: "train", registry }, version)).toBe(expected);
  });

  it("is looked up where it is registered", () => {
    expect(homeOf("default", "team")).toBe("registry:team");
    expect(homeOf("default", null)).toBe("default");
  });
});
