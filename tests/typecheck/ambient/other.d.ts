// Small parts of other packages that fixture cases use.
declare module "vitest" {
  export function describe(name: string, body: () => void): void;
  export function it(name: string, body: () => unknown): void;
  export function beforeAll(body: () => unknown): void;
  export function afterAll(body: () => unknown): void;
  export function expect(value: unknown): { toBe(other: unknown): void; toEqual(other: unknown): void };
  export const vi: { mock(path: string, factory?: () => unknown): void; fn<T>(body?: T): T };
}

interface Hyperdrive {
  readonly connectionString: string;
}

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
}
