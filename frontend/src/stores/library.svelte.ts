/** The experiments of one's own that the chooser lists; all of them are in the window of the library. */
import { get } from "../protocol/api";
import type { BookmarkInfo } from "../protocol/types";

const LISTED = 6;

class LibraryStore {
  /** Those that were changed last. */
  newest = $state.raw<BookmarkInfo[]>([]);

  /** Keeps what was known where the server does not answer: the chooser then only misses what is new. */
  async load(): Promise<void> {
    this.newest = await get<BookmarkInfo[]>(`/api/library?limit=${LISTED}`).catch(() => this.newest);
  }
}

export const library = new LibraryStore();
