import { describe, expect, it } from "vitest";
import { parseReference } from "./asset-reference";

const ID =
  "azureml:/subscriptions/0/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/default/environments/tools/versions/1";

describe("a reference", () => {
  it.each([
    ["azureml:train:1", { kind: null, name: "train", version: "1", label: null, registry: null }],
    ["azureml:train@latest", { kind: null, name: "train", version: null, label: "latest", registry: null }],
    ["azureml:train", { kind: null, name: "train", version: null, label: null, registry: null }],
    [ID, { kind: "environments", name: "tools", version: "1", label: null, registry: null }],
    [
      "azureml://registries/team/components/train/versions/2",
      { kind: "components", name: "train", version: "2", label: null, registry: "team" },
    ],
    [
      "azureml://registries/team/environments/e/labels/latest",
      { kind: "environments", name: "e", version: null, label: "latest", registry: "team" },
    ],
  ])("%s is understood", (text, found) => {
    expect(parseReference(text)).toEqual(found);
  });

  it.each(["./file.yml", "azureml://datastores/x/paths/y", "train", ""])("%s is none", (text) => {
    expect(parseReference(text)).toBeNull();
  });
});
