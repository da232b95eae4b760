/** A folder that somebody chose or dropped, as files with their paths. */
import type { Packed } from "./zip";

export interface Found {
  path: string;
  file: File;
}

const hidden = (path: string): boolean => path.split("/").some((part) => part.startsWith("."));

/** From a chooser of folders. */
export const chosen = (files: Iterable<File>): Found[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })).filter(({ path }) => !hidden(path));

/** From what was dropped: folders are gone through. */
export async function dropped(items: DataTransferItemList): Promise<Found[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map(inside))).flat().filter(({ path }) => !hidden(path));
}

async function inside(entry: FileSystemEntry): Promise<Found[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Found[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...(await Promise.all(some.map(inside))).flat());
  }
}

/** The bytes of every file, in the order of their paths. */
export async function read(found: readonly Found[]): Promise<Packed[]> {
  const sorted = [...found].sort((one, other) => (one.path < other.path ? -1 : 1));
  const packed: Packed[] = [];
  for (const { path, file } of sorted) packed.push({ path, data: new Uint8Array(await file.arrayBuffer()) });
  return packed;
}

/** What is shown as its name: the folder's own. */
export const nameOf = (found: readonly Found[]): string => found[0]?.path.split("/")[0] ?? "pictures";
