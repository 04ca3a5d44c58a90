import type { Compute } from "../../api/schema.gen";

/** How many of a compute's slots are taken, as a bar and in numbers. */
export function InUse({ compute }: { compute: Pick<Compute, "slots" | "slots_in_use"> }) {
  const { slots, slots_in_use: used } = compute;
  return (
    <>
      <meter min={0} max={Math.max(1, slots)} value={used} aria-label={`${used} of ${slots} slots in use`} /> {used} of{" "}
      {slots}
    </>
  );
}
