import { agoText, timeText } from "../domain/format";
import { useNow } from "./useNow";

/** How long ago, with the exact time for who points at it. */
export function Ago({ time }: { time: string | null | undefined }) {
  const now = useNow(10_000);
  return time ? (
    <time dateTime={time} title={timeText(time)}>
      {agoText(time, now)}
    </time>
  ) : null;
}
