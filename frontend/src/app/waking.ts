/** Calls back whenever the page may have been without its connection: hidden, asleep, restored or without a network. */
export function onWake(wake: () => void): () => void {
  const visible = (): void => {
    if (!document.hidden) wake();
  };
  window.addEventListener("online", wake);
  window.addEventListener("pageshow", wake);
  document.addEventListener("visibilitychange", visible);
  document.addEventListener("resume", wake);
  return () => {
    window.removeEventListener("online", wake);
    window.removeEventListener("pageshow", wake);
    document.removeEventListener("visibilitychange", visible);
    document.removeEventListener("resume", wake);
  };
}
