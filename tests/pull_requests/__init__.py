"""`prismafix pr` and what it is made of: real git, a bare repository as the remote, a forge with state."""
