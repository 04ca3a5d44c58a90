/** Files that somebody chose or dropped, each with its path in the folder that was chosen. */

import type { NewFile } from "../../api/drafts";

export interface Picked {
  path: string;
  file: File;
}

/** What nobody wants in a draft, and every working folder has; the server leaves the same out of a zip. */
const LEFT_OUT = new Set(["__pycache__", ".git", ".venv", ".ipynb_checkpoints", "__MACOSX", ".DS_Store"]);

export const isZip = (files: readonly Picked[]): boolean =>
  files.length === 1 && /\.zip$/i.test(files[0]?.file.name ?? "");

export const sizeOf = (files: readonly Picked[]): number => files.reduce((sum, { file }) => sum + file.size, 0);

/** What an input of files has; of a folder, without its name. */
export const chosenFiles = (list: FileList | null): Picked[] =>
  wanted(
    [...(list ?? [])].map((file) => ({
      path: file.webkitRelativePath.split("/").slice(1).join("/") || file.name,
      file,
    })),
  );

/** What was dropped: files, and folders with what is in them. Of one folder alone, without its name. */
export async function droppedFiles(data: DataTransfer): Promise<Picked[]> {
  // Asked before the first pause: afterwards the browser has forgotten them.
  const items = [...data.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const below = items.map(
    async ({ entry, file }): Promise<Picked[]> =>
      // What is in no folder of this machine has no entry.
      entry !== null ? filesBelow(entry, "") : file !== null ? [{ path: file.name, file }] : [],
  );
  const found = (await Promise.all(below)).flat();
  const isOneFolder = items.length === 1 && items[0]?.entry?.isDirectory === true;
  return wanted(isOneFolder ? found.map((one) => ({ ...one, path: one.path.replace(/^[^/]*\//, "") })) : found);
}

const wanted = (files: Picked[]): Picked[] =>
  files
    .filter(({ path }) => !path.split("/").some((part) => LEFT_OUT.has(part)))
    .sort((one, other) => (one.path < other.path ? -1 : 1));

async function filesBelow(entry: FileSystemEntry, above: string): Promise<Picked[]> {
  const path = `${above}${entry.name}`;
  if (LEFT_OUT.has(entry.name)) {
    return [];
  }
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Picked[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) {
      return found;
    }
    found.push(...(await Promise.all(some.map((one) => filesBelow(one, `${path}/`)))).flat());
  }
}

export async function sent({ path, file }: Picked): Promise<NewFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return { path, base64: btoa(text) };
}
