import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { KINDS } from "../api/assets";
import { registryOf } from "../api/client";
import { TITLE } from "../features/assets/words";
import { KeysButton } from "./KeysButton";
import { useLiveState } from "./live-state";
import { PaletteButton } from "./PaletteButton";
import { inWorkspace, useWorkspace } from "./workspace";

const WORDS = { live: "Live", reconnecting: "Reconnecting", offline: "Offline" } as const;
const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** The frame around every page: where one is, and whether what one sees is fresh. */
export function Shell() {
  const workspace = useWorkspace();
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <Link to="/" search={inWorkspace(workspace)} className="brand">
          <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
            <path
              fill="none"
              stroke="currentColor"
              strokeWidth="1.6"
              d="M4 3.5v3a2 2 0 0 0 2 2h4a2 2 0 0 1 2 2v2M4 8.500v4"
            />
            <circle cx="4" cy="3" r="2" fill="currentColor" />
            <circle cx="4" cy="13" r="2" fill="currentColor" />
            <circle cx="12" cy="13" r="2" fill="currentColor" />
          </svg>
          Pipeyard
        </Link>
        <Rail workspace={workspace} />
        <span className="space" />
        <PaletteButton />
        {workspace !== "default" && (
          <Link to="/workspaces" search={{ workspace }} className="muted">
            {registryOf(workspace) === null ? `workspace ${workspace}` : `registry ${registryOf(workspace)}`}
          </Link>
        )}
        <LiveMark />
        <KeysButton />
        <ThemeButton />
      </header>
      <main id="main" className="main">
        <Outlet />
      </main>
    </div>
  );
}

function Rail({ workspace }: { workspace: string }) {
  const search = inWorkspace(workspace);
  const isRegistry = registryOf(workspace) !== null;
  const rail = useRef<HTMLElement>(null);
  const path = useLocation({ select: (place) => place.pathname });
  // On a small screen the words are more than fit.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page, another word.
  useEffect(() => {
    rail.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [path]);
  // A job's page is one of theirs, though its address does not begin with that of the list.
  const ofJobs = /^\/(jobs|compare)\b/.test(path) ? { className: "active", "aria-current": "page" as const } : {};
  return (
    <nav className="rail" aria-label="Main" ref={rail}>
      {!isRegistry && (
        <Link to="/" search={search} activeOptions={{ exact: true, includeSearch: false }} {...ofJobs}>
          Jobs
        </Link>
      )}
      {!isRegistry && (
        <Link to="/designer" search={search} activeOptions={{ includeSearch: false }}>
          Designer
        </Link>
      )}
      {KINDS.map((kind) => (
        <Link key={kind} to="/assets/$kind" params={{ kind }} search={search} activeOptions={{ includeSearch: false }}>
          {TITLE[kind]}
        </Link>
      ))}
      {!isRegistry && (
        <>
          <Link to="/computes" search={search} activeOptions={{ includeSearch: false }}>
            Compute
          </Link>
          <Link to="/datastores" search={search} activeOptions={{ includeSearch: false }}>
            Datastores
          </Link>
        </>
      )}
    </nav>
  );
}

function LiveMark() {
  const { state } = useLiveState();
  return (
    <span role="status" className={`live ${state ?? ""}`}>
      {state !== null && (
        <>
          <span aria-hidden="true" className="dot" />
          {WORDS[state]}
        </>
      )}
    </span>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(
    () => (document.documentElement.dataset.theme as Theme | undefined) ?? "system",
  );
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] as Theme;
  const change = () => {
    if (next === "system") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem("pipeyard.theme");
    } else {
      document.documentElement.dataset.theme = next;
      localStorage.setItem("pipeyard.theme", next);
    }
    dispatchEvent(new Event("pipeyard-theme"));
    setTheme(next);
  };
  const Sign = { system: IconDeviceDesktop, light: IconSun, dark: IconMoon }[theme];
  return (
    <button
      type="button"
      className="button plain icon"
      onClick={change}
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
    >
      <Sign size={16} aria-hidden="true" />
    </button>
  );
}
