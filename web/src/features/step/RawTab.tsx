import type { Job } from "../../api/jobs";
import { Copy } from "../../ui/Copy";
import { Skeleton } from "../../ui/Skeleton";

export function RawTab({ job }: { job: Job | undefined }) {
  if (job === undefined) {
    return <Skeleton lines={8} />;
  }
  const text = JSON.stringify(job, null, 2);
  return (
    <div className="stack">
      <Copy text={text} />
      <pre className="code-block">{text}</pre>
    </div>
  );
}
