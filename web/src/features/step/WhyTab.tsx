import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { whyQuery } from "../../api/jobs";
import type { Step } from "../../domain/job";
import { Ago } from "../../ui/Ago";
import { Skeleton } from "../../ui/Skeleton";
import { Trouble } from "../../ui/Trouble";

/** Why the step ran, or whose result was used instead. The words are the server's: `pipeyard job why` prints the same. */
export function WhyTab({ step, workspace }: { step: Step; workspace: string }) {
  const why = useQuery(whyQuery(workspace, step.root));
  if (why.isError) {
    return <Trouble what="The reasons" problem={why.error} onRetry={() => why.refetch()} />;
  }
  if (why.data === undefined) {
    return <Skeleton lines={4} />;
  }
  const found = why.data.find((one) => one.step === step.key);
  const source = found?.source;
  return (
    <div className="stack">
      {found?.decision === "reused" && source ? (
        <>
          <p>
            Reused from{" "}
            {source.job === undefined ? (
              <>{source.name}, whose job is gone.</>
            ) : (
              <>
                <Link to="/jobs/$name" params={{ name: source.job }} search={{ step: source.step }}>
                  {source.job}
                </Link>
                , which ended <Ago time={source.ended_at ?? null} />.
              </>
            )}
          </p>
          {found.equal !== undefined && <p className="muted">The same: {found.equal.join(", ")}.</p>}
        </>
      ) : found?.decision === "ran" ? (
        <p>It ran because</p>
      ) : (
        <p className="muted">Not decided: the step waits for its inputs, or never came so far.</p>
      )}
      <ul className="reasons">
        {(found?.reasons ?? []).map((reason) => (
          <li key={`${reason.code} ${reason.message}`}>
            {reason.message}
            {reason.hint && <span className="muted small"> {reason.hint}</span>}
          </li>
        ))}
      </ul>
      <p className="muted small">
        <code>pipeyard job why -n {step.root}</code> says it of every step.
      </p>
    </div>
  );
}
