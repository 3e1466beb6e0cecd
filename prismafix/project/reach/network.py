"""Which calls go over the network, by the package that the called function comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, Global
from prismafix.project.index.resolve import split_package

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.evaluate import Evaluator

_HTTP, _MAIL, _MESSAGE, _PAYMENT = "an HTTP request", "the mail service", "a message service", "the payment provider"
_STORE, _QUEUE, _MODEL, _SERVICE, _AWS = "the object store", "the queue", "a language model", "another service", "AWS"

_PACKAGES: dict[str, tuple[str, ...]] = {
    _HTTP: (
        *("axios", "got", "ky", "undici", "node-fetch", "cross-fetch", "isomorphic-fetch", "isomorphic-unfetch"),
        *("ofetch", "superagent", "needle", "request-promise", "request-promise-native", "phin", "wretch", "bent"),
        *("graphql-request", "@vercel/fetch", "axios-retry", "fetch-retry"),
    ),
    _MAIL: (
        *("nodemailer", "resend", "@sendgrid/mail", "@sendgrid/client", "postmark", "mailgun.js", "mailgun-js"),
        *("node-mailjet", "@getbrevo/brevo", "sib-api-v3-sdk", "mailersend", "loops", "@plunk/node", "emailjs"),
        *("@mailchimp/mailchimp_transactional", "@mailchimp/mailchimp_marketing", "@azure/communication-email"),
    ),
    _MESSAGE: (
        *("twilio", "@slack/web-api", "@slack/webhook", "@slack/bolt", "telegraf", "node-telegram-bot-api", "grammy"),
        *("web-push", "expo-server-sdk", "pusher", "ably", "onesignal-node", "@knocklabs/node", "@novu/node"),
        *("@novu/api", "@discordjs/rest", "messagebird", "@vonage/server-sdk", "courier", "@trycourier/courier"),
    ),
    _PAYMENT: (
        *("stripe", "@paddle/paddle-node-sdk", "@lemonsqueezy/lemonsqueezy.js", "razorpay", "braintree", "square"),
        *("@paypal/checkout-server-sdk", "@paypal/paypal-server-sdk", "@polar-sh/sdk", "mercadopago", "dodopayments"),
        *("@mollie/api-client", "@adyen/api-library", "chargebee", "chargebee-typescript"),
    ),
    _STORE: (
        *("@google-cloud/storage", "@azure/storage-blob", "minio", "@vercel/blob", "cloudinary", "imagekit"),
        *("@aws-sdk/lib-storage", "uploadthing", "@supabase/storage-js", "backblaze-b2", "@tigrisdata/storage"),
    ),
    _QUEUE: (
        *("bullmq", "bull", "bee-queue", "amqplib", "kafkajs", "@confluentinc/kafka-javascript", "nats", "mqtt"),
        *("@google-cloud/pubsub", "@google-cloud/tasks", "@azure/service-bus", "@azure/event-hubs"),
        *(
            "@upstash/qstash",
            "inngest",
            "@trigger.dev/sdk",
            "rabbitmq-client",
            "amqp-connection-manager",
            "sqs-producer",
        ),
    ),
    _MODEL: (
        *("openai", "@anthropic-ai/sdk", "ai", "@google/generative-ai", "@google/genai", "cohere-ai", "replicate"),
        *("groq-sdk", "@mistralai/mistralai", "together-ai", "@huggingface/inference"),
    ),
    _SERVICE: (
        *("@octokit/rest", "@octokit/core", "octokit", "@octokit/graphql", "@octokit/request", "googleapis"),
        *("@notionhq/client", "@hubspot/api-client", "@linear/sdk", "jsforce", "@sanity/client", "contentful"),
        *("firebase-admin", "@supabase/supabase-js", "@supabase/ssr", "@supabase/auth-helpers-nextjs"),
        *("algoliasearch", "meilisearch", "typesense", "@elastic/elasticsearch", "@opensearch-project/opensearch"),
        *("@workos-inc/node", "auth0", "@vercel/edge-config", "@vercel/sdk", "cloudflare", "@upstash/redis"),
        *(
            "@vercel/kv",
            "@clerk/backend",
            "@clerk/clerk-sdk-node",
            "web3",
            "ethers",
            "viem",
            "@googlemaps/google-maps-services-js",
        ),
    ),
}
"""What the methods of these packages wait for, by what each package's own documentation says that it is for (its page
on npmjs.com). Not here: Redis and other databases on a socket, whose answer takes as long as a query does; queues
that are kept in PostgreSQL; log and analytics clients, which send in the background."""

_KIND = {package: kind for kind, packages in _PACKAGES.items() for package in packages}

_AWS_CLIENT = "@aws-sdk/client-"
_AWS_KINDS = {"s3": _STORE, "sqs": _QUEUE, "sns": _QUEUE, "ses": _MAIL, "sesv2": _MAIL, "eventbridge": _QUEUE}

_LOCAL = re.compile(
    r"^(?:create(?:Transport|Client|Instance|Hmac|Adapter|Function|ServerClient|BrowserClient)|constructEvent\w*"
    r"|verify(?:Header|Signature|IdToken|Webhook\w*)?|sign|getSignedUrl|getPublicUrl|serve|extend|use|on|once|url"
    r"|is[A-Z]\w*|to[A-Z]\w*|define\w*|init|initialize(?:App)?|configure|config|setApiKey|tool|parseEther|formatEther)$"
)
"""Methods that compute, configure or build something, whatever package they come from."""


def contact_of(evaluator: Evaluator, path: str, call: Expr, scope: int) -> str | None:
    """What a call waits for on the network, in words ("the payment provider"); None for nothing, or not known."""
    if call.kind != "call":
        return None
    value = evaluator.value(path, call.callee, scope)
    if isinstance(value, Global):
        return _HTTP if value.names in (("fetch",), ("globalThis", "fetch")) else None
    if not isinstance(value, External):
        return None
    package, rest = split_package(value.specifier)
    if not value.names:
        value = External(value.specifier, (package,))  # `axios(…)`: the default export is called
    if _LOCAL.match(value.names[-1]):
        return None
    if package.startswith(_AWS_CLIENT):
        sends = "new()" in value.names and value.names[-1] != "destroy"
        return _AWS_KINDS.get(package.removeprefix(_AWS_CLIENT), _AWS) if sends else None
    if package == "aws-sdk":  # version 2: nothing is awaited but `….promise()`
        return _AWS if value.names[-1:] == ("promise",) else None
    kind = _KIND.get(package)
    if kind is None or rest.startswith(("react", "types")):
        return None
    if package == "ai" and not value.names[-1].startswith(("generate", "embed")):
        return None
    return _STORE if package.startswith("@supabase/") and "storage" in value.names else kind
