import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { JobPage } from "../features/job/JobPage";
import { JobsPage } from "../features/jobs/JobsPage";
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
  archived?: boolean | undefined;
}

export interface JobSearch extends CommonSearch {
  view?: string | undefined;
  step?: string | undefined;
  tab?: string | undefined;
  /** Open groups; absent: as chosen by the page. */
  open?: string[] | undefined;
  line?: number | undefined;
}

type Raw = Record<string, unknown>;
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
const texts = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.map(String) : typeof value === "string" && value !== "" ? value.split(",") : undefined;

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
    archived: raw.archived === true || raw.archived === "true" ? true : undefined,
  }),
});

const job = createRoute({
  getParentRoute: () => root,
  path: "/jobs/$name",
  component: JobPage,
  validateSearch: (raw: Raw): JobSearch => ({
    workspace: text(raw.workspace),
    view: text(raw.view),
    step: text(raw.step),
    tab: text(raw.tab),
    open: texts(raw.open),
    line: typeof raw.line === "number" ? raw.line : undefined,
  }),
});

export function makeRouter() {
  return createRouter({ routeTree: root.addChildren([jobs, job]), defaultPreload: false, scrollRestoration: false });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
