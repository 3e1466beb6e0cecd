// How long a connection may stay unused: five minutes, as before Prisma 7.
export const idleTimeoutMillis = 300_000;

// Counts the edits of this module.
export const revision = 0;
