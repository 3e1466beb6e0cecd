"""How many instances of its functions a deployment file lets AWS Lambda start.

The Serverless Framework (`serverless.yml`, `serverless.json`): https://www.serverless.com/framework/docs/providers/aws/guide/functions
AWS SAM (`template.yaml`): https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
Stacks of the AWS CDK are not among them, though what they set for a function's environment is read
(`setting_files.cdk`): there a request reaches a function through constructs that are handed the function's variable
(`new LambdaRestApi(this, "api", { handler })`, `fn.addEventSource(…)`), caps come from properties that differ by stage,
and one `new` in a loop is many functions. Which functions are started from outside, and how many there are, the text
does not say, and without both neither PF601 nor PF602 would be true.
Reserved concurrency is a cap, provisioned concurrency is none: what it does not cover is started on demand (AWS, Lambda
developer guide, "Understanding reserved concurrency" and "Configuring provisioned concurrency").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from prismafix.workspace.functions import SAM_NAMES, SERVERLESS_NAMES, handler_modules
from prismafix.workspace.model import Evidence
from prismafix.workspace.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.workspace.workspace import Workspace

Form = Literal["serverless", "sam"]
Node = Any
MappingNode = Any
"""Nodes of PyYAML's tree, whose types do not tell what they have."""

CAPS: dict[Form, str] = {"serverless": "reservedConcurrency", "sam": "ReservedConcurrentExecutions"}
"""The key that caps a function."""

_READ = tuple(name for name in (*SERVERLESS_NAMES, *SAM_NAMES) if name.endswith((".yml", ".yaml", ".json")))
# What starts as many instances as there are requests, messages or objects. Schedules and streams do not: a schedule
# starts one, a stream one per shard.
_OUTSIDE: dict[Form, frozenset[str]] = {
    "serverless": frozenset(
        (
            "http",
            "httpApi",
            "alb",
            "websocket",
            "sns",
            "sqs",
            "s3",
            "eventBridge",
            "cognitoUserPool",
            "alexaSkill",
            "iot",
        )
    ),
    "sam": frozenset(
        ("Api", "HttpApi", "SNS", "SQS", "S3", "EventBridgeRule", "CloudWatchEvent", "Cognito", "AlexaSkill", "IoTRule")
    ),
}
_MARK = b"\xef\xbb\xbf"
_POOLER = re.compile(rb"AWS::RDS::DBProxy\b|\.proxy-[\w-]+\.[\w-]+\.rds\.amazonaws\.com|pgbouncer", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CloudFunction:
    """One function of a deployment file. `line` is 1-based. `module` is its handler's source file, None where that
    cannot be told. `cap` is the number of instances it is held to, `span` the bytes of that number (0, 0 where it is
    nowhere); `capped`: something holds it, perhaps to a number that the file does not say. `from_outside`: requests,
    messages or objects start it, as many instances as there are at once."""

    name: str
    line: int
    module: str | None
    cap: int | None
    capped: bool
    provisioned: int | None
    from_outside: bool
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Deployment:
    """The functions of one file. `pooler`: the file itself makes or names a pooler for the database (RDS Proxy)."""

    path: str
    form: Form
    functions: tuple[CloudFunction, ...]
    pooler: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """Where a function is declared: its key, and the mapping that its cap stands in, as nodes of the YAML tree."""

    name: str
    key: Node
    settings: MappingNode


def deployments(workspace: Workspace) -> tuple[Deployment, ...]:
    """The deployment files of the workspace that can be read, by path. Those written in code are not evaluated."""
    shown = {unit.evidence.path for unit in workspace.units}
    shown |= {evidence.path for package in workspace.packages for evidence in package.target_evidence}
    sources = frozenset(workspace.source_files)
    found = []
    for path in sorted(path for path in shown if path.rpartition("/")[2] in _READ):
        try:
            data = workspace.read(path)
        except OSError:
            continue
        one = _deployment(sources, path, data)
        if one is not None:
            found.append(one)
    return tuple(found)


def form_of(path: str) -> Form:
    """Which kind of deployment file this is, by its name."""
    return "serverless" if path.rpartition("/")[2] in SERVERLESS_NAMES else "sam"


def declared(text: str, form: Form) -> tuple[Declared, ...]:
    """The functions that a file declares, in their order. Nodes count characters of `text`, which is without a byte
    order mark. Empty where it does not parse, or is not for AWS Lambda."""
    root = _mapping(_composed(text))
    if root is None:
        return ()
    return tuple(_of_serverless(root) if form == "serverless" else _of_sam(root))


def value_at(mapping: MappingNode, key: str) -> Node | None:
    """The value of a key of the mapping itself, what `<<` merges left out."""
    return next((value for name, value in mapping.value if name.value == key), None)


@cache
def _loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """The safe loader; only asked for nodes."""

    return Loader


def _composed(text: str) -> Node | None:
    import yaml  # slow to import

    try:
        return yaml.compose(text, Loader=_loader())
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _mapping(node: Node | None) -> MappingNode | None:
    return node if node is not None and node.id == "mapping" else None


def _child(mapping: MappingNode | None, key: str) -> MappingNode | None:
    return _mapping(_find(mapping, key)) if mapping is not None else None


def _find(mapping: MappingNode, key: str) -> Node | None:
    """The value of a key, of the mapping itself or of what it merges."""
    own = value_at(mapping, key)
    if own is not None:
        return own
    for name, merged in mapping.value:
        if name.tag == "tag:yaml.org,2002:merge":
            for one in merged.value if merged.id == "sequence" else (merged,):
                found = _find(one, key) if one.id == "mapping" else None
                if found is not None:
                    return found
    return None


def _of_serverless(root: MappingNode) -> Iterator[Declared]:
    provider = _find(root, "provider")
    name = _find(provider, "name") if provider is not None and provider.id == "mapping" else provider
    if name is None or name.value != "aws":
        return
    functions = _find(root, "functions")
    if functions is None:
        return
    for group in functions.value if functions.id == "sequence" else (functions,):  # a list of mappings is merged
        for key, value in group.value if group.id == "mapping" else ():
            if value.id == "mapping":
                yield Declared(str(key.value), key, value)


def _of_sam(root: MappingNode) -> Iterator[Declared]:
    resources = _child(root, "Resources")
    for key, value in resources.value if resources is not None else ():
        resource = _mapping(value)
        kind = _find(resource, "Type") if resource is not None else None
        properties = _child(resource, "Properties")
        if kind is not None and kind.value == "AWS::Serverless::Function" and properties is not None:
            yield Declared(str(key.value), key, properties)


def _deployment(sources: frozenset[str], path: str, data: bytes) -> Deployment | None:
    form = form_of(path)
    text = data.decode("utf-8-sig", "replace")
    mark = len(_MARK) if data.startswith(_MARK) else 0
    root = _mapping(_composed(text))
    found = declared(text, form)
    if root is None or not found:
        return None
    shared = _child(_child(root, "Globals"), "Function") if form == "sam" else None
    # Raw CloudFormation beside the functions (`resources.extensions`) may cap any of them.
    elsewhere = form == "serverless" and "ReservedConcurrentExecutions" in text
    functions = []
    for one in found:
        cap = _either(one.settings, shared, CAPS[form])
        provisioned = _either(
            one.settings, shared, "provisionedConcurrency" if form == "serverless" else "ProvisionedConcurrencyConfig"
        )
        if form == "sam" and provisioned is not None and provisioned.id == "mapping":
            provisioned = _find(provisioned, "ProvisionedConcurrentExecutions")
        functions.append(
            CloudFunction(
                name=one.name,
                line=one.key.start_mark.line + 1,
                module=_module(sources, path, form, one, shared),
                cap=_number(cap),
                capped=cap is not None or elsewhere,
                provisioned=_number(provisioned),
                from_outside=_from_outside(form, one.settings),
                span=_bytes(text, cap, mark),
            )
        )
    return Deployment(path, form, tuple(functions), _POOLER.search(data) is not None)


def _either(settings: MappingNode, shared: MappingNode | None, key: str) -> Node | None:
    own = _find(settings, key)
    return own if own is not None or shared is None else _find(shared, key)


def _number(node: Node | None) -> int | None:
    if node is None or node.id != "scalar" or not re.fullmatch(r"[0-9]{1,6}", str(node.value)):
        return None
    return int(node.value)


def _module(sources: frozenset[str], path: str, form: Form, one: Declared, shared: MappingNode | None) -> str | None:
    handler = _either(one.settings, shared, "handler" if form == "serverless" else "Handler")
    stem = _plain(handler)
    if stem is None or "." not in stem:
        return None
    base = parent(path)
    if form == "sam":
        code = _either(one.settings, shared, "CodeUri")
        if code is not None and _plain(code) is None:
            return None
        base = join(base, _plain(code) or "")
    return next((found for found in handler_modules(join(base, stem.rpartition(".")[0])) if found in sources), None)


def _bytes(text: str, node: Node | None, mark: int) -> tuple[int, int]:
    if node is None:
        return 0, 0
    start, end = (len(text[:index].encode()) for index in (node.start_mark.index, node.end_mark.index))
    return mark + start, mark + end


def _plain(node: Node | None) -> str | None:
    """The text of a scalar without a tag of CloudFormation's and without variables."""
    if node is None or node.id != "scalar" or node.tag.startswith("!") or "${" in str(node.value):
        return None
    return str(node.value)


def _from_outside(form: Form, settings: MappingNode) -> bool:
    kinds = _OUTSIDE[form]
    if form == "sam":
        events = _child(settings, "Events")
        if _find(settings, "FunctionUrlConfig") is not None:
            return True
        for _, value in events.value if events is not None else ():
            kind = _find(value, "Type") if value.id == "mapping" else None
            inner = _child(value, "Properties") if value.id == "mapping" else None
            scaling = _child(inner, "ScalingConfig")
            held = scaling is not None and _find(scaling, "MaximumConcurrency") is not None
            if kind is not None and kind.value in kinds and not (kind.value == "SQS" and held):
                return True
        return False
    url = _find(settings, "url")
    if url is not None and url.value not in ("false", "no"):
        return True
    events_of = _find(settings, "events")
    for item in events_of.value if events_of is not None and events_of.id == "sequence" else ():
        if item.id == "scalar":
            if item.value in kinds:
                return True
            continue
        for key, value in item.value if item.id == "mapping" else ():
            inner = _mapping(value)
            held = key.value == "sqs" and inner is not None and _find(inner, "maximumConcurrency") is not None
            scheduled = key.value == "eventBridge" and inner is not None and _find(inner, "schedule") is not None
            if key.value in kinds and not held and not scheduled:
                return True
    return False


def evidence(deployment: Deployment, function: CloudFunction, text: str) -> Evidence:
    """What a file says of a function."""
    return Evidence(deployment.path, function.line, f"{function.name}: {text}")
