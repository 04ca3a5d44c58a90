// Made by scripts/openapi.py from docs/openapi.json: do not edit.

/** What a download of a version writes. */
export interface AssetFiles {
  document: Record<string, unknown>;
  components: Record<string, unknown>;
  trees: Tree[];
}

/** A name, with what its newest version says. */
export interface AssetName {
  id: string;
  name: string;
  latest_version: string | null;
  next_version: string | null;
  display_name: string | null;
  description: string | null;
  tags: Record<string, string>;
  creation_context: Creation;
  resourceGroup: string;
  archived: boolean;
  type?: string | null;
  stage?: string | null;
}

/** Some names, by name. */
export interface AssetNamePage {
  value: AssetName[];
  next: string | null;
}

/** A version, and whatever its own file says. */
export interface AssetVersion {
  id: string;
  name: string;
  version: string;
  display_name: string | null;
  description: string | null;
  tags: Record<string, string>;
  properties: Record<string, string>;
  creation_context: Change;
  resourceGroup: string;
  archived: boolean;
  digest: string;
  content_digest: string | null;
  produced_by: Producer | null;
  type?: string;
  stage?: string | null;
  path?: string;
  build?: EnvironmentState;
  [more: string]: unknown;
}

/** Some versions of a name without their bodies, created last first. */
export interface AssetVersionPage {
  value: AssetVersion[];
  next: string | null;
}

/** Who made a workspace; of the first one nobody knows when. */
export interface Birth {
  created_at: string | null;
  created_by: string | null;
  created_by_type: string;
}

/** What changes of a step or job while it runs. */
export interface Card {
  key: string;
  name: string;
  root: string;
  kind: string;
  display_name: string;
  status: string;
  label: string;
  started_at: string | null;
  ended_at: string | null;
  duration_seconds: number | null;
  error: JobError | null;
  attempt: number | null;
  phases: Record<string, string>;
  reused_from: string | null;
}

/** The same, and who changed it last. */
export interface Change {
  created_at: string;
  created_by: string;
  created_by_type: string;
  last_modified_at?: string;
  last_modified_by?: string;
  last_modified_by_type?: string;
}

/** Files of a step's code that are not those of the first job. */
export interface CodeDifference {
  job: string;
  step: string;
  files: FileDifference[];
}

/** One file of code, with what is in it. */
export interface CodeFile {
  path: string;
  size: number;
  sha256: string;
}

/** The code that a step ran. */
export interface CodeFiles {
  name: string;
  path: string;
  value: CodeFile[];
}

/** A column of a table. */
export interface Column {
  name: string;
  type: string;
}

/** A value in each of several jobs. */
export interface Compared {
  name: string;
  values: unknown[];
  same: boolean;
}

/** One of the jobs that are compared. */
export interface ComparedJob {
  name: string;
  display_name: string;
  experiment_name: string;
  label: string;
  created_at: string;
  created_by: string;
  duration_seconds: number | null;
  tags: Record<string, string>;
  steps: number;
  reused: number;
}

/** What a step logged, in each of several jobs. */
export interface ComparedOfStep {
  name: string;
  values: unknown[];
  same: boolean;
  step: string;
}

/** A step in each of several jobs. */
export interface ComparedStep {
  step: string;
  kind: string;
  change: string;
  labels: (string | null)[];
  durations: (number | null)[];
  jobs: (string | null)[];
  differences: Compared[];
}

/** In what jobs differ from the first of them. */
export interface Comparison {
  jobs: ComparedJob[];
  inputs: Compared[];
  settings: Compared[];
  params: ComparedOfStep[];
  metrics: ComparedOfStep[];
  steps: ComparedStep[];
  graph: GraphDifference[];
  yaml: YamlDifference[];
  code: CodeDifference[];
}

/** Where steps run, and how full it is. */
export interface Compute {
  id: string;
  name: string;
  type: string;
  min_instances: number;
  max_instances: number;
  provisioning_state: string;
  created_on: string | null;
  instance: Instance | null;
  slots: number;
  slots_in_use: number;
  description?: string;
  size?: string;
  tags?: Record<string, string>;
  warnings?: string[];
  [more: string]: unknown;
}

/** Every compute, this machine first. */
export interface ComputeList {
  value: Compute[];
}

/** Who made something, and when. */
export interface Creation {
  created_at: string;
  created_by: string;
  created_by_type: string;
}

/** Where data is; never what lets one in. */
export interface Datastore {
  id: string;
  name: string;
  type: string;
  is_default: boolean;
  credentials_type: string | null;
  description?: string;
  tags?: Record<string, string>;
  path?: string;
  [more: string]: unknown;
}

/** Every datastore, those first that are always there. */
export interface DatastoreList {
  value: Datastore[];
}

/** A pipeline that is being composed. `layout` is what its editor keeps of positions, and means nothing to us. */
export interface Draft {
  id: string;
  name: string;
  revision: number;
  created_at: string;
  created_by: string;
  modified_at: string;
  modified_by: string;
  archived: boolean;
  holder: string | null;
  held_by: string | null;
  main: string;
  file_count: number;
  origin: string;
  origin_name: string | null;
  text: string;
  layout: Record<string, unknown>;
  files: DraftFile[];
}

/** Everything that is wrong with a draft, in the order of its files. */
export interface DraftCheck {
  problems: DraftProblem[];
  errors: number;
  warnings: number;
  left_out: number;
}

/** A component file that a draft's pipeline names, and what registering it would do or did. */
export interface DraftComponent {
  file: string;
  steps: string[];
  name: string | null;
  version: string | null;
  type: string | null;
  display_name: string | null;
  description: string | null;
  code_files: number;
  code_bytes: number;
  state: string;
  reference: string | null;
  next_version: string | null;
  message: string | null;
  differs: string[];
  problems: DraftProblem[];
  warnings: string[];
  error: Problem | null;
}

/** The component files of a draft; `text` is its pipeline with references to those that are registered. */
export interface DraftComponents {
  components: DraftComponent[];
  registered: number;
  text: string;
  kept: string[];
  draft: DraftHead;
}

/** Why a save was refused (409): `stale-draft` or `draft-held`. With the state that there is now. */
export interface DraftConflict {
  error: Problem;
  draft: Draft;
}

/** A file that belongs to a draft: a component, or a piece of its code. */
export interface DraftFile {
  path: string;
  size: number;
  sha256: string;
  executable: boolean;
}

/** A draft without what is in it. */
export interface DraftHead {
  id: string;
  name: string;
  revision: number;
  created_at: string;
  created_by: string;
  modified_at: string;
  modified_by: string;
  archived: boolean;
  holder: string | null;
  held_by: string | null;
  main: string;
  file_count: number;
  origin: string;
  origin_name: string | null;
}

/** Drafts, changed last first. */
export interface DraftPage {
  value: DraftHead[];
  next: string | null;
}

/** What would be reused and what would run, and why; how long that took before; and the same as a command. */
export interface DraftPlan {
  steps: PlannedStep[];
  reused: number;
  running: number;
  seconds: number | null;
  without_time: number;
  problems: DraftProblem[];
  command: string;
}

/** What is wrong with a draft, and where. */
export interface DraftProblem {
  code: string;
  severity: string;
  message: string;
  expected: string | null;
  found: string | null;
  hint: string | null;
  file: string;
  path: unknown[];
  on_key: boolean;
  step: string | null;
  field: string | null;
  span: DraftSpan | null;
  related: DraftRelated[];
}

/** Why nothing can be planned or submitted (422, or 404 for what is not registered), problem by problem. */
export interface DraftRefusal {
  error: Problem;
  problems: DraftProblem[];
}

/** A second place that explains the first. */
export interface DraftRelated {
  message: string;
  span: DraftSpan | null;
}

/** An earlier state of a draft. */
export interface DraftRevision {
  revision: number;
  name: string;
  saved_at: string;
  saved_by: string;
  reason: string;
  size: number;
  job: string | null;
}

/** The states of a draft that are kept, newest first. */
export interface DraftRevisionList {
  value: DraftRevision[];
}

/** A stretch of text in one of the draft's files. Lines and columns count from 1; the end is exclusive. */
export interface DraftSpan {
  file: string;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}

/** The job that a draft became. `command` does the same to the exported draft. */
export interface DraftSubmitted {
  job: string;
  status: string;
  draft: DraftHead;
  problems: DraftProblem[];
  command: string;
}

export interface Edge {
  from: string;
  output: string;
  to: string;
  input: string;
}

/** A file of a folder; without a size, a folder in it. */
export interface Entry {
  name: string;
  size: number | null;
}

/** An environment that was made here, or is being made; `log` are whole lines from `log_from` on. */
export interface EnvironmentBuild {
  digest: string;
  state: string;
  resolved_by: string;
  label: string;
  started_at: string | null;
  ended_at: string | null;
  last_used_at: string | null;
  size: number | null;
  error: Refusal | null;
  lock: string[];
  log: string;
  log_next: number;
}

/** What an environment will be on this machine, and how far it is. */
export interface EnvironmentState {
  digest: string;
  resolved_by: string;
  warning: string | null;
  state: string;
  label?: string;
  started_at?: string | null;
  ended_at?: string | null;
  last_used_at?: string | null;
  size?: number | null;
  error?: Refusal | null;
  lock?: string[];
}

/** The one envelope of all errors. */
export interface ErrorAnswer {
  error: Problem;
}

/** A job's history. */
export interface EventList {
  value: EventRow[];
}

/** One fact of a job's history. */
export interface EventRow {
  seq: number;
  at: string;
  kind: string;
  step: string | null;
  attempt: number | null;
  data: Record<string, unknown>;
}

/** A mini-batch that failed for good. */
export interface FailedMiniBatch {
  index: number;
  items: number;
  files: string[];
  partition: Record<string, unknown> | null;
  tries: number;
  error: string;
  log: string | null;
}

/** A file that is not that of the first job; without lines when it is no text. */
export interface FileDifference {
  path: string;
  change: string;
  diff: string | null;
}

/** Files of a job or of an output. */
export interface FileList {
  value: FileRow[];
}

/** One file. */
export interface FileRow {
  path: string;
  size: number;
}

/** Some of what is directly in a folder; `next` is the `before` of what follows. */
export interface Folder {
  path: string;
  value: Entry[];
  next: string | null;
  left_out: number;
}

/** Two jobs' graphs as one. */
export interface GraphDifference {
  before: string;
  after: string;
  steps: GraphStep[];
  edges: GraphEdge[];
  order: GraphOrder[];
  inputs: GraphPort[];
  outputs: GraphPort[];
}

export interface GraphEdge {
  from: string;
  output: string;
  to: string;
  input: string;
  change: string;
}

export interface GraphOrder {
  from: string;
  to: string;
  change: string;
}

/** An input or output of the whole jobs. */
export interface GraphPort {
  name: string;
  values: unknown[];
  change: string;
}

/** A step of two graphs that lie over one another. */
export interface GraphStep {
  key: string;
  before: string | null;
  after: string | null;
  kind: string;
  change: string;
  differences: Compared[];
}

/** Something that a search found. */
export interface Hit {
  kind: string;
  name: string;
  display_name: string | null;
  detail: string | null;
  label?: string;
}

/** What a search found: names that begin with the words first. */
export interface HitList {
  value: Hit[];
}

/** What one instance of a compute has. */
export interface Instance {
  cpus: number | null;
  memory_gib: number | null;
  gpus: number;
}

/** How many items of the mini-batches are how. */
export interface ItemCounts {
  total: number;
  done: number;
  failed: number;
}

/** A job as `job show` prints it. */
export interface Job {
  id: string;
  name: string;
  display_name: string;
  experiment_name: string;
  description: string | null;
  type: string;
  status: string;
  label: string;
  tags: Record<string, string>;
  properties: Record<string, string>;
  creation_context: Creation;
  services: Record<string, unknown>;
  resourceGroup: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  compute: string | null;
  start_time: string | null;
  end_time: string | null;
  duration_seconds: number | null;
  error: JobError | null;
  archived: boolean;
  parent_job_name: string | null;
  root_job_name: string;
  step: string | null;
  [more: string]: unknown;
}

/** How many jobs there are, by status and in the largest experiments. */
export interface JobCounts {
  total: number;
  status: Record<string, number>;
  experiments: Record<string, number>;
}

/** What became of one of many jobs. */
export interface JobDone {
  name: string;
  status: string | null;
  label: string | null;
  error: JobRefusal | null;
}

/** Why a job failed, or what a step that is tried again waits for. */
export interface JobError {
  message: string;
  code?: string;
  hint?: string | null;
  exit_code?: number;
  signal?: string;
  failed_step?: string;
  failed_job?: string;
  last_lines?: string[];
  [more: string]: unknown;
}

/** A job as a picture: its steps, and what flows between them. */
export interface JobGraph {
  job: Card;
  steps: Step[];
  edges: Edge[];
  order: Order[];
  inputs: Port[];
  outputs: Port[];
  mark: string | null;
}

/** Some jobs, newest first. */
export interface JobPage {
  value: Job[];
  next: string | null;
}

/** Why a job was left as it was. */
export interface JobRefusal {
  code: string;
  message: string;
  hint: string | null;
}

/** What became of many jobs. */
export interface JobsDone {
  value: JobDone[];
}

/** Where a version comes from, and who uses it. */
export interface Lineage {
  produced_by: Origin | null;
  used_by: Use[];
  needed_by: string[];
  needs: Need[];
}

export interface LineageEdge {
  from: string;
  to: string;
  names: string[];
}

/** What a version or a job was made of, and what was made of it. */
export interface LineageGraph {
  of: string;
  depth: number;
  nodes: LineageNode[];
  edges: LineageEdge[];
  limit: number;
  truncated: boolean;
}

/** A version, a job, or an output that another job reads by its place. */
export interface LineageNode {
  id: string;
  kind: string;
  name: string;
  version: string | null;
  workspace: string | null;
  registry: string | null;
  level: number;
  display_name: string | null;
  type: string | null;
  label: string | null;
  created_at: string | null;
  is_gone: boolean;
  has_more_above: boolean;
  has_more_below: boolean;
}

/** One line of a log; of a very long one, its beginning. */
export interface LogLine {
  line: number;
  text: string;
  is_cut?: boolean;
}

/** Some lines of a log. */
export interface LogPage {
  value: LogLine[];
  line_count: number;
  size: number;
  next: number | null;
  is_complete: boolean;
  process_count: number;
}

/** The metrics of a job. */
export interface MetricList {
  value: MetricSummary[];
}

/** What is known of a metric; NaN and infinities are texts. */
export interface MetricSummary {
  key: string;
  latest: number | string;
  step: number;
  at: string | null;
  min: number | string | null;
  max: number | string | null;
  count: number;
}

/** How many mini-batches are how; those taken over from an earlier run are among those done. */
export interface MiniBatchCounts {
  total: number | null;
  done: number;
  failed: number;
  taken: number;
  retries: number;
}

/** A version that a version needs. */
export interface Need {
  role: string;
  id: string;
}

/** One instance of a compute, and who has it. */
export interface Node {
  node_id: string;
  node_state: string;
  current_job_name: string | null;
  run_id: string | null;
  root_job_name: string | null;
  step: string | null;
  cpus?: number[];
  gpus?: number[];
}

/** The instances of a compute. */
export interface NodeList {
  value: Node[];
}

export interface Order {
  from: string;
  to: string;
}

/** The step that wrote a version, and the job that it belongs to. */
export interface Origin {
  job: string;
  root_job: string | null;
  output: string;
}

/** What can be put into a pipeline: of each kind, used or made last first. */
export interface Palette {
  components: PaletteItem[];
  data: PaletteItem[];
  models: PaletteItem[];
  environments: PaletteItem[];
  computes: PaletteCompute[];
  experiments: string[];
}

/** A compute that a step may name. */
export interface PaletteCompute {
  name: string;
  type: string;
  slots: number;
}

/** A component, data or model as the Designer's palette shows it; by its newest version. */
export interface PaletteItem {
  kind: string;
  name: string;
  reference: string;
  registry: string | null;
  version: string | null;
  versions: string[];
  type: string | null;
  display_name: string | null;
  description: string | null;
  tags: Record<string, string>;
  inputs: Record<string, PalettePort>;
  outputs: Record<string, PalettePort>;
  changed_at: string;
  used_at: string | null;
}

/** What a component declares of an input or output; a key that it leaves out is missing. */
export interface PalettePort {
  type?: string;
  description?: string;
  optional?: boolean;
  default?: unknown;
  min?: unknown;
  max?: unknown;
  enum?: unknown[];
  mode?: string;
}

/** How far a parallel step is. */
export interface Parallel {
  job: string;
  step: string;
  name: string;
  status: string;
  label: string;
  format: number;
  state: string;
  message: string | null;
  started_at_ms: number | null;
  last_result_at_ms: number | null;
  updated_at_ms: number | null;
  mini_batches: MiniBatchCounts;
  items: ItemCounts;
  items_per_second: number | null;
  seconds_left: number | null;
  workers: number;
  crew: ParallelWorker[];
  failed: FailedMiniBatch[];
}

/** One worker of a parallel step; a process that takes another one's place goes on with its numbers. */
export interface ParallelWorker {
  worker: number;
  instance: number;
  process: number;
  pid: number | null;
  state: string;
  mini_batch: number | null;
  seconds: number | null;
  done: number;
  failed: number;
  items: number;
  busy_seconds: number;
  restarts: number;
  log: string;
  error_log: string;
}

/** One reason why a step runs, and what to do if that was not wanted. */
export interface PlanReason {
  code: string;
  message: string;
  hint?: string;
}

/** The earlier result that stands for a step. */
export interface PlanSource {
  name: string;
  job: string;
  step: string;
  ended_at: string | null;
}

/** What would become of a step if the draft were submitted now. */
export interface PlannedStep {
  step: string;
  decision: string;
  reasons: PlanReason[];
  source: PlanSource | null;
  seconds: number | null;
}

/** An input or output of a step, and its value. */
export interface Port {
  name: string;
  type?: string;
  mode?: string;
  value?: string | number | boolean;
  path?: string;
  uri?: string;
  source?: Source;
  registers?: string;
  [more: string]: unknown;
}

/** The first rows of a table. */
export interface Preview {
  name: string;
  version: string;
  type: string;
  columns: Column[];
  rows: Record<string, unknown>[];
  is_complete: boolean;
  is_cut: boolean;
  file_count: number;
}

/** What went wrong, and what to try. */
export interface Problem {
  code: string;
  message: string;
  hint: string | null;
  diagnostics?: Record<string, unknown>[];
}

/** The step that wrote a version. */
export interface Producer {
  job: string;
  output: string;
}

/** A datastore that answered and let us in. */
export interface Reached {
  name: string;
  is_reached: boolean;
}

/** Why an environment cannot be had. */
export interface Refusal {
  code: string;
  message: string;
  hint: string | null;
}

/** One iteration of a loop, or one item of a `parallel_for`. */
export interface Run {
  key: string;
  name: string | null;
  values: Record<string, unknown>;
  outputs: Record<string, unknown>;
  status: string;
  label: string;
  error: string | null;
  started_at: string | null;
  ended_at: string | null;
  duration_seconds: number | null;
}

/** The runs of a step that repeats its body. */
export interface Runs {
  job: string;
  step: string;
  name: string;
  of: string;
  status: string;
  label: string;
  total: number | null;
  done: number;
  completed: number;
  failed: number;
  condition: string | null;
  value: Run[];
}

/** The kinds of mapping that `GET /api/v1/schemas/{schema}` describes. */
export interface SchemaList {
  value: string[];
}

/** The output that an input reads. */
export interface Source {
  job: string;
  node: string;
  output: string;
}

/** A step of a job's graph. */
export interface Step {
  key: string;
  name: string;
  root: string;
  kind: string;
  display_name: string;
  status: string;
  label: string;
  started_at: string | null;
  ended_at: string | null;
  duration_seconds: number | null;
  error: JobError | null;
  attempt: number | null;
  phases: Record<string, string>;
  reused_from: string | null;
  component: string | null;
  driver: string | null;
  compute: string | null;
  inputs: Port[];
  outputs: Port[];
}

/** The metrics of one step. */
export interface StepMetrics {
  step: string;
  job: string;
  metrics: MetricSummary[];
}

/** The metrics of all steps of a job that logged any. */
export interface StepMetricsList {
  value: StepMetrics[];
}

/** An example that a draft can begin with. */
export interface Template {
  name: string;
  title: string;
  description: string;
  steps: number;
  file_count: number;
}

/** All of them. */
export interface TemplateList {
  value: Template[];
}

/** The files behind one place of a version's body. */
export interface Tree {
  role: string;
  component: string | null;
  path: string;
  place: string[];
  name: string;
  is_file: boolean;
  files: TreeFile[];
}

/** One file of a version. */
export interface TreeFile {
  path: string;
  size: number;
  sha256: string | null;
}

/** One trial of a sweep. */
export interface Trial {
  index: number;
  name: string;
  values: Record<string, string | number | boolean>;
  status: string;
  label: string;
  stop_reason: string | null;
  error: string | null;
  created_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  duration_seconds: number | null;
  metric: number | null;
  points: number;
  rank: number | null;
  is_best: boolean;
}

/** The trials of a sweep, and how it stands. */
export interface Trials {
  name: string;
  status: string;
  goal: string;
  primary_metric: string;
  search_space: Record<string, unknown>;
  max_total_trials: number;
  counts: Record<string, number>;
  best_trial: number | null;
  best_child_run_id: string | null;
  value: Trial[];
}

/** A job that uses a version. */
export interface Use {
  job: string;
  root_job: string;
  workspace: string;
  role: string;
}

/** A step that waits for an instance. */
export interface Waiting {
  job: string;
  root_job: string;
  step: string;
  waits_for: string;
}

/** The steps that wait for a compute. */
export interface WaitingList {
  value: Waiting[];
}

/** Why each step of a job ran, or which earlier result stood for it. */
export interface Why {
  name: string;
  display_name: string;
  status: string;
  steps: WhyStep[];
}

/** Why a step ran, in a word for programs and a sentence for people. */
export interface WhyReason {
  code: string;
  message: string;
  hint?: string | null;
}

/** Where the result of a reused step comes from; its name alone when that job is gone. */
export interface WhySource {
  name: string;
  job?: string;
  step?: string;
  ended_at?: string | null;
}

/** What was decided about a step, and why. */
export interface WhyStep {
  step: string;
  name: string;
  status: string;
  label: string;
  decision: string;
  reasons: WhyReason[];
  source: WhySource | null;
  key?: string | null;
  equal?: string[];
}

/** A workspace or a registry. */
export interface Workspace {
  id: string;
  name: string;
  display_name: string;
  description: string | null;
  tags: Record<string, string>;
  image_policy: string | null;
  creation_context: Birth;
  resourceGroup: string;
  mlflow_tracking_uri: string | null;
}

/** Every workspace, or every registry. */
export interface WorkspaceList {
  value: Workspace[];
}

/** Lines of a job's YAML that are not those of the first job. */
export interface YamlDifference {
  job: string;
  diff: string;
}
