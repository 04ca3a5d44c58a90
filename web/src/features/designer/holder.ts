/** The name by which this tab holds drafts: the same after a reload, another in each tab. */

const KEY = "pipeyard.holder";

export function holderOfTab(): string {
  const known = sessionStorage.getItem(KEY);
  if (known !== null) {
    return known;
  }
  const made = crypto.randomUUID();
  sessionStorage.setItem(KEY, made);
  return made;
}
