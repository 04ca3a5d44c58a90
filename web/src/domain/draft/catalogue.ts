/** What is known of components, computes and other registered things: given by the page, from the server's answers. */

import type { Ports } from "../interface";

export interface ComponentFacts {
  /** As a pipeline writes it: `azureml:train:2`, `azureml:train@latest`, `./train.yml`. */
  reference: string;
  name: string;
  version: string | null;
  /** `command`, `pipeline`, `sweep`, `parallel`, `spark`. */
  type: string;
  displayName?: string;
  description?: string;
  tags?: Readonly<Record<string, string>>;
  inputs: Ports;
  outputs: Ports;
  /** Every version, newest first, where they are known. */
  versions?: readonly string[];
}

export interface Catalogue {
  /** By reference as it may be written; one component may be here under several. */
  components: ReadonlyMap<string, ComponentFacts>;
  /** Names. */
  computes: readonly string[];
  datastores: readonly string[];
  /** References: `azureml:name:version`. */
  data: readonly string[];
  models: readonly string[];
  environments: readonly string[];
}

/** One field that a mapping may have, as the server's table of fields says it. */
export interface FieldFacts {
  name: string;
  /** The type in words. */
  type: string;
  description: string;
  isRequired?: boolean;
  default?: string | null;
}

/** Fields by kind of mapping, with the server's names of kinds: `pipeline job`, `step`, `settings`, `input`, ... */
export type Schema = Readonly<Record<string, readonly FieldFacts[]>>;
