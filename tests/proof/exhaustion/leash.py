"""Runs a command for as long as somebody holds the other end of standard input: `python leash.py COMMAND…`.

The command and what it starts are killed when that ends, so also when a test is killed. Python's `Popen` cannot do
this: development servers start processes of their own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the command; the answer is its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(command.pid, signal.SIGKILL)

    def watch() -> None:
        sys.stdin.buffer.read()
        kill()

    threading.Thread(target=watch, daemon=True).start()
    code = command.wait()
    kill()
    return code


if __name__ == "__main__":
    sys.exit(main())
