import type { Kind } from "../../api/assets";

/** One of each kind, as the command line calls it. */
export const ONE: Record<Kind, string> = {
  components: "component",
  data: "data",
  environments: "environment",
  models: "model",
};

export const TITLE: Record<Kind, string> = {
  components: "Components",
  data: "Data",
  environments: "Environments",
  models: "Models",
};
