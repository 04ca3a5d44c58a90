import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { inWorkspace } from "../../app/workspace";
import type { LineageNode } from "../../domain/lineage";

/** The page of a version, of a job, or of the step that wrote an output. */
export function NodeLink({ node, children }: { node: LineageNode; children: ReactNode }) {
  const { kind, name, version, registry, workspace } = node;
  if (node.is_gone) {
    return <span>{children}</span>;
  }
  if (kind === "jobs" || kind === "outputs") {
    return (
      <Link to="/jobs/$name" params={{ name }} search={inWorkspace(workspace ?? "default")}>
        {children}
      </Link>
    );
  }
  const where = registry === null ? (workspace ?? "default") : `registry:${registry}`;
  return (
    <Link
      to="/assets/$kind/$name"
      params={{ kind, name }}
      search={{ ...inWorkspace(where), ...(version === null ? {} : { version }) }}
    >
      {children}
    </Link>
  );
}
