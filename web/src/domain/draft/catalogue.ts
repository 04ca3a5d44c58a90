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

/** What the server's `GET /schemas/{kind}` answers: as much of JSON Schema as its tables of fields need. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  /** The server's own words for the type and the default. */
  readonly "x-type"?: string;
  readonly "x-default"?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}
