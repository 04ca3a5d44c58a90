import { Link } from "@tanstack/react-router";
import { inWorkspace } from "../../app/workspace";

interface LineageLinkProps {
  /** As in its address: `outputs/JOB/NAME`, `data/raw/1`. */
  of: string;
  /** What people call it. */
  name: string;
  workspace: string;
}

/** Leads to what something came of, and what came of it. */
export function LineageLink({ of, name, workspace }: LineageLinkProps) {
  return (
    <Link to="/lineage/$" params={{ _splat: of }} search={inWorkspace(workspace)} aria-label={`Lineage of ${name}`}>
      Lineage
    </Link>
  );
}
