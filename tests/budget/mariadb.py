"""A MariaDB of our own on the loopback interface, where Debian's packages are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = "no MariaDB here: apt-get install --no-install-recommends mariadb-server-core mariadb-client-core"
MOST = 20
"""Its `max_connections`."""
SECRET = "s3cr3t-of-maria"
USERS = ("shop", "worker")


def programs() -> tuple[str, str] | None:
    """`mariadbd` and `mariadb-install-db`; None where there are none."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
    found = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    return (found[0], found[1]) if found[0] and found[1] else None


@contextmanager
def mariadb() -> Iterator[int]:
    """The port of a server with `MOST` connections; each of `USERS` has the password `SECRET`. `worker` may see all
    processes."""
    found = programs()
    assert found is not None, MISSING
    server, install = found
    with tempfile.TemporaryDirectory(prefix="prismafix-maria-") as name, socket.socket() as probe:
        folder = Path(name)
        folder.chmod(0o755)
        data = folder / "data"
        owner = ["--user=nobody"] if os.geteuid() == 0 else []
        subprocess.run(
            [install, "--no-defaults", f"--datadir={data}", "--skip-test-db", *owner], check=True, capture_output=True
        )
        if owner:
            shutil.chown(folder, "nobody")
        start = folder / "start.sql"
        start.write_text(
            "".join(f"create user {user}@'%' identified by '{SECRET}';" + "\n" for user in USERS)
            + "grant process on *.* to worker@'%';\ncreate database shop;\n"
            + "grant all on shop.* to shop@'%', worker@'%';\n"
        )
        start.chmod(0o644)
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        process = subprocess.Popen(
            [
                *(server, "--no-defaults", f"--datadir={data}", f"--socket={folder}/socket", f"--port={port}"),
                *("--bind-address=127.0.0.1", f"--max-connections={MOST}", f"--init-file={start}", *owner),
                *("--innodb-buffer-pool-size=8M", "--skip-log-bin", f"--pid-file={folder}/pid"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=(folder / "output").open("wb"),
        )
        try:
            _wait(port, process, folder / "output")
            yield port
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _wait(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    import pymysql

    while process.poll() is None:
        with suppress(pymysql.err.Error, OSError):
            pymysql.connect(host="127.0.0.1", port=port, user="shop", password=SECRET).close()
            return
        time.sleep(0.1)
    raise RuntimeError(output.read_text(errors="replace")[-2000:])
