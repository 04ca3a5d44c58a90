/**
 * What a draft's text says, as values: steps, what is bound to what, and where each thing is written.
 *
 * Made by `read.ts` from the text and from nothing else: what components declare is known to `catalogue.ts`.
 * A step that did not change is the same object in the next view, even if it moved in the text.
 */

import type { Span } from "./text";

/** Behind which keys something stands, from the top of the document. */
export type YamlPath = readonly (string | number)[];

export type Scalar = string | number | boolean | null;

/** Anything that a document can hold. */
export type Value = Scalar | readonly Value[] | { readonly [key: string]: Value };

/** One `${{ ... }}` in a text. */
export interface Expression {
  /** `${{parent.jobs.a.outputs.b}}` has the names parent, jobs, a, outputs, b. */
  names: readonly string[];
  /** Offsets in the text that holds it. */
  from: number;
  to: number;
}

/** What an input is given. */
export type Binding =
  /** Named, with nothing behind it. */
  | { kind: "empty" }
  | { kind: "literal"; value: string | number | boolean }
  /** Data that is named here. */
  | { kind: "data"; path: string; type: string | null; mode: string | null }
  /** `${{parent.inputs.x}}`; *type* and *mode* where it is written as a mapping. */
  | { kind: "pipeline-input"; input: string; type: string | null; mode: string | null }
  /** `${{parent.jobs.s.outputs.y}}`; `step` is the key of that step. */
  | { kind: "step-output"; step: string; output: string; type: string | null; mode: string | null }
  /** `${{parent.jobs.s.inputs.y}}`: whatever that input has. */
  | { kind: "step-input"; step: string; input: string; type: string | null; mode: string | null }
  /** A text with expressions in it, or one expression of another form. */
  | { kind: "text"; text: string; expressions: readonly Expression[] }
  /** A list or mapping that means nothing here. */
  | { kind: "other" };

export interface StepInput {
  /** Of a group of inputs, dotted: `group.item`. */
  name: string;
  /** Behind which keys of the step it stands. */
  keys: readonly string[];
  binding: Binding;
  /** Places count from the beginning of the part that holds the step: see `spanOf` in `place.ts`. */
  nameSpan: Span;
  valueSpan: Span;
}

export interface StepOutput {
  name: string;
  type: string | null;
  mode: string | null;
  path: string | null;
  /** Registered under this name after success. */
  asset: string | null;
  version: string | null;
  /** The output of the pipeline that it becomes. */
  promotedTo: string | null;
  nameSpan: Span;
  valueSpan: Span;
}

/** What `component:` (of a sweep `trial:`) says. */
export type ComponentUse =
  | {
      kind: "registered";
      text: string;
      name: string;
      version: string | null;
      label: string | null;
      registry: string | null;
    }
  | { kind: "file"; text: string }
  /** A pipeline written in its place: its steps are steps of this view. */
  | { kind: "inline-pipeline" }
  /** Another component written in its place. */
  | { kind: "inline" }
  /** A text that is neither. */
  | { kind: "unreadable"; text: string };

export type StepKind =
  | "command"
  | "pipeline"
  | "sweep"
  | "parallel"
  | "spark"
  | "if_else"
  | "do_while"
  | "parallel_for"
  /** Anything that the text calls otherwise, or says nothing about. */
  | "other";

/** The steps that a control node names, by what they are to it. */
export interface Block {
  role: "true_block" | "false_block" | "body";
  /** Keys. */
  steps: readonly string[];
}

export interface Step {
  /** Unique in the draft: `train`; inside an inline pipeline `group/train`, as on a job's page. */
  key: string;
  /** The key in the text. */
  name: string;
  /** The key of the inline pipeline step around it; empty for the pipeline itself. */
  scope: string;
  kind: StepKind;
  component: ComponentUse | null;
  /**
   * Of a control node also `condition` and `items`, which stand on the step itself.
   */
  inputs: readonly StepInput[];
  outputs: readonly StepOutput[];
  /** Keys of the steps that it waits for by `depends_on`. */
  dependsOn: readonly string[];
  blocks: readonly Block[];
  /** Of an inline pipeline: what it declares. */
  inner: { inputs: readonly PipelineInput[]; outputs: readonly PipelineOutput[] } | null;
  /** Everything written on it, as plain values: compute, resources, limits, retry, reuse, tags ... */
  value: { readonly [key: string]: Value };
  path: YamlPath;
  /** The name of the part of the text that its places count from. */
  part: string;
  span: Span;
  nameSpan: Span;
}

/** An input of the pipeline: a value given to a job, or a port that a pipeline component declares. */
export interface PipelineInput {
  /** Of a group of inputs, dotted. */
  name: string;
  /** Behind which keys of the pipeline it stands. */
  keys: readonly string[];
  /** As written; of a literal, what it is. */
  type: string | null;
  /** The value or default; null when there is none. */
  value: Scalar;
  /** Of data: where it is. */
  path: string | null;
  mode: string | null;
  isOptional: boolean;
  description: string | null;
  nameSpan: Span;
  valueSpan: Span;
}

export interface PipelineOutput {
  name: string;
  type: string | null;
  mode: string | null;
  path: string | null;
  asset: string | null;
  version: string | null;
  nameSpan: Span;
  valueSpan: Span;
}

/** One end of a wire. */
export type WireEnd =
  | { kind: "step-output"; step: string; output: string }
  | { kind: "pipeline-input"; scope: string; input: string }
  | { kind: "step-input"; step: string; input: string }
  | { kind: "pipeline-output"; scope: string; output: string }
  /** A step as a whole: of order and blocks. */
  | { kind: "step"; step: string };

/** What flows from one place to another. */
export interface Wire {
  /** The same as long as it joins the same two ends. */
  id: string;
  /** `order`: waits without reading. `block`: a control node decides about a step, or repeats it. */
  kind: "data" | "order" | "block";
  from: WireEnd;
  to: WireEnd;
}

export interface Pipeline {
  /** A pipeline component declares ports where a job gives values. */
  kind: "job" | "component";
  inputs: readonly PipelineInput[];
  outputs: readonly PipelineOutput[];
  /** In the order of the text; what stands in an inline pipeline comes behind its step. */
  steps: readonly Step[];
  byKey: ReadonlyMap<string, Step>;
  wires: readonly Wire[];
  /** Everything at the top but `jobs`: names, tags, settings, compute. */
  value: { readonly [key: string]: Value };
}
