/** What to type for what was done on a page. */

const SAFE = /^[\w@%+=:,./-]+$/;

/** One word as a shell takes it. */
export function shellWord(text: string): string {
  return SAFE.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A line of the command line; of a workspace other than the default one it names that too. */
export function commandOf(workspace: string, ...words: string[]): string {
  const where = workspace === "default" ? [] : ["--workspace-name", workspace];
  return ["pipeyard", ...words, ...where].map(shellWord).join(" ");
}
