/** Files, named by paths, as folders in folders. */

export interface SizedFile {
  path: string;
  size: number;
}

export interface Folder {
  name: string;
  path: string;
  folders: Folder[];
  files: SizedFile[];
  /** Everything below it. */
  count: number;
  size: number;
}

/** The folder that holds all files; folders and files are sorted by name. */
export function folderOf(files: readonly SizedFile[]): Folder {
  const root = emptyFolder("", "");
  const known = new Map<string, Folder>([["", root]]);
  for (const file of files) {
    const folder = folderAt(known, parentPath(file.path));
    folder.files.push(file);
  }
  close(root);
  return root;
}

export const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const parentPath = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
const emptyFolder = (name: string, path: string): Folder => ({ name, path, folders: [], files: [], count: 0, size: 0 });
const order = new Intl.Collator("en", { numeric: true });

function folderAt(known: Map<string, Folder>, path: string): Folder {
  const found = known.get(path);
  if (found !== undefined) {
    return found;
  }
  const folder = emptyFolder(fileName(path), path);
  known.set(path, folder);
  folderAt(known, parentPath(path)).folders.push(folder);
  return folder;
}

function close(folder: Folder): void {
  folder.folders.sort((one, other) => order.compare(one.name, other.name));
  folder.files.sort((one, other) => order.compare(one.path, other.path));
  for (const inner of folder.folders) {
    close(inner);
    folder.count += inner.count;
    folder.size += inner.size;
  }
  folder.count += folder.files.length;
  folder.size += folder.files.reduce((sum, file) => sum + file.size, 0);
}
