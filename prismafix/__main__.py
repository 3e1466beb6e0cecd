"""`python -m prismafix` is `prismafix`."""

from prismafix.cli.main import run

run()
