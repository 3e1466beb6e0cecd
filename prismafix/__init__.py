"""prismafix: finds the code that exhausts database connections in Prisma projects, and rewrites it."""

__version__ = "0.1.0"
