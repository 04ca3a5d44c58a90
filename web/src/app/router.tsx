import { createRootRoute, createRoute, createRouter, lazyRouteComponent, notFound } from "@tanstack/react-router";
import { KINDS } from "../api/assets";
import { JobsPage } from "../features/jobs/JobsPage";
import { count, flag, parseSearch, stringifySearch, text, texts } from "./address";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

export interface CommonSearch {
  workspace?: string | undefined;
}

export interface JobsSearch extends CommonSearch {
  q?: string | undefined;
  state?: string[] | undefined;
  experiment?: string | undefined;
  tag?: string | undefined;
  /** An age such as `7d`, or a date. */
  since?: string | undefined;
  until?: string | undefined;
  /** Absent: newest first. */
  sort?: string | undefined;
  archived?: boolean | undefined;
}

export interface JobSearch extends CommonSearch {
  view?: string | undefined;
  step?: string | undefined;
  tab?: string | undefined;
  /** Open groups; absent: as chosen by the page. */
  open?: string[] | undefined;
  line?: number | undefined;
  /** Whose log, where several processes share a step. */
  rank?: number | undefined;
  /** Of the code: the file that is shown. */
  file?: string | undefined;
  /** Of a sweep: what is chosen on its axes. */
  ranges?: string | undefined;
  /** The nested pipeline that the graph is of. */
  inside?: string | undefined;
  /** Steps that are looked for in the graph. */
  find?: string | undefined;
}

export type StepSearch = Pick<JobSearch, "workspace" | "tab" | "line" | "rank" | "file" | "ranges">;

export interface CompareSearch extends CommonSearch {
  /** The first is what the others are compared with. */
  jobs?: string[] | undefined;
  tab?: string | undefined;
  /** Also what is the same. */
  all?: boolean | undefined;
  /** Of the graphs: which two of the jobs, the step that is looked at, and the groups that are open. */
  pair?: string[] | undefined;
  step?: string | undefined;
  open?: string[] | undefined;
}

export interface AssetsSearch extends CommonSearch {
  q?: string | undefined;
  archived?: boolean | undefined;
}

export interface AssetSearch extends CommonSearch {
  version?: string | undefined;
  tab?: string | undefined;
  /** The version that this one is compared with. */
  with?: string | undefined;
  /** Of the lineage: kinds, a time, nodes of which more was asked for, and the one that is looked at. */
  kinds?: string[] | undefined;
  since?: string | undefined;
  more?: string[] | undefined;
  at?: string | undefined;
}

export interface LineageSearch extends CommonSearch, Pick<AssetSearch, "kinds" | "since" | "more" | "at"> {}

export interface DatastoreSearch extends CommonSearch {
  /** The folder that is looked into. */
  path?: string | undefined;
  /** The file of it that is shown. */
  file?: string | undefined;
}

export interface DraftsSearch extends CommonSearch {
  q?: string | undefined;
  archived?: true | undefined;
}

export interface DraftSearch extends CommonSearch {
  /** The text is shown beside the picture. */
  yaml?: true | undefined;
  /** It was brought from outside: what to do with its component files is asked first. */
  components?: true | undefined;
}

type Raw = Record<string, unknown>;
function knownKind<T extends { kind: string }>(params: T): T {
  if (!(KINDS as readonly string[]).includes(params.kind)) {
    throw notFound();
  }
  return params;
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const jobs = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: JobsPage,
  validateSearch: (raw: Raw): JobsSearch => ({
    workspace: text(raw.workspace),
    q: text(raw.q),
    state: texts(raw.state),
    experiment: text(raw.experiment),
    tag: text(raw.tag),
    since: text(raw.since),
    until: text(raw.until),
    sort: text(raw.sort),
    archived: flag(raw.archived),
  }),
});

const job = createRoute({
  getParentRoute: () => root,
  path: "/jobs/$name",
  component: lazyRouteComponent(() => import("../features/job/JobPage"), "JobPage"),
  validateSearch: (raw: Raw): JobSearch => ({
    workspace: text(raw.workspace),
    view: text(raw.view),
    step: text(raw.step),
    tab: text(raw.tab),
    open: texts(raw.open),
    line: count(raw.line),
    rank: count(raw.rank),
    file: text(raw.file),
    ranges: text(raw.ranges),
    inside: text(raw.inside),
    find: text(raw.find),
  }),
});

const step = createRoute({
  getParentRoute: () => root,
  path: "/jobs/$name/steps/$",
  component: lazyRouteComponent(() => import("../features/step/StepPage"), "StepPage"),
  validateSearch: (raw: Raw): StepSearch => ({
    workspace: text(raw.workspace),
    tab: text(raw.tab),
    line: count(raw.line),
    rank: count(raw.rank),
    file: text(raw.file),
    ranges: text(raw.ranges),
  }),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/compare",
  component: lazyRouteComponent(() => import("../features/compare/ComparePage"), "ComparePage"),
  validateSearch: (raw: Raw): CompareSearch => ({
    workspace: text(raw.workspace),
    jobs: texts(raw.jobs),
    tab: text(raw.tab),
    all: flag(raw.all),
    pair: texts(raw.pair),
    step: text(raw.step),
    open: texts(raw.open),
  }),
});

const assets = createRoute({
  getParentRoute: () => root,
  path: "/assets/$kind",
  component: lazyRouteComponent(() => import("../features/assets/AssetsPage"), "AssetsPage"),
  parseParams: knownKind,
  validateSearch: (raw: Raw): AssetsSearch => ({
    workspace: text(raw.workspace),
    q: text(raw.q),
    archived: flag(raw.archived),
  }),
});

const asset = createRoute({
  getParentRoute: () => root,
  path: "/assets/$kind/$name",
  component: lazyRouteComponent(() => import("../features/assets/AssetPage"), "AssetPage"),
  parseParams: knownKind,
  validateSearch: (raw: Raw): AssetSearch => ({
    workspace: text(raw.workspace),
    version: text(raw.version),
    tab: text(raw.tab),
    with: text(raw.with),
    kinds: texts(raw.kinds),
    since: text(raw.since),
    more: texts(raw.more),
    at: text(raw.at),
  }),
});

const lineage = createRoute({
  getParentRoute: () => root,
  path: "/lineage/$",
  component: lazyRouteComponent(() => import("../features/lineage/LineagePage"), "LineagePage"),
  validateSearch: (raw: Raw): LineageSearch => ({
    workspace: text(raw.workspace),
    kinds: texts(raw.kinds),
    since: text(raw.since),
    more: texts(raw.more),
    at: text(raw.at),
  }),
});

const computes = createRoute({
  getParentRoute: () => root,
  path: "/computes",
  component: lazyRouteComponent(() => import("../features/computes/ComputesPage"), "ComputesPage"),
  validateSearch: (raw: Raw): CommonSearch => ({ workspace: text(raw.workspace) }),
});

const compute = createRoute({
  getParentRoute: () => root,
  path: "/computes/$name",
  component: lazyRouteComponent(() => import("../features/computes/ComputePage"), "ComputePage"),
  validateSearch: (raw: Raw): CommonSearch => ({ workspace: text(raw.workspace) }),
});

const datastores = createRoute({
  getParentRoute: () => root,
  path: "/datastores",
  component: lazyRouteComponent(() => import("../features/datastores/DatastoresPage"), "DatastoresPage"),
  validateSearch: (raw: Raw): CommonSearch => ({ workspace: text(raw.workspace) }),
});

const datastore = createRoute({
  getParentRoute: () => root,
  path: "/datastores/$name",
  component: lazyRouteComponent(() => import("../features/datastores/DatastorePage"), "DatastorePage"),
  validateSearch: (raw: Raw): DatastoreSearch => ({
    workspace: text(raw.workspace),
    path: text(raw.path),
    file: text(raw.file),
  }),
});

const designer = createRoute({
  getParentRoute: () => root,
  path: "/designer",
  component: lazyRouteComponent(() => import("../features/designer/DraftsPage"), "DraftsPage"),
  validateSearch: (raw: Raw): DraftsSearch => ({
    workspace: text(raw.workspace),
    q: text(raw.q),
    archived: flag(raw.archived),
  }),
});

const draft = createRoute({
  getParentRoute: () => root,
  path: "/designer/$draft",
  component: lazyRouteComponent(() => import("../features/designer/DesignerPage"), "DesignerPage"),
  validateSearch: (raw: Raw): DraftSearch => ({
    workspace: text(raw.workspace),
    yaml: flag(raw.yaml),
    components: flag(raw.components),
  }),
});

const workspaces = createRoute({
  getParentRoute: () => root,
  path: "/workspaces",
  component: lazyRouteComponent(() => import("../features/workspaces/WorkspacesPage"), "WorkspacesPage"),
  validateSearch: (raw: Raw): CommonSearch => ({ workspace: text(raw.workspace) }),
});

export function makeRouter() {
  return createRouter({
    routeTree: root.addChildren([
      jobs,
      job,
      step,
      compare,
      assets,
      asset,
      lineage,
      computes,
      compute,
      datastores,
      datastore,
      designer,
      draft,
      workspaces,
    ]),
    defaultPreload: false,
    scrollRestoration: false,
    parseSearch,
    stringifySearch,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
