import { IconChevronDown, IconChevronRight, IconFile, IconFolder } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/client";
import { folderQuery } from "../../api/datastores";
import { sizeText } from "../../domain/format";
import { Skeleton } from "../../ui/Skeleton";

export interface StoreTreeProps {
  workspace: string;
  name: string;
  /** Path of the file that is shown. */
  chosen: string | undefined;
  /** Folder that is opened at first, with those around it. */
  openAtFirst: string;
  onChoose(path: string): void;
  onOpen(path: string): void;
}

/** The folders of a datastore; what is in one is asked for when it is opened, some at a time. */
export function StoreTree(props: StoreTreeProps) {
  return <Inside {...props} path="" />;
}

function Inside({ path, ...props }: StoreTreeProps & { path: string }) {
  const query = useInfiniteQuery(folderQuery(props.workspace, props.name, path));
  if (query.isPending) {
    return <Skeleton lines={2} />;
  }
  const pages = query.data?.pages ?? [];
  const entries = pages.flatMap((page) => page.value);
  const leftOut = pages.reduce((sum, page) => sum + page.left_out, 0);
  const here = path === "" ? "" : `${path}/`;
  return (
    <>
      <ul>
        {entries.map(({ name, size }) =>
          size === null ? (
            <Branch key={`${name}/`} {...props} path={here + name} label={name} />
          ) : (
            <li key={name}>
              <button
                type="button"
                className="files-row"
                aria-current={here + name === props.chosen}
                title={here + name}
                onClick={() => props.onChoose(here + name)}
              >
                <IconFile size={14} aria-hidden="true" />
                <span className="name">{name}</span>
                <span className="muted small">{sizeText(size)}</span>
              </button>
            </li>
          ),
        )}
      </ul>
      {entries.length === 0 && !query.isError && leftOut === 0 && <p className="muted small">Empty.</p>}
      {query.isError && <Refused problem={query.error} onRetry={() => query.refetch()} />}
      {query.hasNextPage && (
        <button
          type="button"
          className="button small"
          disabled={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Show more<span className="hidden"> of {path || props.name}</span>
        </button>
      )}
      {leftOut > 0 && (
        <p className="muted small">
          {leftOut === 1 ? "1 name is" : `${leftOut} names are`} left out: no path can say it.
        </p>
      )}
    </>
  );
}

function Branch({ path, label, ...props }: StoreTreeProps & { path: string; label: string }) {
  const [isOpen, setOpen] = useState(`${props.openAtFirst}/`.startsWith(`${path}/`));
  const Sign = isOpen ? IconChevronDown : IconChevronRight;
  const toggle = () => {
    setOpen(!isOpen);
    if (!isOpen) {
      props.onOpen(path);
    }
  };
  return (
    <li>
      <button type="button" className="files-row" aria-expanded={isOpen} title={path} onClick={toggle}>
        <Sign size={14} aria-hidden="true" />
        <IconFolder size={14} aria-hidden="true" />
        <span className="name">{label}</span>
      </button>
      {isOpen && (
        <div className="files-inner">
          <Inside {...props} path={path} />
        </div>
      )}
    </li>
  );
}

/** Why a folder could not be listed, and what to check. */
export function Refused({ problem, onRetry }: { problem: Error; onRetry(): void }) {
  return (
    <div className="notice bad small" role="alert">
      <p>{problem.message}</p>
      {problem instanceof ApiError && problem.hint !== null && <p className="muted">{problem.hint}</p>}
      <button type="button" className="button small" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
