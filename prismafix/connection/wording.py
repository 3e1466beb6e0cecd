"""Longer sentences of the advice, for people."""

SHARED_POOLER = (
    "this is the project's own pooler; the shared one has another host, …pooler.supabase.com with the project's region "
    "in it, and another user: the dashboard shows both under Connect"
)
NO_ENGINE_ON_EDGE = (
    "Prisma's engine does not run on the edge: a prisma:// URL (Accelerate) or a driver adapter is needed there (docs)"
)
ADAPTER_ON_EDGE = (
    "on Cloudflare Workers a client with a TCP driver is built per request, and Hyperdrive pools behind it; a driver "
    "over HTTP needs neither (docs)"
)
POOLERS = {
    "rds": "put RDS Proxy in front, and its host here",
    "cloud-sql": "put PgBouncer or Cloud SQL's managed pooling in front, or use Prisma Accelerate",
    "azure": "a flexible server for PostgreSQL has PgBouncer built in, on port 6432; else Prisma Accelerate",
    "postgresql": "no pooler is known for this host: the provider's own, PgBouncer in front, or Prisma Accelerate",
    "mysql": "no pooler is known for this host: the provider's own, ProxySQL in front, or Prisma Accelerate",
    "sqlserver": "no pooler is known for SQL Server: Prisma Accelerate, or a cap on the number of instances",
}
OVER_HTTP = {"neon-direct": "PrismaNeon", "neon-pooled": "PrismaNeon", "planetscale": "PrismaPlanetScale"}
