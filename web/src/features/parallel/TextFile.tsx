import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { fileAddress, filesQuery } from "../../api/jobs";
import { Skeleton } from "../../ui/Skeleton";

const END_BYTES = 64 * 1024;
const POLL_MS = 2000;

interface TextFileProps {
  workspace: string;
  /** The job that has the file. */
  name: string;
  path: string;
  label: string;
  /** It is still being written. */
  isLive?: boolean;
}

/** The end of a text that a step wrote; as text, whatever is in it. */
export function TextFile({ workspace, name, path, label, isLive = false }: TextFileProps) {
  const files = useQuery({ ...filesQuery(workspace, name), refetchInterval: isLive ? POLL_MS : false });
  const size = files.data?.find((file) => file.path === path)?.size ?? 0;
  const address = fileAddress(workspace, name, path);
  const text = useQuery({
    // A longer file is read again.
    queryKey: ["end", address, size],
    enabled: size > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const range = `bytes=${Math.max(0, size - END_BYTES)}-${size - 1}`;
      const answer = await fetch(address, { headers: { range }, credentials: "same-origin", signal });
      if (!answer.ok) {
        throw new Error(`the server answered ${answer.status}`);
      }
      return answer.text();
    },
  });
  const problem = files.error ?? text.error;
  if (problem !== null) {
    return <p className="tone-bad">{problem.message}</p>;
  }
  if (files.data !== undefined && size === 0) {
    return <p className="muted">Nothing was written.</p>;
  }
  if (text.data === undefined) {
    return <Skeleton lines={3} />;
  }
  return (
    <>
      {size > END_BYTES && (
        <p className="muted small">
          The last {END_BYTES / 1024} KiB. <a href={address}>Download all of it</a>
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reached by keys. */}
      <section className="batch-log" tabIndex={0} aria-label={label}>
        <pre className="code-block wrapped">{text.data}</pre>
      </section>
    </>
  );
}
