import { useEffect, useMemo, useState } from "react";
import { checkDraft, type DraftProblem } from "../../api/drafts";
import type { ProblemCount } from "../../canvas/DraftCanvas";

const QUIET_MS = 250;

export interface Problems {
  /** Null: not known yet. Those of the text before stay until the answer is there. */
  list: readonly DraftProblem[] | null;
  leftOut: number;
  /** By step, those inside of it included. */
  byStep: ReadonlyMap<string, ProblemCount>;
  /** What is said of a field of a step; with the field "", of the step as a whole. */
  of(step: string, field: string): readonly string[];
}

/** The server's checker, asked a moment after each change of the text. */
export function useProblems(workspace: string, id: string, text: string, isBroken: boolean): Problems {
  const [answer, setAnswer] = useState<{ list: readonly DraftProblem[] | null; leftOut: number }>({
    list: null,
    leftOut: 0,
  });
  useEffect(() => {
    if (isBroken) {
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      checkDraft(workspace, id, text, stop.signal)
        .then((check) => setAnswer({ list: check.problems, leftOut: check.left_out }))
        .catch(() => undefined);
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [workspace, id, text, isBroken]);
  return useMemo(() => {
    const list = answer.list ?? [];
    return {
      ...answer,
      byStep: counted(list),
      of: (step, field) =>
        list.flatMap((one) =>
          (one.step ?? "") === step && isField(one.field ?? "", field) && one.severity === "error" ? [one.message] : [],
        ),
    };
  }, [answer]);
}

const isField = (said: string, field: string): boolean =>
  field === "" ? said === "" : said === field || said.startsWith(`${field}.`);

function counted(problems: readonly DraftProblem[]): Map<string, ProblemCount> {
  const found = new Map<string, ProblemCount>();
  for (const problem of problems) {
    const parts = problem.step === null ? [] : problem.step.split("/");
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const key = parts.slice(0, depth).join("/");
      const { errors, warnings } = found.get(key) ?? { errors: 0, warnings: 0 };
      const isError = problem.severity === "error";
      found.set(key, { errors: errors + (isError ? 1 : 0), warnings: warnings + (isError ? 0 : 1) });
    }
  }
  return found;
}
