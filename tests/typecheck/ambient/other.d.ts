// Small parts of other packages that fixture cases use.
declare module "vitest" {
  export function describe(name: string, body: () => void): void;
  export function it(name: string, body: () => unknown): void;
  export function beforeAll(body: () => unknown): void;
  export function afterAll(body: () => unknown): void;
  export function expect(value: unknown): { toBe(other: unknown): void; toEqual(other: unknown): void };
  export const vi: { mock(path: string, factory?: () => unknown): void; fn<T>(body?: T): T };
}

declare module "@auth/prisma-adapter" {
  export function PrismaAdapter(client: unknown): unknown;
}

declare module "@epic-web/remember" {
  export function remember<T>(name: string, make: () => T): T;
}

declare module "@sveltejs/adapter-node" {
  export default function adapter(): unknown;
}

declare module "dotenv" {
  export function config(): void;
  const dotenv: { config(): void };
  export default dotenv;
}

declare module "dotenv/config" {}

declare module "fastify" {
  export default function fastify(): {
    get(path: string, handler: () => unknown): void;
    addHook(name: "onClose", hook: () => Promise<void>): void;
    listen(options: { port: number }): Promise<void>;
  };
}

declare module "metrics-sdk" {
  export function track<T>(value: T): T;
}

interface Hyperdrive {
  readonly connectionString: string;
}

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
}
