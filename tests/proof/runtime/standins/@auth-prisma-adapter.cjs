// Takes a client and keeps it, as adapters of authentication libraries do.
exports.PrismaAdapter = (client) => ({ getUser: (id) => client.user.findUnique({ where: { id } }) });
