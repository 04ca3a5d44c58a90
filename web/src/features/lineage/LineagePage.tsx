import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { KINDS } from "../../api/assets";
import { inWorkspace, useWorkspace } from "../../app/workspace";
import { type LineageSearch, LineageView } from "./LineageView";

/** What came of what, from one version or job on; all of it is in the address. */
export function LineagePage() {
  const { _splat: of = "" } = useParams({ from: "/lineage/$" });
  const search = useSearch({ from: "/lineage/$" });
  const navigate = useNavigate({ from: "/lineage/$" });
  const workspace = useWorkspace();
  const onChange = useCallback(
    (values: Partial<LineageSearch>) => navigate({ search: (before) => ({ ...before, ...values }), replace: true }),
    [navigate],
  );
  const [kind = "", name = "", version] = of.split("/");
  return (
    <div className="lineage-page">
      <title>{`Lineage of ${name} · Pipeyard`}</title>
      <div className="page-title">
        <h1>Lineage</h1>
        <span className="muted" aria-hidden="true">
          /
        </span>
        {kind === "jobs" ? (
          <Link to="/jobs/$name" params={{ name }} search={inWorkspace(workspace)}>
            {name}
          </Link>
        ) : (KINDS as readonly string[]).includes(kind) ? (
          <Link
            to="/assets/$kind/$name"
            params={{ kind, name }}
            search={{ ...inWorkspace(workspace), ...(version === undefined ? {} : { version }) }}
          >
            {name}:{version}
          </Link>
        ) : (
          <span className="breakable">{of}</span>
        )}
      </div>
      <div className="lineage-body">
        <LineageView key={of} of={of} workspace={workspace} search={search} onChange={onChange} />
      </div>
    </div>
  );
}
