import {
  IconBox,
  IconCube,
  IconDatabase,
  IconDeviceDesktop,
  IconFile,
  IconFolder,
  IconPencil,
  IconPlayerPlay,
  IconStack3,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { KINDS, type Kind } from "../api/assets";
import { registryOf } from "../api/client";
import { type Hit, searchQuery } from "../api/search";
import { ONE, TITLE } from "../features/assets/words";
import { StatusPill } from "../ui/StatusPill";
import { inWorkspace, useWorkspace } from "./workspace";
import "./palette.css";

const WAIT_MS = 120;

interface Choice {
  id: string;
  Icon: typeof IconFile;
  what: string;
  title: string;
  note: string;
  label?: string | undefined;
  go(): void;
}

/** Goes anywhere by a few letters: pages at once, and whatever the server finds. */
export default function Palette({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const workspace = useWorkspace();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const asked = useSettled(text.trim());
  const found = useQuery(searchQuery(workspace, asked));
  const pages = usePages(workspace, onClose);
  const goTo = useGoTo(workspace, onClose);
  useEffect(() => dialog.current?.showModal(), []);
  const hits = text.trim() === "" ? [] : (found.data ?? []);
  const choices = [
    ...pages.filter((page) => page.title.toLowerCase().includes(text.trim().toLowerCase())),
    ...hits.map((hit) => choiceOf(hit, () => goTo(hit))),
  ];
  const chosen = choices[Math.min(at, choices.length - 1)];
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && choices.length > 0) {
      event.preventDefault();
      setAt((Math.min(at, choices.length - 1) + step + choices.length) % choices.length);
    } else if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      chosen.go();
    }
  };
  const isSearching = text.trim() !== "" && (found.isFetching || asked !== text.trim());
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Search or jump to"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
      onKeyDown={onKeyDown}
    >
      <input
        className="palette-field"
        type="search"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        aria-activedescendant={chosen === undefined ? undefined : id + chosen.id}
        aria-label="Jobs, drafts, assets, computes, pages"
        placeholder="Jobs, drafts, assets, computes, pages"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
      />
      <div className="palette-list" role="listbox" id={`${id}list`} aria-label="Found" ref={list}>
        {choices.map((choice) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys, as a combobox does.
          <div
            key={choice.id}
            id={id + choice.id}
            role="option"
            aria-selected={choice === chosen}
            tabIndex={-1}
            onClick={choice.go}
          >
            <choice.Icon size={15} stroke={1.6} className="palette-icon" aria-hidden />
            <span className="muted small palette-what">{choice.what}</span>
            <span className="palette-title">{choice.title}</span>
            <span className="muted small">{choice.note}</span>
            {choice.label !== undefined && <StatusPill label={choice.label} />}
          </div>
        ))}
      </div>
      <p className="palette-foot muted small" role="status">
        {found.isError
          ? found.error.message
          : choices.length > 0 || isSearching
            ? "Arrows choose, Enter opens, Esc closes"
            : "Nothing is found"}
      </p>
    </dialog>
  );
}

function choiceOf(hit: Hit, go: () => void): Choice {
  const title = hit.display_name ?? hit.name;
  // What a draft is called in its address says nothing to anybody.
  const note = [title === hit.name || hit.kind === "drafts" ? "" : hit.name, hit.detail ?? ""]
    .filter((one) => one !== "")
    .join(" · ");
  const what = WORD[hit.kind] ?? hit.kind;
  return { id: `${hit.kind} ${hit.name}`, Icon: ICON[hit.kind] ?? IconFile, what, title, note, label: hit.label, go };
}

const WORD: Record<string, string> = {
  ...ONE,
  jobs: "job",
  drafts: "draft",
  computes: "compute",
  datastores: "datastore",
};

const ICON: Record<string, typeof IconFile> = {
  jobs: IconPlayerPlay,
  drafts: IconPencil,
  components: IconBox,
  data: IconDatabase,
  environments: IconStack3,
  models: IconCube,
  computes: IconDeviceDesktop,
  datastores: IconFolder,
};

function useGoTo(workspace: string, onClose: () => void): (hit: Hit) => void {
  const navigate = useNavigate();
  const search = inWorkspace(workspace);
  return ({ kind, name }) => {
    onClose();
    switch (kind) {
      case "jobs":
        navigate({ to: "/jobs/$name", params: { name }, search });
        break;
      case "drafts":
        navigate({ to: "/designer/$draft", params: { draft: name }, search });
        break;
      case "computes":
        navigate({ to: "/computes/$name", params: { name }, search });
        break;
      case "datastores":
        navigate({ to: "/datastores/$name", params: { name }, search });
        break;
      default:
        navigate({ to: "/assets/$kind/$name", params: { kind: kind as Kind, name }, search });
    }
  };
}

function usePages(workspace: string, onClose: () => void): Choice[] {
  const navigate = useNavigate();
  const search = inWorkspace(workspace);
  const page = (title: string, go: () => void): Choice => ({
    id: `page ${title}`,
    Icon: IconFile,
    what: "page",
    title,
    note: "",
    go: () => {
      onClose();
      go();
    },
  });
  const assets = KINDS.map((kind) =>
    page(TITLE[kind], () => navigate({ to: "/assets/$kind", params: { kind }, search })),
  );
  const others = page("Workspaces and registries", () => navigate({ to: "/workspaces", search }));
  if (registryOf(workspace) !== null) {
    return [...assets, others];
  }
  return [
    page("Jobs", () => navigate({ to: "/", search })),
    page("Designer", () => navigate({ to: "/designer", search })),
    ...assets,
    page("Compute", () => navigate({ to: "/computes", search })),
    page("Datastores", () => navigate({ to: "/datastores", search })),
    others,
  ];
}

/** A text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
