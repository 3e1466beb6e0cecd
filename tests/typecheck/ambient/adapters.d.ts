// Driver adapters that are not installed: the parts of their declarations that fixture cases use.
declare module "@prisma/adapter-mariadb" {
  import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
  interface PoolConfig {
    host?: string;
    port?: number;
    user?: string;
    password?: string;
    database?: string;
    connectionLimit?: number;
    acquireTimeout?: number;
    connectTimeout?: number;
  }
  export const PrismaMariaDb: new (config: PoolConfig | string) => SqlDriverAdapterFactory;
}

declare module "@prisma/adapter-neon" {
  import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
  export const PrismaNeon: new (config: { connectionString?: string }) => SqlDriverAdapterFactory;
}

declare module "@prisma/adapter-mssql" {
  import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
  interface MssqlConfig {
    server: string;
    database?: string;
    connectionTimeout?: number;
    pool?: { max?: number; min?: number; acquireTimeoutMillis?: number };
  }
  export const PrismaMssql: new (config: MssqlConfig | string) => SqlDriverAdapterFactory;
}
