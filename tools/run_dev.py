"""``make dev``: the page from the server, its scripts from Vite with hot reload. Ctrl-C ends both.

.venv/bin/python tools/run_dev.py [arguments of torchglass serve]
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import nodejs
from house import FRONTEND, SCRIPTS, ToolError, fail, say

VITE_PORT = 5173


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Return once something listens on 127.0.0.1:port; raises `ToolError` when the process ends or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ToolError(f"Vite ended with status {process.returncode}; is port {port} taken?")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise ToolError(f"Vite did not listen on port {port} within {seconds:.0f} s")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and insist after 5 s."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    """Start Vite from the real node binary, then the server; end both when either ends."""
    with nodejs.environment() as env:
        vite = [str(nodejs.node_binary()), "node_modules/vite/bin/vite.js", "--port", str(VITE_PORT), "--strictPort"]
        processes = [subprocess.Popen(vite, cwd=FRONTEND, env=env, stdin=subprocess.DEVNULL)]
        try:
            wait_for_port(VITE_PORT, processes[0])
            say(f"Vite serves the scripts on port {VITE_PORT}; open the address that the server prints")
            assets = ["--dev-assets", f"http://127.0.0.1:{VITE_PORT}"]
            processes.append(subprocess.Popen([SCRIPTS / "torchglass", "serve", *assets, *sys.argv[1:]]))
            while all(process.poll() is None for process in processes):
                time.sleep(0.3)
        except KeyboardInterrupt:
            say("Stopping")
        except ToolError as error:
            fail(str(error))
        finally:
            for process in reversed(processes):
                end(process)


if __name__ == "__main__":
    main()
