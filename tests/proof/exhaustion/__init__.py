"""Servers that run out of connections, before and after prismafix."""
