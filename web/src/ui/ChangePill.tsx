import { CHANGE_WORDS, CHANGES, type Change } from "../domain/merged";

/** Whether something is in one of two, in both but different, or in both alike: in colour, sign and word. */
export function ChangePill({ change }: { change: Change }) {
  const { tone, mark } = CHANGES[change];
  return (
    <span className={`pill tone-${tone}`}>
      <span aria-hidden="true">{mark}</span>
      {CHANGE_WORDS[change]}
    </span>
  );
}
