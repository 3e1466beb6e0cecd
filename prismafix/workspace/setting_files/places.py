"""Where in a YAML, TOML or JSON file variables are set, by the kind of file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.workspace.setting_files.model import Found
from prismafix.workspace.setting_files.names import is_connection_string
from prismafix.workspace.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.workspace.model import Target
    from prismafix.workspace.setting_files.names import Kind
    from prismafix.workspace.setting_files.tree import Node


@dataclass(frozen=True, slots=True)
class _Place:
    """`way` leads to a mapping or list of variables: keys, `*` for any key, `#` for any item of a list. `where` names
    what it is for, with what the stars stood for. `inner` is the key of the value if each variable is a mapping."""

    way: str
    where: str = ""
    target: Target = "unknown"
    inner: str = ""


_FUNCTION = "Environment/Variables"
_PLACES: dict[Kind, tuple[_Place, ...]] = {
    # https://docs.docker.com/reference/compose-file/services/
    "compose": (
        _Place("services/*/environment", "service {0}", "server"),
        _Place("services/*/build/args", "build of service {0}", "server"),
    ),
    # https://www.serverless.com/framework/docs/providers/aws/guide/environment-variables
    "serverless": (
        _Place("provider/environment", "", "serverless"),
        _Place("functions/*/environment", "function {0}", "serverless"),
        _Place("functions/#/*/environment", "function {1}", "serverless"),
    ),
    # https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
    "sam": (
        _Place(f"Globals/Function/{_FUNCTION}", "", "serverless"),
        _Place(f"Resources/*/Properties/{_FUNCTION}", "function {0}", "serverless"),
        _Place("Resources/*/Properties/ContainerDefinitions/#/Environment", "container {1}", "server"),
        _Place("Parameters", "parameter", inner="Default"),
    ),
    "vercel": (_Place("env", "", "serverless"), _Place("build/env", "build", "serverless")),
    # https://docs.netlify.com/configure-builds/file-based-configuration/
    "netlify": (
        _Place("build/environment", "", "serverless"),
        _Place("context/*/environment", "context {0}", "serverless"),
    ),
    "fly": (_Place("env", "", "server"),),
    # https://developers.cloudflare.com/workers/wrangler/configuration/
    "wrangler": (_Place("vars", "", "edge"), _Place("env/*/vars", "environment {0}", "edge")),
    "github": (
        _Place("env"),
        _Place("jobs/*/env", "job {0}"),
        _Place("jobs/*/steps/#/env", "job {0}"),
        _Place("jobs/*/container/env", "job {0}"),
        _Place("jobs/*/services/*/env", "job {0}, service {1}"),
        _Place("runs/steps/#/env"),
    ),
    # https://circleci.com/docs/reference/configuration-reference/
    "circleci": (
        _Place("executors/*/environment", "executor {0}"),
        _Place("executors/*/docker/#/environment", "executor {0}"),
        _Place("commands/*/steps/#/run/environment", "command {0}"),
        _Place("jobs/*/environment", "job {0}"),
        _Place("jobs/*/docker/#/environment", "job {0}"),
        _Place("jobs/*/steps/#/run/environment", "job {0}"),
    ),
    # https://render.com/docs/blueprint-spec
    "render": (
        _Place("services/#/envVars", "service {0}", "server"),
        _Place("envVarGroups/#/envVars", "group {0}", "server"),
        _Place("projects/#/environments/#/services/#/envVars", "service {2}", "server"),
        _Place("projects/#/environments/#/envVarGroups/#/envVars", "group {2}", "server"),
    ),
    # https://cloud.google.com/appengine/docs/standard/reference/app-yaml,
    # https://docs.digitalocean.com/products/app-platform/reference/app-spec/
    "app": (
        _Place("env_variables", "", "server"),
        _Place("build_env_variables", "build"),
        _Place("envs", "", "server"),
        _Place("services/#/envs", "service {0}", "server"),
        _Place("workers/#/envs", "worker {0}", "server"),
        _Place("jobs/#/envs", "job {0}", "server"),
        _Place("functions/#/envs", "function {0}", "serverless"),
    ),
    "gitlab": (_Place("variables", inner="value"), _Place("*/variables", "job {0}", inner="value")),
}
_POD_WAYS = ("spec/template/spec", "spec", "spec/jobTemplate/spec/template/spec")
_KUBERNETES = (
    *(
        _Place(f"{way}/{containers}/#/env", "container {0}", "server")
        for way in _POD_WAYS
        for containers in ("containers", "initContainers")
    ),
    _Place("data", "", "server"),
    _Place("stringData", "", "server"),
)


def variables_in(kind: Kind, path: str, documents: list[Node]) -> list[Found]:
    """The variables that a file sets. A value that is there through an anchor counts once, where it is first used."""
    found: dict[int, Found] = {}
    for document in documents:
        for one in _in_document(kind, path, document):
            found.setdefault(one.start, one)
    return list(found.values())


def _in_document(kind: Kind, path: str, document: Node) -> Iterator[Found]:
    if kind in ("manifest", "app") and document.get("apiVersion") is not None and document.get("kind") is not None:
        yield from _kubernetes(document)
        return
    if kind == "manifest":
        kind = "sam"  # the same sections as any other template of CloudFormation
    if kind == "sam" and document.get("Resources") is None:
        return
    if kind == "serverless" and document.get("provider") is None and document.get("functions") is None:
        return
    for place in _PLACES[kind]:
        for names, nodes, container in _reached(document, place.way.split("/")):
            folder = _build_folder(kind, path, nodes)
            yield from _variables(container, kind, place, place.where.format(*names), folder)


def _kubernetes(document: Node) -> Iterator[Found]:
    kind, metadata = document.text_of("kind") or "", document.get("metadata")
    if kind == "List" and (items := document.get("items")) is not None:
        for item in items.items:
            yield from _kubernetes(item)
        return
    name = f"{kind} {metadata.text_of('name') or ''}".strip() if metadata is not None else kind
    for place in _KUBERNETES:
        if (place.way == "data" and kind != "ConfigMap") or (place.way == "stringData" and kind != "Secret"):
            continue  # `data` of a Secret is in base64
        for names, _, container in _reached(document, place.way.split("/")):
            where = f"{name}, {place.where.format(*names)}" if place.where else name
            yield from _variables(container, "manifest", place, where, None)


def _reached(node: Node, way: list[str]) -> Iterator[tuple[list[str], list[Node], Node]]:
    """What a way leads to, with what its stars stood for: their names and their nodes."""
    if not way:
        yield [], [], node
        return
    step, rest = way[0], way[1:]
    if step == "*":
        steps = node.entries
    elif step == "#":
        steps = [(item.text_of("name") or item.text_of("Name") or str(n), item) for n, item in enumerate(node.items)]
    else:
        inner = node.get(step)
        steps = [] if inner is None else [(step, inner)]
    for name, inner in steps:
        for names, nodes, found in _reached(inner, rest):
            yield ([name, *names], [inner, *nodes], found) if step in "*#" else (names, nodes, found)


def _variables(container: Node, kind: Kind, place: _Place, where: str, folder: str | None) -> Iterator[Found]:
    target = None if place.target == "unknown" else place.target
    for one in (*_of_mapping(container, kind, place), *_of_list(container, kind)):
        yield replace(one, where=where, folder=folder, target=target)


def _of_mapping(container: Node, kind: Kind, place: _Place) -> Iterator[Found]:
    for name, node in dict(container.entries).items():
        inner = node.get(place.inner) if place.inner else None
        if inner is not None or place.inner != "Default":  # a parameter without a default has no value
            yield from _one(name, inner or node, kind)


def _of_list(container: Node, kind: Kind) -> Iterator[Found]:
    """Items such as `NAME=value`, and mappings of a name and a value (or `valueFrom`)."""
    for item in container.items:
        if kind in ("render", "app"):
            yield from _keyed(item, kind)
            continue
        name = item.text_of("name") or item.text_of("Name")
        value = next((node for key, node in item.entries if key.lower() != "name"), None)
        if item.value is not None:
            yield _pair(item)
        elif name and value is not None:
            yield from _one(name, value, kind)


def _one(name: str, node: Node, kind: Kind) -> Iterator[Found]:
    """The variable `name` with a value of its own. What stands in for a value is a reference: Kubernetes' `valueFrom`,
    a function of CloudFormation, in Compose nothing at all (it is passed on)."""
    substituted = node.get("Fn::Sub")
    if substituted is not None and is_connection_string(substituted.value or ""):
        node = substituted
    if node.value is None or (node.is_null and kind == "compose"):
        yield Found(name, node.start, node.end, "", reference=True, context="fixed")
    elif not node.is_null:
        reference = bool(node.tag) and not (node.tag == "!Sub" and is_connection_string(node.value))
        reference = reference or (kind == "vercel" and node.value.startswith("@"))
        yield Found(name, node.start, node.end, node.value, node.quote, reference, context=node.context)


def _keyed(item: Node, kind: Kind) -> Iterator[Found]:
    """An item with a `key` and a `value`; what stands there instead of one says where it is kept (`fromDatabase`,
    `sync: false`)."""
    name, value = item.text_of("key"), item.get("value")
    if name and value is not None:
        yield from _one(name, value, kind)
    elif name:
        yield Found(name, item.start, item.end, "", reference=True, context="fixed")


def _pair(node: Node) -> Found:
    """The variable of an item `NAME=value`; one without a value is passed on."""
    name, sign, value = (node.value or "").partition("=")
    if not sign:
        return Found(name, node.start, node.end, "", node.quote, reference=True, context="fixed")
    context = f"{node.context} item" if node.context in ("block", "flow") else "fixed"
    return Found(name, node.start + len(name) + 1, node.end, value, node.quote, context=context)


def _build_folder(kind: Kind, path: str, nodes: list[Node]) -> str | None:
    """The folder of the code that a Compose service or a function is built from; None where that cannot be told."""
    if kind == "compose" and nodes:
        build = nodes[0].get("build")
        context = (build.value if build.value is not None else build.text_of("context")) if build is not None else None
        if context is None or "://" in context or "$" in context:
            return None
        folder = join(parent(path), context)
        dockerfile = build.text_of("dockerfile") if build is not None else None
        inner = parent(join(folder, dockerfile)) if dockerfile and "$" not in dockerfile else ""
        folder = inner or folder
    elif kind in ("render", "app") and nodes:
        root = nodes[-1].text_of("rootDir" if kind == "render" else "source_dir")
        if root is None:
            return None
        folder = join(parent(path) if kind == "render" else "", root.strip("/"))
    elif kind in ("sam", "manifest") and nodes:
        properties = nodes[0].get("Properties")
        code = properties.text_of("CodeUri") if properties is not None else None
        if code is None or "://" in code or "$" in code:
            return None
        folder = join(parent(path), code)
    else:
        return None
    return None if folder.startswith(("..", "/")) else folder
