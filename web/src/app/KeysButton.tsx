import { IconKeyboard } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { inWorkspace, useWorkspace } from "./workspace";

const KeysDialog = lazy(() => import("./KeysDialog"));
const PAIR_MS = 1200;
const ASSETS: Record<string, string> = { c: "components", a: "data", e: "environments", m: "models" };

/** The keys of every page, and the list of them. A key in a text field is a letter. */
export function KeysButton() {
  const [isOpen, setOpen] = useState(false);
  const goAt = useRef(0);
  const navigate = useNavigate();
  const workspace = useWorkspace();
  useEffect(() => {
    const go = (key: string): boolean => {
      const search = inWorkspace(workspace);
      const kind = ASSETS[key];
      if (kind !== undefined) {
        navigate({ to: "/assets/$kind", params: { kind }, search });
      } else if (key === "j") {
        navigate({ to: "/", search });
      } else if (key === "u") {
        navigate({ to: "/computes", search });
      } else if (key === "d") {
        navigate({ to: "/designer", search });
      } else if (key === "s") {
        navigate({ to: "/datastores", search });
      } else {
        return false;
      }
      return true;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isWriting(event.target) ||
        document.querySelector("dialog[open]")
      ) {
        return;
      }
      const isSecond = event.timeStamp - goAt.current < PAIR_MS;
      goAt.current = 0;
      if (isSecond && go(event.key)) {
        event.preventDefault();
      } else if (event.key === "?") {
        setOpen(true);
      } else if (event.key === "/") {
        const filter = document.querySelector<HTMLInputElement>("[data-filter]");
        if (filter !== null) {
          event.preventDefault();
          filter.focus();
          filter.select();
        }
      } else if (event.key === "g" && !(event.target as Element | null)?.closest?.(".log")) {
        goAt.current = event.timeStamp;
      }
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [navigate, workspace]);
  return (
    <>
      <button
        type="button"
        className="button plain icon keys-button"
        aria-label="Keys"
        title="Keys (?)"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <IconKeyboard size={17} aria-hidden="true" />
      </button>
      {isOpen && (
        <Suspense>
          <KeysDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
