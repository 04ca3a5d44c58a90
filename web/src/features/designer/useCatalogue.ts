import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { versionQuery } from "../../api/assets";
import { draftFileQuery, type Palette, type PaletteItem, type Draft as StoredDraft } from "../../api/drafts";
import type { AssetVersion } from "../../api/schema.gen";
import type { Catalogue, ComponentFacts } from "../../domain/draft/catalogue";
import { factsOfDocument } from "../../domain/draft/document";
import type { Pipeline } from "../../domain/draft/pipeline";
import { homeOf, LATEST, referenceTo } from "../../domain/draft/version";
import type { Ports } from "../../domain/interface";

/** What is known of the components that a draft uses and of those that it could: the palette's, and older versions of them. */
export function useCatalogue(
  workspace: string,
  draft: StoredDraft,
  pipeline: Pipeline,
  palette: Palette | undefined,
): Catalogue {
  const known = useMemo(() => paletteFacts(palette?.components ?? []), [palette]);
  const older = useOlder(pipeline, known);
  const files = useFiles(pipeline, draft);
  const versions = useQueries({
    queries: older.map(({ name, version, registry }) => ({
      ...versionQuery(homeOf(workspace, registry), "components", name, version),
      retry: false,
    })),
    combine: (answers) => answers.map((answer) => answer.data),
  });
  const texts = useQueries({
    queries: files.map(({ path }) => draftFileQuery(workspace, draft.id, path)),
    combine: (answers) => answers.map((answer) => answer.data),
  });
  // One text for what the answers are: they are made anew at each look.
  const state = JSON.stringify([older, versions.map((one) => one?.version ?? null), files, texts]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: *state* stands for them.
  return useMemo(() => {
    const components = new Map(known);
    older.forEach(({ text }, at) => {
      const asset = versions[at];
      if (asset !== undefined) {
        components.set(text, factsOfVersion(text, asset));
      }
    });
    files.forEach(({ text }, at) => {
      const facts = factsOfDocument(text, texts[at] ?? "");
      if (facts !== null) {
        components.set(text, facts);
      }
    });
    return {
      components,
      computes: palette?.computes.map((one) => one.name) ?? [],
      datastores: [],
      data: palette?.data.map((one) => one.reference) ?? [],
      models: palette?.models.map((one) => one.reference) ?? [],
      environments: palette?.environments.map((one) => one.reference) ?? [],
    };
  }, [known, palette, state]);
}

function paletteFacts(items: readonly PaletteItem[]): Map<string, ComponentFacts> {
  const found = new Map<string, ComponentFacts>();
  for (const item of items) {
    const facts: ComponentFacts = {
      reference: item.reference,
      name: item.name,
      version: item.version,
      type: item.type ?? "command",
      ...(item.display_name === null ? {} : { displayName: item.display_name }),
      ...(item.description === null ? {} : { description: item.description }),
      tags: item.tags,
      inputs: item.inputs as Ports,
      outputs: item.outputs as Ports,
      versions: item.versions,
    };
    found.set(item.reference, facts);
    const { name, registry } = item;
    found.set(referenceTo({ text: "", name, registry }, LATEST), facts);
    if (registry === null) {
      found.set(`azureml:${name}`, facts);
    } else {
      found.set(`azureml://registries/${registry}/components/${name}`, facts);
    }
  }
  return found;
}

interface Older {
  text: string;
  name: string;
  version: string;
  registry: string | null;
}

/** Versions that steps name and the palette does not show. */
function useOlder(pipeline: Pipeline, known: ReadonlyMap<string, ComponentFacts>): Older[] {
  const wanted = new Map<string, Older>();
  for (const { component } of pipeline.steps) {
    if (component?.kind === "registered" && component.version !== null && !known.has(component.text)) {
      const { text, name, version, registry } = component;
      wanted.set(text, { text, name, version, registry });
    }
  }
  return [...wanted.values()];
}

/** Component files of the draft that steps name. */
function useFiles(pipeline: Pipeline, draft: StoredDraft): { text: string; path: string }[] {
  const there = new Set(draft.files.map((file) => file.path));
  const wanted = new Map<string, string>();
  for (const { component } of pipeline.steps) {
    const path = component?.kind === "file" ? fileOf(draft, component.text) : null;
    if (component !== null && component.kind === "file" && path !== null && there.has(path)) {
      wanted.set(component.text, path);
    }
  }
  return [...wanted].map(([text, path]) => ({ text, path }));
}

/** Which file of a draft its text names; null: one outside of it. */
export const fileOf = (draft: StoredDraft, text: string): string | null =>
  joined(draft.main.split("/").slice(0, -1), text);

function joined(around: readonly string[], text: string): string | null {
  const parts = [...around];
  for (const part of text.replace(/^file:/, "").split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) {
        return null;
      }
    } else if (part !== "." && part !== "") {
      parts.push(part);
    }
  }
  return parts.join("/");
}

const factsOfVersion = (reference: string, asset: AssetVersion): ComponentFacts => ({
  reference,
  name: asset.name,
  version: asset.version,
  type: asset.type ?? "command",
  inputs: (asset.inputs ?? {}) as Ports,
  outputs: (asset.outputs ?? {}) as Ports,
});
