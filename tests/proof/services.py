"""A PgBouncer or a MariaDB of our own: like `server.py`, it is gone when standard input ends.

`python services.py pgbouncer|mariadbd` takes settings as one line of JSON, and prints one line of JSON when the service
answers: host, port, user and password. Settings are those of the program, and win over those below. Two are ours, for
PgBouncer: `server`, where its PostgreSQL is (as `server.py` prints it), whose user and password it takes over.

On a free port of the loopback interface, in a temporary folder, as an ordinary user when started by root.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from packages import Program, UnavailableError, find
from server import ServerError, die_with_parent, free_port, owner, serve

if TYPE_CHECKING:
    from pathlib import Path

USER = "proof"
LOOPBACK = "127.0.0.1"
PGBOUNCER = {
    "listen_addr": LOOPBACK,
    "unix_socket_dir": "",
    "auth_type": "scram-sha-256",
    "pool_mode": "transaction",
    "max_client_conn": 1000,
    "admin_users": USER,
    # pg sends it when it connects.
    "ignore_startup_parameters": "extra_float_digits",
}
MARIADB = {
    "bind-address": LOOPBACK,
    "skip-name-resolve": 1,
    "innodb-buffer-pool-size": "16M",
    "innodb-log-file-size": "4M",
    # Nothing has to survive a crash.
    "innodb-flush-log-at-trx-commit": 0,
    "innodb-flush-method": "nosync",
}
_TABLES = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
_PATIENCE = 60
_TRIES = 5


def _pgbouncer(folder: Path, program: Program, port: int, place: dict[str, str], settings: dict[str, Any]) -> list[str]:
    server = settings["server"]
    (folder / "users.txt").write_text(f'"{place["user"]}" "{place["password"]}"\n')
    given = {**PGBOUNCER, "listen_port": port, "auth_file": folder / "users.txt", **settings}
    written = "\n".join(f"{name} = {value}" for name, value in given.items() if name != "server")
    text = f"[databases]\n* = host={server['host']} port={server['port']}\n\n[pgbouncer]\n{written}\n"
    (folder / "pgbouncer.ini").write_text(text)
    return [str(program.path), str(folder / "pgbouncer.ini")]


def _mariadb(folder: Path, program: Program, port: int, place: dict[str, str], settings: dict[str, Any]) -> list[str]:
    usr = program.path.parents[1]
    (folder / "data").mkdir(exist_ok=True)
    given = {
        "basedir": usr, "lc-messages-dir": usr / "share" / "mysql", "datadir": folder / "data",
        "socket": folder / "socket", "pid-file": folder / "pid", "port": port, **MARIADB, **settings,
    }  # fmt: skip
    return [str(program.path), "--no-defaults", *(f"--{name}={value}" for name, value in given.items())]


def _bootstrap(folder: Path, command: list[str], place: dict[str, Any], share: Path, how: dict[str, Any]) -> None:
    """The tables that MariaDB keeps its users in, and one user."""
    account = f"'{place['user']}'@'{LOOPBACK}'"
    script = "\n".join([
        "create database mysql;",
        "use mysql;",
        *((share / name).read_text() for name in _TABLES),
        "flush privileges;",
        f"create user {account} identified by '{place['password']}';",
        f"grant all on *.* to {account} with grant option;\n",
    ])  # fmt: skip
    made = subprocess.run([*command, "--bootstrap"], input=script, capture_output=True, text=True, check=False, **how)
    if made.returncode:
        raise ServerError(f"MariaDB makes no tables:\n{made.stdout}{made.stderr}"[-4000:])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
        return True
    return False


def _serve(folder: Path, name: str, settings: dict[str, Any]) -> None:
    program = _placed(find(name), folder)
    how: dict[str, Any] = {"cwd": folder, "env": program.environment(), **owner()}
    command_for = {"pgbouncer": _pgbouncer, "mariadbd": _mariadb}[name]
    place = settings.get("server") or {"user": USER, "password": secrets.token_hex(16)}
    service = None
    for _ in range(_TRIES):
        port = free_port()
        command = command_for(folder, program, port, place, settings)
        _hand_over(folder)
        if name == "mariadbd" and service is None:
            _bootstrap(folder, command, place, program.path.parents[1] / "share" / "mysql", how)
        service = _start(folder, command, port, how)
        if service.poll() is None:
            break
    else:
        raise ServerError(f"{name} does not start:\n{(folder / 'output').read_text(errors='replace')[-4000:]}")
    try:
        where = {"host": LOOPBACK, "port": port, "user": place["user"], "password": place["password"]}
        print(json.dumps(where), flush=True)
        sys.stdin.buffer.read()
    finally:
        service.kill()
        service.wait()


def _start(folder: Path, command: list[str], port: int, how: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The service, once it answers on `port`; it has ended when it does not, for the port is taken by then."""
    with (folder / "output").open("ab") as output:
        service = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGKILL), **how,
        )  # fmt: skip
    deadline = time.monotonic() + _PATIENCE
    while service.poll() is None and not _answers(port):
        if time.monotonic() > deadline:
            service.kill()
            service.wait()
        time.sleep(0.02)
    return service


def _placed(program: Program, folder: Path) -> Program:
    """What was unpacked, copied below `folder`: whom the service runs as may have no way into the checkout."""
    if program.root is None:
        return program
    root = folder / "root"
    shutil.copytree(program.root, root, symlinks=True, ignore=shutil.ignore_patterns("doc", "man", "etc"))
    return Program(root / program.path.relative_to(program.root), root)


def _hand_over(folder: Path) -> None:
    """Make the one whom the service runs as the owner of its files."""
    who = owner()
    for path in (folder, *folder.iterdir()) if who else ():
        os.chown(path, who["user"], who["group"])


def main() -> int:
    """Serve until standard input ends."""
    name, settings = sys.argv[1], json.loads(sys.stdin.readline())
    return serve(lambda folder: _serve(folder, name, settings), UnavailableError)


if __name__ == "__main__":
    sys.exit(main())
