/**
 * Edits: what a person does to a draft, as data.
 *
 * `applyEdit` (in `apply.ts`) makes of a draft and an edit the new draft, and the edit that leads back.
 */

import type { ComponentPort, Ports } from "../interface";
import type { Value, WireEnd } from "./pipeline";
import type { Splice } from "./text";

export type OutputField = "mode" | "path" | "type" | "name" | "version";

export type Edit =
  /** What was typed in the text, and the inverse of every other edit. */
  | { kind: "splice"; splices: readonly Splice[] }
  | { kind: "replace-text"; text: string }
  /** *value* is what stands behind the step's key; `name` is made free. */
  | { kind: "add-step"; scope: string; name: string; value: Value }
  /** With everything that reads them. */
  | { kind: "remove-steps"; steps: readonly string[] }
  /** In every expression that names it too. */
  | { kind: "rename-step"; step: string; name: string }
  | { kind: "duplicate-steps"; steps: readonly string[] }
  /** YAML text of steps, as `copySteps` gives it; names are made free, wires among them kept. */
  | { kind: "paste-steps"; scope: string; text: string }
  /** A literal, an expression, or a mapping with type and path. */
  | { kind: "set-input"; step: string; input: string; value: Value }
  | { kind: "unset-input"; step: string; input: string }
  /** Takes the place of what the input had. From step to step: the second waits for the first. */
  | { kind: "connect"; from: WireEnd; to: WireEnd }
  /** *from* is needed only for one of several steps that a step waits for. */
  | { kind: "disconnect"; to: WireEnd; from?: WireEnd }
  /** A new input of the pipeline gets what the input had (else *value*), and the input reads that. */
  | { kind: "promote-input"; step: string; input: string; name: string; value?: Value; port?: ComponentPort }
  | { kind: "promote-output"; step: string; output: string; name: string; value?: Value }
  /** Null: nothing behind its name. In the pipeline of *scope*; the top is empty. */
  | { kind: "set-pipeline-input"; scope: string; name: string; value: Value }
  | { kind: "set-pipeline-output"; scope: string; name: string; value: Value }
  /** With every input that reads it. */
  | { kind: "remove-pipeline-input"; scope: string; name: string }
  | { kind: "remove-pipeline-output"; scope: string; name: string }
  | { kind: "rename-pipeline-input"; scope: string; name: string; to: string }
  | { kind: "rename-pipeline-output"; scope: string; name: string; to: string }
  /** Null takes the field away. */
  | { kind: "set-output-field"; step: string; output: string; field: OutputField; value: string | null }
  /**
   * Any other field of a step: `["compute"]`, `["limits", "timeout"]`, `["environment_variables", "A"]`,
   * `["resources", "instance_count"]`, `["retry"]`, `["reuse"]`, `["display_name"]`, `["comment"]`.
   * Step "" is the pipeline: `["settings", "default_compute"]`, `["tags", "a"]`. Null takes the field away.
   */
  | { kind: "set-field"; step: string; field: readonly string[]; value: Value }
  /** Inputs and outputs that the new version does not have are taken away: see `upgradeOf`. */
  | { kind: "set-component"; step: string; reference: string; ports?: { inputs: Ports; outputs: Ports } }
  /** What becomes of components that were files: steps name them by reference. By key. */
  | { kind: "refer-components"; references: Readonly<Record<string, string>> }
  /**
   * Steps of one scope become one step that holds them as a pipeline, written in its place or,
   * with *reference*, as a component document of its own: then `Outcome.component` is its text.
   * *ports* are what the steps of the pipeline declare, by key, so that types are known.
   */
  | {
      kind: "group-steps";
      steps: readonly string[];
      name: string;
      reference?: string;
      ports?: Readonly<Record<string, { inputs: Ports; outputs: Ports }>>;
    }
  /** A pipeline's steps come out of it. *component* is the text of its document where it is not written in place. */
  | { kind: "unpack-step"; step: string; component?: string };
