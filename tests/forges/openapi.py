"""GitHub's own OpenAPI description, cut to what prismafix asks for, and a server that holds requests against it."""

from __future__ import annotations

import copy
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
_PATHS = (
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/pulls",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
    "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers",
    "/repos/{owner}/{repo}/labels",
    "/repos/{owner}/{repo}/labels/{name}",
    "/repos/{owner}/{repo}/issues/{issue_number}/labels",
)
# With a pipe as its standard input it ends with whoever started it, also when that one is killed.
_START = (
    "process.stdin.on('end', () => process.exit()).resume(); process.argv.splice(1, 0, 'prism'); "
    "require('@stoplight/prism-cli/dist/index.js')"
)


def description() -> dict[str, Any]:
    """All 13 MB take prism a quarter of a minute; so the paths that are not used go, and what only they refer to."""
    file = HERE / "node_modules" / "@octokit" / "openapi" / "generated" / "api.github.com.json"
    if not file.is_file():
        raise RuntimeError(f"{HERE}: nothing is installed here; run `make node`")
    whole = json.loads(file.read_text("utf-8"))
    cut = {"openapi": whole["openapi"], "info": whole["info"], "components": {}}
    cut["paths"] = {path: whole["paths"][path] for path in _PATHS}
    waiting: list[Any] = [cut["paths"]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            waiting += node.values()
            if isinstance(node.get("$ref"), str):
                _, _, group, name = node["$ref"].split("/")
                of_group = cut["components"].setdefault(group, {})
                if name not in of_group:
                    of_group[name] = whole["components"][group][name]
                    waiting.append(of_group[name])
    return cut


def answer_schema(cut: dict[str, Any], path: str, method: str, status: int) -> dict[str, Any] | None:
    """A JSON schema for what GitHub answers, in which nothing is required; None where it is not described."""
    answer = cut["paths"][path][method.lower()]["responses"].get(str(status))
    if answer is None:
        return None
    if "$ref" in answer:
        answer = cut["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    if "content" not in answer:
        return None
    schema = copy.deepcopy({**answer["content"]["application/json"]["schema"], "components": cut["components"]})
    _relax(schema)
    return schema


def _relax(node: Any) -> None:
    if isinstance(node, list):
        for each in node:
            _relax(each)
    elif isinstance(node, dict):
        if isinstance(node.get("required"), list):
            del node["required"]
        for key in ("oneOf", "allOf"):  # without `required` more than one may fit
            if isinstance(node.get(key), list):
                node["anyOf"] = node.pop(key)
        nullable = node.get("nullable") is True
        for each in list(node.values()):
            _relax(each)
        if nullable:
            whole = dict(node)
            node.clear()
            node["anyOf"] = [whole, {"type": "null"}]


@contextmanager
def prism(cut: dict[str, Any], folder: Path) -> Iterator[str]:
    """The address of a prism that answers 422 to a request that `cut` does not allow, and says why in `sl-violations`.

    Without its `--errors`: GitHub's examples break GitHub's own description, and would be answered with 500."""
    file = folder / "description.json"
    file.write_text(json.dumps(cut), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = ["node", "-e", _START, "mock", "--host", "127.0.0.1", "--port", port, str(file)]
    log = folder / "prism.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            if process.poll() is not None or _answers(address):
                break
            time.sleep(0.1)
        if not _answers(address):
            raise RuntimeError(f"prism does not answer: {log.read_text('utf-8', 'replace')[-2000:]}")
        yield address
    finally:
        process.kill()
        process.communicate()


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True  # there is no such path, but somebody who says so
    except OSError:
        return False
    return True
