/**
 * Parts of the page that are fetched when they are needed, while the server may be away. The bundler asks for each
 * stylesheet once: what did not arrive is asked for again here, before the part that needs it.
 */
const missing = new Set<HTMLLinkElement>();
const failed = new Set<() => void>();
let arriving: Promise<unknown> = Promise.resolve();

document.addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") missing.add(target);
  },
  true, // such events do not bubble
);

function fetchedAnew(link: HTMLLinkElement): Promise<unknown> {
  const fresh = link.cloneNode() as HTMLLinkElement;
  missing.delete(link);
  return new Promise((arrived, refused) => {
    fresh.addEventListener("load", arrived);
    fresh.addEventListener("error", () => refused(new Error(`${fresh.href} did not arrive`)));
    link.replaceWith(fresh);
  });
}

/** What `load` gives, and the stylesheets that failed before. Rejects where one of them fails again. */
export async function fetchPart<Part>(load: () => Promise<Part>): Promise<Part> {
  if (missing.size > 0) arriving = Promise.all([...missing].map(fetchedAnew));
  await arriving.catch((error: unknown) => {
    if (missing.size > 0) throw error;
  });
  return load();
}

/** `again` is called when the server is back, until what it gave is called. */
export function whenBack(again: () => void): () => void {
  failed.add(again);
  return () => failed.delete(again);
}

/** The server is back: what could not be fetched is fetched now. */
export function serverIsBack(): void {
  if (missing.size > 0) fetchPart(() => Promise.resolve()).catch(() => null); // the next part asks again
  for (const again of [...failed]) again();
}
