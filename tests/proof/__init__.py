"""Runs what a fix changed, before and after, with the real Prisma client on a real PostgreSQL: see README.md."""
