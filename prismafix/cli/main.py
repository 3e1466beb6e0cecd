"""The console script. Nothing heavy is imported before it is known that it is needed: `--version` answers at once."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from prismafix import __version__
from prismafix.errors import UserError

if TYPE_CHECKING:
    from types import FrameType

TRACEBACK = "PRISMAFIX_TRACEBACK"


def run() -> None:
    """The console script. Ends the process: 0 nothing left to do, 1 findings remain, 2 wrong use, 130 interrupted."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"prismafix {__version__}")
        sys.exit(0)
    signal.signal(signal.SIGINT, _interrupted)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # else `nohup` has its reasons
        signal.signal(signal.SIGHUP, _interrupted)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # file names and sources may hold anything
    code: str | int | None = 0
    try:
        from prismafix.cli.app import app

        app(prog_name="prismafix")
    except SystemExit as end:
        code = end.code
    except UserError as error:
        _complain(str(error))
        code = 2
    except BrokenPipeError:
        code = 1
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        _complain(
            f"{type(error).__name__}: {error}: this is a defect of prismafix, and nothing more was changed; "
            f"{TRACEBACK}=1 prismafix … shows where, for a report"
        )
        code = 2
    sys.exit(_flushed(code))


def _complain(text: str) -> None:
    from prismafix.report.words import visible

    print("prismafix: " + visible(" ".join(text.split())), file=sys.stderr)


def _interrupted(signum: int, frame: FrameType | None) -> None:
    """Ctrl-C, or the terminal was closed: half-written fixes are rolled back on the way out."""
    sys.exit(128 + signum)


def _flushed(code: str | int | None) -> str | int | None:
    """`code`, after the output is out. A reader that went away (`| head`) is no error worth a message."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or 1
    return code
