import { type QueryClient, queryOptions, useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { stringify } from "yaml";
import { versionQuery } from "../../api/assets";
import { draftFileQuery, type Draft as StoredDraft } from "../../api/drafts";
import type { AssetVersion } from "../../api/schema.gen";
import type { Catalogue, ComponentFacts } from "../../domain/draft/catalogue";
import type { Step } from "../../domain/draft/pipeline";
import { factsOf } from "../../domain/draft/ports";
import { type Draft, readDraft } from "../../domain/draft/read";
import { isInsideOf } from "../../domain/draft/spots";
import { isFoldable, unfolded, wantedDocuments } from "../../domain/draft/unfold";
import { fileOf } from "./useCatalogue";
import type { DraftWork } from "./useDraftWork";

export interface Folds {
  /** The draft with the steps of components that are drawn open: those are only shown. */
  shown: Draft;
  /** The steps whose insides are only shown. */
  foreign: ReadonlySet<string>;
  canFold(key: string): boolean;
  isOpen(key: string): boolean;
  /** Draw a pipeline open where it stands, or as a card again. */
  toggle(key: string): void;
  /** The text of a pipeline that is written elsewhere. */
  textOf(step: Step): Promise<string>;
}

/** Which nested pipelines are drawn open, and what is in those that are written elsewhere. */
export function useFolds(workspace: string, stored: StoredDraft, work: DraftWork, catalogue: Catalogue): Folds {
  const client = useQueryClient();
  const { draft } = work.history.now;
  const { open } = work;
  const [asked, setAsked] = useState<readonly Step[]>([]);
  const queryOf = useCallback(
    (step: Step) => documentQuery(client, workspace, stored, step, factsOf(step, catalogue)),
    [client, workspace, stored, catalogue],
  );
  const answers = useQueries({
    queries: asked.map(queryOf),
    combine: (all) => all.map(({ data, isError }) => data ?? (isError ? "" : null)),
  });
  // One text for what the answers are: they are made anew at each look.
  const state = JSON.stringify(answers);
  // biome-ignore lint/correctness/useExhaustiveDependencies: *state* stands for the answers.
  const documents = useMemo(
    () =>
      new Map(
        asked.flatMap(({ component }, at) => {
          const text = answers[at];
          return text && component !== null && "text" in component
            ? [[component.text, readDraft(text).pipeline] as const]
            : [];
        }),
      ),
    [asked, state],
  );
  const { draft: shown, foreign } = useMemo(() => unfolded(draft, open, documents), [draft, open, documents]);
  useEffect(() => {
    const known = new Set(asked.map(nameOf));
    const missing = wantedDocuments(shown.pipeline, open, catalogue).filter((step) => !known.has(nameOf(step)));
    if (missing.length > 0) {
      setAsked([...asked, ...new Map(missing.map((step) => [nameOf(step), step])).values()]);
    }
  }, [shown, open, catalogue, asked]);
  const failed = asked.find((_, at) => answers[at] === "");
  const failedName = failed === undefined ? null : nameOf(failed);
  const { refuse } = work;
  useEffect(() => {
    if (failedName !== null) {
      refuse(`what is in ${failedName} could not be read`);
    }
  }, [failedName, refuse]);

  return useMemo(() => {
    const stepOf = (key: string) => shown.pipeline.byKey.get(key);
    const canFold = (key: string) => {
      const step = stepOf(key);
      return step !== undefined && isFoldable(step, catalogue);
    };
    return {
      shown,
      foreign,
      canFold,
      isOpen: (key) => open.has(key) && stepOf(key)?.inner != null,
      toggle: (key) => {
        if (!canFold(key)) {
          return;
        }
        const isClosing = open.has(key);
        work.fold(key, !isClosing);
        if (isClosing && work.selected.some((one) => isInsideOf(one, new Set([key])))) {
          work.select([key]);
        }
        keepFocus(key);
      },
      textOf: (step) => client.fetchQuery(queryOf(step)),
    };
  }, [shown, foreign, catalogue, open, work, client, queryOf]);
}

const nameOf = ({ component }: Step): string => (component !== null && "text" in component ? component.text : "");

/** The card becomes a frame, and the frame a card: whoever is on one of them is on the other then. */
function keepFocus(key: string): void {
  if (document.activeElement?.closest(".draft-canvas") === null) {
    return;
  }
  requestAnimationFrame(() =>
    document
      .querySelector<HTMLElement>(`.draft-canvas [data-key="${CSS.escape(key)}"]`)
      ?.focus({ preventScroll: true }),
  );
}

function documentQuery(
  client: QueryClient,
  workspace: string,
  stored: StoredDraft,
  { component }: Step,
  facts: ComponentFacts | undefined,
) {
  const path = component?.kind === "file" ? fileOf(stored, component.text) : null;
  const [name, version] = [facts?.name ?? "", facts?.version ?? ""];
  return queryOptions({
    queryKey: ["document", workspace, ...(path === null ? [name, version] : [stored.id, path])],
    queryFn: async (): Promise<string> =>
      path === null
        ? documentOf(await client.fetchQuery(versionQuery(workspace, "components", name, version)))
        : ((await client.fetchQuery(draftFileQuery(workspace, stored.id, path))) ?? ""),
    retry: false,
  });
}

/** A registered pipeline as it would be written. */
function documentOf({ name, version, display_name, description, inputs, outputs, jobs }: AssetVersion): string {
  const head = { name, version, type: "pipeline", display_name, description };
  const given = Object.entries({ ...head, inputs, outputs, jobs }).filter(([, value]) => value != null);
  return stringify(Object.fromEntries(given), { lineWidth: 0 });
}
