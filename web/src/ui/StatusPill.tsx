import { IconRecycle } from "@tabler/icons-react";
import { lookOf, withoutMark } from "../domain/status";

/** A state in colour, sign and word. */
export function StatusPill({
  label,
  isFramed = false,
  isReused = false,
}: {
  label: string;
  isFramed?: boolean;
  isReused?: boolean;
}) {
  const look = lookOf(label);
  return (
    <span className={`pill tone-${look.tone}${isFramed ? " framed" : ""}`}>
      <span aria-hidden="true">{look.mark}</span>
      {withoutMark(label)}
      {(isReused || label !== withoutMark(label)) && (
        <span className="reused muted" title="the result of an earlier job was used">
          <IconRecycle size={13} aria-hidden="true" /> reused
        </span>
      )}
    </span>
  );
}
