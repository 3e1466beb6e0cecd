"""How many instances deployment files allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.workspace.concurrency import deployments

from .making import SCHEMA, discover

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.workspace.concurrency import Deployment

PACKAGE = {"name": "shop", "dependencies": {"@prisma/client": "6.19.0"}}
HANDLER = "export const handler = async () => 1\n"
HEAD = "service: shop\nprovider:\n  name: aws\nfunctions:\n"


def read(root: Path, **files: str) -> tuple[Deployment, ...]:
    named = {name.replace("_yml", ".yml"): text for name, text in files.items()}
    sources = {"package.json": PACKAGE, "prisma/schema.prisma": SCHEMA, "src/orders.ts": HANDLER, "src/b.ts": HANDLER}
    return deployments(discover(root, {**sources, **named}))


def of_yaml(root: Path, text: str) -> dict[str, tuple[int | None, bool, int | None, bool]]:
    [found] = read(root, serverless_yml=HEAD + text)
    return {f.name: (f.cap, f.capped, f.provisioned, f.from_outside) for f in found.functions}


def test_the_serverless_framework(tmp_path: Path) -> None:
    found = of_yaml(
        tmp_path,
        """\
  orders:
    handler: src/orders.handler
    reservedConcurrency: 12
    events:
      - httpApi: 'GET /orders'
  sized:
    handler: src/orders.handler
    reservedConcurrency: ${self:custom.cap}
    provisionedConcurrency: 4
    events: [{ http: { method: get, path: / } }]
  nightly:
    handler: src/b.handler
    events:
      - schedule: rate(1 day)
  free:
    handler: src/b.handler
    url: true
""",
    )
    assert found == {
        "orders": (12, True, None, True),
        "sized": (None, True, 4, True),
        "nightly": (None, False, None, False),
        "free": (None, False, None, True),
    }


@pytest.mark.parametrize(
    ("events", "outside"),
    [
        ("[]", False),
        ("[{ schedule: rate(1 hour) }]", False),
        ("[{ stream: arn:aws:kinesis:x }]", False),
        ("[{ sqs: arn:aws:sqs:x }]", True),
        ("[{ sqs: { arn: x, maximumConcurrency: 5 } }]", False),
        ("[{ eventBridge: { schedule: rate(1 hour) } }]", False),
        ("[{ eventBridge: { pattern: { source: [x] } } }]", True),
        ("[{ schedule: rate(1 hour) }, { sns: topic }]", True),
        ("[websocket]", True),
        ("'${file(events.yml)}'", False),
    ],
)
def test_what_starts_many_instances(tmp_path: Path, events: str, outside: bool) -> None:
    found = of_yaml(tmp_path, f"  orders: {{ handler: src/orders.handler, events: {events} }}\n")
    assert found["orders"][3] is outside


def test_sam_with_what_holds_for_all_functions(tmp_path: Path) -> None:
    [found] = read(
        tmp_path,
        template_yml="""\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    CodeUri: src/
    ReservedConcurrentExecutions: 5
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: orders.handler
      Environment: { Variables: { DATABASE_URL: !Sub '${Secret}' } }
      Events: { Get: { Type: HttpApi } }
  Other:
    Type: AWS::Serverless::Function
    Properties:
      Handler: b.handler
      ReservedConcurrentExecutions: !Ref Cap
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 }
      Events: { Queue: { Type: SQS, Properties: { ScalingConfig: { MaximumConcurrency: 3 } } } }
  Queue:
    Type: AWS::SQS::Queue
""",
    )
    assert [(f.name, f.module, f.cap, f.capped, f.provisioned, f.from_outside) for f in found.functions] == [
        ("Orders", "src/orders.ts", 5, True, None, True),
        ("Other", "src/b.ts", None, True, 2, False),
    ]


def test_what_is_merged_and_lists_of_functions_count(tmp_path: Path) -> None:
    [found] = read(
        tmp_path,
        serverless_yml="""\
provider: { name: aws }
custom:
  common: &common { reservedConcurrency: 7, events: [{ http: any / }] }
functions:
  - orders:
      <<: *common
      handler: src/orders.handler
  - ${file(more.yml)}
""",
    )
    assert [(f.name, f.cap, f.from_outside) for f in found.functions] == [("orders", 7, True)]


def test_caps_in_raw_cloudformation_are_caps_of_some_number(tmp_path: Path) -> None:
    text = "  orders: { handler: src/orders.handler, events: [{ http: any / }] }\n"
    text += "resources: { extensions: { OrdersLambdaFunction: { Properties: { ReservedConcurrentExecutions: 3 } } } }\n"
    assert of_yaml(tmp_path, text)["orders"][:2] == (None, True)


def test_a_pooler_in_the_template_is_seen(tmp_path: Path) -> None:
    text = (
        HEAD
        + "  orders: { handler: src/orders.handler }\nresources: { Resources: { P: { Type: AWS::RDS::DBProxy } } }\n"
    )
    [found] = read(tmp_path, serverless_yml=text)
    assert found.pooler


def test_other_clouds_and_broken_files_say_nothing(tmp_path: Path) -> None:
    text = "provider: { name: azure }\nfunctions: { a: { handler: src/orders.handler } }\n"
    assert read(tmp_path / "azure", serverless_yml=text) == ()
    assert read(tmp_path / "broken", serverless_yml=HEAD + "  orders: [handler: src/orders.handler\n") == ()
    assert read(tmp_path / "none") == ()
