"""Packages of which it is known what their types are not."""

from __future__ import annotations

LOGGING = frozenset(
    (
        *("pino", "winston", "consola", "bunyan", "loglevel", "tslog", "signale", "npmlog", "log4js", "debug"),
        *("nestjs-pino", "nest-winston", "pino-http", "next-axiom", "roarr", "@nestjs/common"),
    )
)
"""Packages whose types (and all of them but NestJS's, whose functions) write a log."""

NOT_PRISMA = LOGGING | frozenset(
    (
        *("kysely", "drizzle-orm", "knex", "mongoose", "mongodb", "typeorm", "sequelize", "objection", "pg", "mysql2"),
        *("@mikro-orm/core", "@supabase/supabase-js", "@planetscale/database", "@clickhouse/client", "@libsql/client"),
        *("stripe", "redis", "ioredis", "googleapis", "@neondatabase/serverless", "@elastic/elasticsearch"),
        *("firebase-admin", "@google-cloud/firestore", "@aws-sdk/lib-dynamodb", "@electric-sql/pglite", "postgres"),
    )
)
"""Packages whose types, though they may have members like those of a client, are none. For a type of any other package
the answer is unknown: packages outside the workspace export clients, too."""
