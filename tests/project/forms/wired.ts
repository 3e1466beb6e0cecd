//// an object of queries over a parameter, made on the spot
import { liveUsers } from './b';
class Repo {
  constructor(private db: PrismaClient) {}
  one(id: number) { return liveUsers(this.db).findMany({ where: { id } }); }
  all(ids: number[]) { return Promise.all(ids.map((id) => this.one(id))); }
}
export const repo = new Repo(prisma);
// src/b.ts
import type { Prisma } from '@prisma/client';
type Users = Pick<Prisma.TransactionClient, 'user'>;
export function liveUsers(db: Users) {
  return { findMany: (args?: Prisma.UserFindManyArgs) => db.user.findMany({ ...args, where: { ...args?.where } }) };
}

//// an object of queries over a parameter with a client's type
import { users } from './b';
export async function run(ids: number[]) { return Promise.all(ids.map((id) => users(prisma).byId(id))); }
// src/b.ts
import type { PrismaClient } from '@prisma/client';
export const users = (db: PrismaClient) => ({ byId: (id: number) => db.user.findUnique({ where: { id } }) });

//// an object of queries over a parameter without a type
import { users } from './b';
export async function run(ids: number[]) { return Promise.all(ids.map((id) => users(prisma).byId(id))); }
// src/b.ts
export const users = (db) => ({ byId: (id: number) => db.user.findUnique({ where: { id } }) });

//// an object of queries over a destructured parameter
import { users } from './b';
const repo = users({ db: prisma });
export async function run(ids: number[]) { return Promise.all(ids.map((id) => repo.byId(id))); }
// src/b.ts
export function users({ db }) { return { byId: (id: number) => db.user.findUnique({ where: { id } }) }; }

//// a service with options whose property is a function written on the spot
import { Service } from './b';
export const service = new Service({ fetchUser: (id) => prisma.user.findUnique({ where: { id } }) });
// src/b.ts
export interface Options { fetchUser: (id: number) => Promise<unknown> }
export class Service {
  constructor(private readonly options: Options) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser(id))); }
}

//// a service with options whose property is a function by name
import { Service } from './b';
export const service = new Service({ fetchUser: load });
// src/b.ts
export interface Options { fetchUser(id: number): Promise<unknown> }
export class Service {
  private readonly options: Options;
  constructor(options: Options) { this.options = options; }
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser(id))); }
}

//// a service with options, taken apart in the constructor
import { Service } from './b';
export const service = new Service({ fetchUser: load });
// src/b.ts
export interface Options { fetchUser(id: number): Promise<unknown> }
export class Service {
  private readonly fetchUser: Options['fetchUser'];
  constructor({ fetchUser }: Options) { this.fetchUser = fetchUser; }
  all(ids: number[]) { return Promise.all(ids.map((id) => this.fetchUser(id))); }
}

//// a service whose options hold a repository
import { createService } from './b';
import { Repo } from './repo';
export const service = createService({ repo: new Repo() });
// src/b.ts
export function createService(deps: { repo: { find(id: number): Promise<unknown> } }) {
  return { all: (ids: number[]) => Promise.all(ids.map((id) => deps.repo.find(id))) };
}
// src/repo.ts
export class Repo { find(id: number) { return load(id); } }

//// a service whose options hold a repository, by inference
import { createService } from './b';
import { Repo } from './repo';
export const service = createService({ repo: new Repo() });
// src/b.ts
import type { Repo } from './repo';
type Deps = { repo: Repo };
export function createService(deps: Deps) {
  return { all: (ids: number[]) => Promise.all(ids.map((id) => deps.repo.find(id))) };
}
// src/repo.ts
export class Repo { find(id: number) { return load(id); } }

//// dependencies of a class, picked from an interface
import { Service } from './b';
export const service = new Service({ fetchUser: load, log: () => undefined });
// src/b.ts
export interface Deps { fetchUser(id: number): Promise<unknown>; log(): void }
export class Service {
  constructor(private readonly deps: Deps) {}
  all(ids: number[]) { return all({ deps: this.deps, ids }); }
}
async function all({ deps, ids }: { deps: Pick<Deps, 'fetchUser'>; ids: number[] }) {
  return Promise.all(ids.map((id) => deps.fetchUser(id)));
}

//// dependencies that a factory passes on to a function
import { createTouch } from './b';
import { Users } from './users';
export class Registry {
  constructor(private readonly deps: { users: Users }) {}
  touch() { return createTouch({ touch: (id) => this.deps.users.touch(id) }); }
}
// src/b.ts
export interface Deps { touch(id: number): Promise<void>; now?: () => number }
export function createTouch(deps: Deps): (ids: number[]) => Promise<void> {
  const now = deps.now ?? Date.now;
  return async (ids) => { await Promise.all(ids.map((id) => one({ deps, id, at: now() }))); };
}
async function one({ deps, id, at }: { deps: Deps; id: number; at: number }) {
  try { await deps.touch(id); } catch (error) { console.error(error, at); }
}
// src/users.ts
export class Users { async touch(id: number) { await load(id); } }

//// dependencies that a function gives, with a default
import { fetchAll } from './b';
export async function run(ids: number[]) { return fetchAll(ids); }
// src/b.ts
export interface Provider { prepare(id: number): Promise<unknown> }
export interface Deps { provider: Provider; other: { go(): void } }
export async function fetchAll(ids: number[], deps: Deps = createDeps()) { return inner({ ids, provider: deps.provider }); }
async function inner({ ids, provider }: { ids: number[]; provider: Provider }) {
  return Promise.all(ids.map((id) => provider.prepare(id)));
}
export function createDeps(): Deps {
  return { provider: { prepare: async (id) => load(id) }, other: { go() {} } };
}

//// a static create
import { Service } from './b';
export const run = (ids: number[]) => { const service = Service.create(prisma); return Promise.all(ids.map((id) => service.one(id))); };
// src/b.ts
export class Service {
  private constructor(private readonly db) {}
  static create(db) { return new Service(db); }
  one(id: number) { return this.db.user.findUnique({ where: { id } }); }
}

//// a static create with a repository of its own
import { Service } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => Service.create(prisma).one(id)));
// src/b.ts
import type { PrismaClient } from '@prisma/client';
export class Repo { constructor(private readonly db: PrismaClient) {} find(id: number) { return this.db.user.findUnique({ where: { id } }); } }
export class Service {
  constructor(private readonly repo: Repo) {}
  static create(db: PrismaClient): Service { return new Service(new Repo(db)); }
  one(id: number) { return this.repo.find(id); }
}

//// an instance that a static method keeps
import { Service } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => Service.getInstance().one(id)));
// src/b.ts
export class Service {
  private static instance: Service;
  static getInstance() { if (!Service.instance) { Service.instance = new Service(); } return Service.instance; }
  one(id: number) { return load(id); }
}

//// a repository over a delegate
import { BaseRepository } from './b';
class Users extends BaseRepository { constructor() { super(prisma.user); } }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));
// src/b.ts
export class BaseRepository {
  constructor(protected readonly model) {}
  byId(id: number) { return this.model.findUnique({ where: { id } }); }
}

//// a repository over a delegate, made with it
import { BaseRepository } from './b';
const users = new BaseRepository(prisma.user);
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));
// src/b.ts
export class BaseRepository<T> {
  constructor(private readonly model: any) {}
  byId(id: number): Promise<T> { return this.model.findUnique({ where: { id } }); }
}

//// a generic repository over a delegate, with a type for it
import { BaseRepository } from './b';
class Users extends BaseRepository<Prisma.UserDelegate> { constructor() { super(prisma.user); } }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));
// src/b.ts
export abstract class BaseRepository<D> {
  constructor(protected readonly delegate: D) {}
  byId(id: number) { return this.delegate.findUnique({ where: { id } }); }
}

//// a delegate by its type
async function one(users: Prisma.UserDelegate, id: number) { return users.findUnique({ where: { id } }); }
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(prisma.user, id)));

//// a delegate of an indexed type
async function one(users: PrismaClient['user'], id: number) { return users.findUnique({ where: { id } }); }
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(prisma.user, id)));

//// a repository over the name of a model
import { Repository } from './b';
const users = new Repository('user');
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));
// src/b.ts
import { prisma } from './db';
export class Repository {
  constructor(private readonly model: string) {}
  byId(id: number) { return prisma[this.model].findUnique({ where: { id } }); }
}

//// a repository whose getter gives the delegate
class Users {
  private get users() { return prisma.user; }
  byId(id: number) { return this.users.findUnique({ where: { id } }); }
}
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));

//// an abstract delegate
abstract class Base {
  protected abstract get delegate();
  byId(id: number) { return this.delegate.findUnique({ where: { id } }); }
}
class Users extends Base { protected get delegate() { return prisma.user; } }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));

//// an abstract property for the delegate
abstract class Base {
  protected abstract readonly delegate: any;
  byId(id: number) { return this.delegate.findUnique({ where: { id } }); }
}
class Users extends Base { protected readonly delegate = prisma.user; }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));

//// inversify, by a type argument
import { Container } from 'inversify';
import { Service } from './b';
const container = new Container();
container.bind<Service>('Service').to(Service);
export const run = (ids: number[]) => Promise.all(ids.map((id) => container.get<Service>('Service').one(id)));
// src/b.ts
export class Service { one(id: number) { return load(id); } }

//// tsyringe
import { container, injectable } from 'tsyringe';
import { Repo } from './repo';
@injectable()
class Service { constructor(private repo: Repo) {} one(id: number) { return this.repo.find(id); } }
const service = container.resolve(Service);
export const run = (ids: number[]) => Promise.all(ids.map((id) => service.one(id)));
// src/repo.ts
export class Repo { find(id: number) { return load(id); } }

//// typedi
import { Container, Service } from 'typedi';
import { Repo } from './repo';
@Service()
class Users { constructor(private repo: Repo) {} one(id: number) { return this.repo.find(id); } }
export const run = (ids: number[]) => Promise.all(ids.map((id) => Container.get(Users).one(id)));
// src/repo.ts
export class Repo { find(id: number) { return load(id); } }

//// injected by a token with an interface
import { Inject } from '@nestjs/common';
import type { UserRepo } from './port';
export class Service {
  constructor(@Inject('UserRepo') private readonly repo: UserRepo) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.repo.find(id))); }
}
// src/port.ts
export interface UserRepo { find(id: number): Promise<unknown> }
// src/pg.ts
import type { UserRepo } from './port';
export class PgRepo implements UserRepo { async find(id: number) { return load(id); } }

//// a registry of services in the context of a request
import { createServices } from './b';
import type { Services } from './b';
interface Context { services: Services }
export function handler(ctx: Context, ids: number[]) { return Promise.all(ids.map((id) => ctx.services.users.one(id))); }
// src/b.ts
import { prisma } from './db';
export function createServices() { return { users: { one: (id: number) => prisma.user.findUnique({ where: { id } }) } }; }
export type Services = ReturnType<typeof createServices>;

//// a registry of services, built once
import { getApp } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => getApp().users.one(id)));
// src/b.ts
class Users { one(id: number) { return load(id); } }
interface App { users: Users }
let app: App | undefined;
export function initialize() { app = { users: new Users() }; }
export function getApp(): App { if (!app) throw new Error('not ready'); return app; }

//// a hook that gives functions
import { useUsers } from './b';
export async function run(ids: number[]) { const { one } = useUsers(); return Promise.all(ids.map((id) => one(id))); }
// src/b.ts
export function useUsers() { const one = async (id: number) => load(id); return { one }; }

//// a bound function
const one = load.bind(null);
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(id)));

//// methods bound in the constructor
class Users {
  constructor() { this.one = this.one.bind(this); }
  async one(id: number) { return load(id); }
}
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map(users.one));

//// a decorated method
class Users {
  @Cached(60)
  async one(id: number) { return load(id); }
}
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));

//// a retry around the query
import { withRetry } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => withRetry(() => prisma.user.findUnique({ where: { id } }))));
// src/b.ts
export async function withRetry<T>(fn: () => Promise<T>, tries = 3): Promise<T> {
  try { return await fn(); } catch (error) { if (tries > 0) return withRetry(fn, tries - 1); throw error; }
}

//// p-retry
import pRetry from 'p-retry';
export const run = (ids: number[]) => Promise.all(ids.map((id) => pRetry(() => load(id), { retries: 3 })));

//// a paginating helper that gets the query
import { paginate } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => paginate((skip) => prisma.user.findMany({ skip, where: { id } }))));
// src/b.ts
export async function paginate<T>(page: (skip: number) => Promise<T[]>) { const all = []; for (let n = 0; ; n += 10) { const p = await page(n); if (!p.length) return all; all.push(...p); } }

//// a helper that paginates, called for each
import { paginate } from './b';
const allOf = (id: number) => paginate((skip) => prisma.user.findMany({ skip, where: { id } }));
export const run = (ids: number[]) => Promise.all(ids.map(allOf));
// src/b.ts
export async function paginate<T>(page: (skip: number) => Promise<T[]>) { return page(0); }

//// React's cache
import { cache } from 'react';
const one = cache(async (id: number) => prisma.user.findUnique({ where: { id } }));
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(id)));

//// unstable_cache
import { unstable_cache } from 'next/cache';
const one = unstable_cache(async (id: number) => prisma.user.findUnique({ where: { id } }), ['user'], { revalidate: 60 });
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(id)));

//// unstable_cache, called at once
import { unstable_cache } from 'next/cache';
const one = (id: number) => unstable_cache(() => load(id), [`user-${id}`])();
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(id)));

//// a cache of the project with the query as its argument
import { cached } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => cached(`user:${id}`, async () => load(id))));
// src/b.ts
const memory = new Map<string, unknown>();
export async function cached<T>(key: string, fn: () => Promise<T>): Promise<T> {
  if (memory.has(key)) return memory.get(key) as T;
  const value = await fn(); memory.set(key, value); return value;
}

//// a class of caches with the query in its options
import { Cache } from './b';
const users = new Cache({ ttl: 60, fetch: (id: number) => prisma.user.findUnique({ where: { id } }) });
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.get(id)));
// src/b.ts
export class Cache<T> {
  private kept = new Map<number, T>();
  constructor(private options: { ttl: number; fetch: (id: number) => Promise<T> }) {}
  async get(id: number) { return this.kept.get(id) ?? this.options.fetch(id); }
}

//// a factory of caches with the query in its options
import { createCache } from './b';
const users = createCache({ key: 'user', lookup: async (id: number) => prisma.user.findUnique({ where: { id } }) });
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.fetch(id)));
// src/b.ts
export function createCache<T>({ key, lookup }: { key: string; lookup: (id: number) => Promise<T> }) {
  const kept = new Map<number, T>();
  async function fetch(id: number) { if (kept.has(id)) return kept.get(id); const found = await lookup(id); kept.set(id, found); return found; }
  return { key, fetch };
}

//// a mixin over a constructor
import { Constructor } from './types';
function Finding<B extends Constructor>(Base: B) { return class extends Base { find(id: number) { return load(id); } }; }
class Users extends Finding(Object) {}
export const run = (ids: number[]) => Promise.all(ids.map((id) => new Users().find(id)));

//// a map of handlers by kind
const handlers: Record<string, (id: number) => Promise<unknown>> = { user: (id) => load(id), other: (id) => load(id + 1) };
export const run = (items: { kind: string; id: number }[]) => Promise.all(items.map((item) => handlers[item.kind](item.id)));

//// a handler out of a map
const handlers = { user: async (id: number) => load(id), other: async (id: number) => load(id + 1) };
export const run = (items: { kind: string; id: number }[]) => Promise.all(items.map((item) => { const handle = handlers[item.kind]; return handle(item.id); }));

//// a middleware around the handler
import { withLogging } from './b';
const one = withLogging('one', async (id: number) => load(id));
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(id)));
// src/b.ts
export function withLogging<A extends unknown[], R>(name: string, fn: (...args: A) => Promise<R>) {
  return async (...args: A): Promise<R> => { console.log(name); return fn(...args); };
}

//// options with a method of an instance
import { createJob } from './b';
class Users { one = async (id: number) => load(id); }
const users = new Users();
export const job = createJob({ each: users.one });
// src/b.ts
export function createJob(options: { each: (id: number) => Promise<unknown> }) {
  return async (ids: number[]) => { await Promise.all(ids.map((id) => options.each(id))); };
}

//// options that a class passes to a helper by their function
import { each } from './b';
export const run = (ids: number[]) => each({ ids, handle: (id) => load(id) });
// src/b.ts
export async function each({ ids, handle }: { ids: number[]; handle: (id: number) => Promise<unknown> }) { await Promise.all(ids.map((id) => handle(id))); }

//// options handed on by reference
import { each } from './b';
export const run = (ids: number[]) => each(ids, { handle: load });
// src/b.ts
interface Options { handle: (id: number) => Promise<unknown> }
export async function each(ids: number[], options: Options) { await Promise.all(ids.map(options.handle)); }

//// a context with a transaction-or-client
import { one } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => one({ db: prisma }, id)));
// src/b.ts
export function one(ctx: { db: any }, id: number) { return ctx.db.user.findUnique({ where: { id } }); }

//// services made of services
import { makeServices } from './b';
const services = makeServices(prisma);
export const run = (ids: number[]) => Promise.all(ids.map((id) => services.users.one(id)));
// src/b.ts
const makeUsers = ({ repo }) => ({ one: (id: number) => repo.find(id) });
const makeRepo = (db) => ({ find: (id: number) => db.user.findUnique({ where: { id } }) });
export function makeServices(db) { const repo = makeRepo(db); return { users: makeUsers({ repo }) }; }

//// a repository behind an interface with a null object
import type { Repo } from './b';
export class Service {
  constructor(private readonly repo: Repo) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.repo.find(id))); }
}
// src/b.ts
export interface Repo { find(id: number): Promise<unknown> }
// src/pg.ts
import type { Repo } from './b';
export class PgRepo implements Repo { async find(id: number) { return load(id); } }
// src/null.ts
import type { Repo } from './b';
export class NullRepo implements Repo { async find() { return null; } }

//// repositories that a factory chooses by name of the environment
import { repository } from './b';
const repo = repository();
export const run = (ids: number[]) => Promise.all(ids.map((id) => repo.find(id)));
// src/b.ts
class PgRepo { find(id: number) { return load(id); } }
export function repository() { if (process.env.DB === 'pg') return new PgRepo(); return new PgRepo(); }

//// a lazy module
export const run = (ids: number[]) => Promise.all(ids.map(async (id) => { const { one } = await import('./b'); return one(id); }));
// src/b.ts
export const one = (id: number) => load(id);

//// a namespace object as default
import users from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));
// src/b.ts
async function one(id: number) { return load(id); }
export default { one };

//// a class with static methods
import { Users } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => Users.one(id)));
// src/b.ts
export class Users { static async one(id: number) { return Users.two(id); } private static two(id: number) { return load(id); } }

//// a private field
class Users { #db; constructor(db) { this.#db = db; } one(id: number) { return this.#db.user.findUnique({ where: { id } }); } }
const users = new Users(prisma);
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));

//// a switch between functions
const one = (flag: boolean) => flag ? (id: number) => load(id) : (id: number) => load(id + 1);
export const run = (ids: number[]) => { const f = one(true); return Promise.all(ids.map((id) => f(id))); };

//// a step of a background function
import { inngest } from './b';
export const fn = inngest.createFunction({ id: 'x' }, { event: 'e' }, async ({ event, step }) => {
  await Promise.all(event.data.ids.map((id) => step.run(`load ${id}`, () => load(id))));
});
// src/b.ts
import { Inngest } from 'inngest';
export const inngest = new Inngest({ id: 'shop' });

//// a span around the query
import { trace } from '@opentelemetry/api';
const tracer = trace.getTracer('shop');
export const run = (ids: number[]) => Promise.all(ids.map((id) => tracer.startActiveSpan('one', async (span) => { try { return await load(id); } finally { span.end(); } })));

//// a traced service
import { traced } from './b';
class Users { one(id: number) { return load(id); } }
const users = traced(new Users(), 'users');
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));
// src/b.ts
export function traced<T extends object>(target: T, name: string): T {
  return new Proxy(target, { get(on, key) { console.log(name); return Reflect.get(on, key); } });
}

//// a new Promise around it
export const run = (ids: number[]) => Promise.all(ids.map((id) => new Promise((resolve, reject) => { load(id).then(resolve).catch(reject); })));

//// a query that is prepared, then awaited
export const run = (ids: number[]) => Promise.all(ids.map((id) => { const query = { where: { id } }; return prisma.user.findFirst(query); }));

//// a field of functions of another object
class Api { constructor(readonly users = { one: (id: number) => load(id) }) {} }
const api = new Api();
export const run = (ids: number[]) => Promise.all(ids.map((id) => api.users.one(id)));

//// a model method of a query helper by generics
function finder<M extends 'user'>(model: M) { return { one: (id: number) => (prisma[model] as any).findUnique({ where: { id } }) }; }
const users = finder('user');
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));

//// a function over a transaction's client, called with the outer one
const one = (db: Prisma.TransactionClient, id: number) => db.user.findFirst({ where: { id } });
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(prisma, id)));

//// two functions over a transaction's client, called with the outer one
import { one } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(prisma, id)));
// src/b.ts
import type { Prisma } from '@prisma/client';
const two = (tx: Prisma.TransactionClient, id: number) => tx.user.findFirst({ where: { id } });
export const one = (tx: Prisma.TransactionClient, id: number) => two(tx, id);

//// a function over one client or the other
import { one } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(prisma, id)));
// src/b.ts
import type { Prisma, PrismaClient } from '@prisma/client';
export const one = (db: Prisma.TransactionClient | PrismaClient, id: number) => db.user.findFirst({ where: { id } });

//// a function over a client in an object, taken apart
import { one } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => one({ tx: prisma, id })));
// src/b.ts
import type { Prisma, PrismaClient } from '@prisma/client';
export const one = ({ tx, id }: { tx: Prisma.TransactionClient; id: number }) => tx.user.findFirst({ where: { id } });

//// a function over a client in an object
import { one } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => one({ tx: prisma, id })));
// src/b.ts
import type { Prisma, PrismaClient } from '@prisma/client';
export const one = (args: { tx: Prisma.TransactionClient; id: number }) => args.tx.user.findFirst({ where: { id: args.id } });

//// a transaction's client that is not handed over
import { one } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(id)));
// src/b.ts
import { prisma } from './db';
import type { Prisma } from '@prisma/client';
export const one = (id: number, tx?: Prisma.TransactionClient) => { const db = tx ?? prisma; return db.user.findFirst({ where: { id } }); };

//// a class over a transaction's client, made with the outer one
import { Repo } from './b';
const repo = new Repo(prisma);
export const run = (ids: number[]) => Promise.all(ids.map((id) => repo.one(id)));
// src/b.ts
import type { Prisma } from '@prisma/client';
export class Repo { constructor(private db: Prisma.TransactionClient) {} one(id: number) { return this.db.user.findFirst({ where: { id } }); } }

//// a class over a transaction's client, made with either
import { Repo } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => new Repo(prisma).one(id)));
export const other = (id: number) => prisma.$transaction((tx) => new Repo(tx).one(id));
// src/b.ts
import type { Prisma } from '@prisma/client';
export class Repo { constructor(private db: Prisma.TransactionClient) {} one(id: number) { return this.db.user.findFirst({ where: { id } }); } }

//// an object of queries over a part of a client
import { users } from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => users(prisma).one(id)));
// src/b.ts
import type { Prisma } from '@prisma/client';
export const users = (db: Pick<Prisma.TransactionClient, 'user'>) => ({ one: (id: number) => db.user.findFirst({ where: { id } }) });

//// an object of queries over a transaction's client, kept
import { users } from './b';
const repo = users(prisma);
export const run = (ids: number[]) => Promise.all(ids.map((id) => repo.one(id)));
// src/b.ts
import type { Prisma } from '@prisma/client';
export const users = (db: Prisma.TransactionClient) => ({ one: (id: number) => db.user.findFirst({ where: { id } }) });

//// a list in a function over a transaction's client that is called with the outer one
async function all(tx: Prisma.TransactionClient, ids: number[]) {
  await Promise.all(ids.map((id) => tx.user.delete({ where: { id } })));
}
export const run = (ids: number[]) => prisma.$transaction((tx) => all(tx, ids));
export const other = (ids: number[]) => all(prisma, ids);

//// options whose type has comments
import { Service } from './b';
export const service = new Service({ limit: 5, fetchUser: load });
// src/b.ts
export class Service {
  constructor(
    private readonly options: {
      // nobody's default
      limit: number;
      /** The user's row, and all that's known. */
      fetchUser: (id: number) => Promise<unknown>;
    },
  ) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser(id))); }
}

//// an abstract class as a port, implemented
import { UserRepo } from './port';
export class Service {
  constructor(private readonly repo: UserRepo) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.repo.find(id))); }
}
// src/port.ts
export abstract class UserRepo { abstract find(id: number): Promise<unknown>; }
// src/pg.ts
import { UserRepo } from './port';
export class PgRepo implements UserRepo { async find(id: number) { return load(id); } }

//// an abstract class as a port, extended
import { UserRepo } from './port';
export class Service {
  constructor(private readonly repo: UserRepo) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.repo.find(id))); }
}
// src/port.ts
export abstract class UserRepo { abstract find(id: number): Promise<unknown>; }
// src/pg.ts
import { UserRepo } from './port';
export class PgRepo extends UserRepo { async find(id: number) { return load(id); } }

//// an implementation that only tests use
import type { UserRepo } from './port';
export class Service {
  constructor(private readonly repo: UserRepo) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.repo.find(id))); }
}
// src/port.ts
export interface UserRepo { find(id: number): Promise<unknown> }
// src/pg.ts
import type { UserRepo } from './port';
export class PgRepo implements UserRepo { async find(id: number) { return load(id); } }
// src/in-memory.ts
import type { UserRepo } from './port';
export class MemoryRepo implements UserRepo { private items: { id: number }[] = []; async find(id: number) { return this.items.find((item) => item.id === id); } }
// src/service.spec.ts
import { MemoryRepo } from './in-memory';
import { Service } from './a';
test('all', () => new Service(new MemoryRepo()).all([1]));

//// a namespace handed over
import * as users from './users';
import { createService } from './b';
export const service = createService({ users });
// src/users.ts
import { prisma } from './db';
export const one = (id: number) => prisma.user.findUnique({ where: { id } });
// src/b.ts
import type * as Users from './users';
type Deps = { users: typeof Users };
export const createService = (deps: Deps) => ({ all: (ids: number[]) => Promise.all(ids.map((id) => deps.users.one(id))) });

//// a namespace handed over, by a type of its own
import * as users from './users';
import { createService } from './b';
export const service = createService({ users });
// src/users.ts
import { prisma } from './db';
export const one = (id: number) => prisma.user.findUnique({ where: { id } });
// src/b.ts
export const createService = (deps: { users: { one(id: number): Promise<unknown> } }) => ({ all: (ids: number[]) => Promise.all(ids.map((id) => deps.users.one(id))) });

//// the type of an object
import { users } from './users';
type Deps = { users: typeof users };
export const createService = (deps: Deps) => ({ all: (ids: number[]) => Promise.all(ids.map((id) => deps.users.one(id))) });
// src/users.ts
import { prisma } from './db';
export const users = { one: (id: number) => prisma.user.findUnique({ where: { id } }) };

//// a default repository
class Repo { find(id: number) { return load(id); } }
class Service { constructor(private repo = new Repo()) {} one(id: number) { return this.repo.find(id); } }
const service = new Service();
export const run = (ids: number[]) => Promise.all(ids.map((id) => service.one(id)));

//// a repository for want of another
class Repo { constructor(private db: PrismaClient) {} find(id: number) { return this.db.user.findFirst({ where: { id } }); } }
class Service {
  private repo: Repo;
  constructor(repo?: Repo) { this.repo = repo ?? new Repo(prisma); }
  one(id: number) { return this.repo.find(id); }
}
const service = new Service();
export const run = (ids: number[]) => Promise.all(ids.map((id) => service.one(id)));

//// a repository for want of another, without a type
class Repo { find(id: number) { return load(id); } }
class Service {
  constructor(repo) { this.repo = repo || new Repo(); }
  one(id: number) { return this.repo.find(id); }
}
const service = new Service();
export const run = (ids: number[]) => Promise.all(ids.map((id) => service.one(id)));

//// a container with getters
class Repo { find(id: number) { return load(id); } }
class Services {
  private _users?: Repo;
  get users() { return (this._users ??= new Repo()); }
}
export const services = new Services();
export const run = (ids: number[]) => Promise.all(ids.map((id) => services.users.find(id)));

//// a container with static getters
class Repo { find(id: number) { return load(id); } }
class Services {
  private static _users: Repo | null = null;
  static get users(): Repo { if (!this._users) this._users = new Repo(); return this._users; }
}
export const run = (ids: number[]) => Promise.all(ids.map((id) => Services.users.find(id)));

//// a use case that a function makes
import { makeGetUser } from './b';
const getUser = makeGetUser();
export const run = (ids: number[]) => Promise.all(ids.map((id) => getUser.execute({ id })));
// src/b.ts
import { prisma } from './db';
interface Repo { find(id: number): Promise<unknown> }
class PrismaRepo implements Repo { async find(id: number) { return prisma.user.findUnique({ where: { id } }); } }
class GetUser { constructor(private repo: Repo) {} async execute({ id }: { id: number }) { return this.repo.find(id); } }
export function makeGetUser() { return new GetUser(new PrismaRepo()); }

//// dependencies first, then the arguments
const makeGetUser = (deps: { prisma: PrismaClient }) => async (id: number) => deps.prisma.user.findUnique({ where: { id } });
const getUser = makeGetUser({ prisma });
export const run = (ids: number[]) => Promise.all(ids.map((id) => getUser(id)));

//// arguments first, then the dependencies
interface Context { db: PrismaClient }
const getUser = (id: number) => async ({ db }: Context) => db.user.findUnique({ where: { id } });
export const run = (ids: number[]) => Promise.all(ids.map((id) => getUser(id)({ db: prisma })));

//// a lazy module with then
export const run = (ids: number[]) => Promise.all(ids.map((id) => import('./b').then((m) => m.one(id))));
// src/b.ts
export const one = (id: number) => load(id);

//// a registry of classes by kind
class A { run(id: number) { return load(id); } }
class B { run(id: number) { return load(id + 1); } }
const registry: Record<string, A | B> = { a: new A(), b: new B() };
export const run = (items: { kind: string; id: number }[]) => Promise.all(items.map((item) => registry[item.kind].run(item.id)));

//// data sources of a GraphQL context
import type { Context } from './context';
export const resolvers = { Query: { all: (_: unknown, { ids }: { ids: number[] }, { dataSources }: Context) => Promise.all(ids.map((id) => dataSources.users.one(id))) } };
// src/context.ts
import { prisma } from './db';
export class Users { one(id: number) { return prisma.user.findUnique({ where: { id } }); } }
export interface Context { dataSources: { users: Users } }

//// a tRPC context with services
import { initTRPC } from '@trpc/server';
class Users { one(id: number) { return load(id); } }
const createContext = () => ({ services: { users: new Users() } });
const t = initTRPC.context<typeof createContext>().create();
export const router = t.router({ all: t.procedure.query(({ ctx, input }) => Promise.all(input.map((id: number) => ctx.services.users.one(id)))) });

//// a tRPC middleware that adds services
import { initTRPC } from '@trpc/server';
class Users { one(id: number) { return load(id); } }
const t = initTRPC.create();
const procedure = t.procedure.use(({ ctx, next }) => next({ ctx: { ...ctx, users: new Users() } }));
export const router = t.router({ all: procedure.query(({ ctx, input }) => Promise.all(input.map((id: number) => ctx.users.one(id)))) });

//// a transaction for each
export const run = (ids: number[]) => Promise.all(ids.map((id) => prisma.$transaction(async (tx) => { await tx.user.update({ where: { id }, data: {} }); })));

//// a wrapper of transactions, for each
async function inTransaction<T>(work: (tx: Prisma.TransactionClient) => Promise<T>) { return prisma.$transaction(work); }
export const run = (ids: number[]) => Promise.all(ids.map((id) => inTransaction((tx) => tx.user.update({ where: { id }, data: {} }))));

//// a span of Sentry
import * as Sentry from '@sentry/node';
export const run = (ids: number[]) => Promise.all(ids.map((id) => Sentry.startSpan({ name: 'one' }, () => load(id))));

//// an asynchronous context
import { AsyncLocalStorage } from 'node:async_hooks';
const store = new AsyncLocalStorage();
export const run = (ids: number[]) => Promise.all(ids.map((id) => store.run({ id }, () => load(id))));

//// a result of neverthrow
import { ResultAsync } from 'neverthrow';
export const run = (ids: number[]) => Promise.all(ids.map((id) => ResultAsync.fromPromise(load(id), (e) => e)));

//// a static field
class Users { static one = async (id: number) => load(id); }
export const run = (ids: number[]) => Promise.all(ids.map((id) => Users.one(id)));

//// a repository of parts
const base = (model) => ({ byId: (id: number) => model.findUnique({ where: { id } }) });
const users = { ...base(prisma.user), name: 'users' };
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));

//// an instance as default export
import users from './b';
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));
// src/b.ts
class Users { one(id: number) { return load(id); } }
export default new Users();

//// an instance as module.exports
const users = require('./b');
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));
// src/b.js
const { prisma } = require('./db');
class Users { one(id) { return prisma.user.findUnique({ where: { id } }); } }
module.exports = new Users();

//// an optional function of the options
import { Service } from './b';
export const service = new Service({ fetchUser: load });
// src/b.ts
export class Service {
  constructor(private readonly options: { fetchUser?: (id: number) => Promise<unknown> }) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser?.(id))); }
}

//// options merged with defaults
import { Service } from './b';
export const service = new Service({ fetchUser: load });
// src/b.ts
interface Options { fetchUser: (id: number) => Promise<unknown>; limit: number }
const defaults = { limit: 5 };
export class Service {
  private readonly options: Options;
  constructor(options: Partial<Options>) { this.options = { ...defaults, ...options } as Options; }
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser(id))); }
}

//// a function as a dependency, by its type
import { makeAll } from './b';
export const all = makeAll(load);
// src/b.ts
type FindUser = (id: number) => Promise<unknown>;
export const makeAll = (findUser: FindUser) => (ids: number[]) => Promise.all(ids.map((id) => findUser(id)));

//// a model of a client in a field
class Users { private readonly users = prisma.user; one(id: number) { return this.users.findFirst({ where: { id } }); } }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));

//// a base class with the client
abstract class Base { protected readonly db: PrismaClient; constructor(db: PrismaClient) { this.db = db; } }
class Users extends Base { one(id: number) { return this.db.user.findFirst({ where: { id } }); } }
const users = new Users(prisma);
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));

//// a template method
abstract class Base { async one(id: number) { return this.query(id); } protected abstract query(id: number): Promise<unknown>; }
class Users extends Base { protected query(id: number) { return load(id); } }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));

//// a template method that two classes fill in, called on one of them
abstract class Base { async one(id: number) { return this.query(id); } protected abstract query(id: number): Promise<unknown>; }
class Users extends Base { protected query(id: number) { return load(id); } }
class Pages extends Base { protected query(id: number) { return fetch(`https://example.com/${id}`); } }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));

//// a service that a hook of the framework fills
class Users { one(id: number) { return load(id); } }
let users: Users;
export function init() { users = new Users(); }
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.one(id)));

//// a debounced or memoized function
import memoize from 'p-memoize';
const one = memoize(async (id: number) => load(id));
export const run = (ids: number[]) => Promise.all(ids.map((id) => one(id)));

//// an unbound method in an object
class Users { async one(id: number) { return load(id); } }
const users = new Users();
const api = { one: users.one.bind(users) };
export const run = (ids: number[]) => Promise.all(ids.map((id) => api.one(id)));

//// a set of handlers for each event
const handlers = [(id: number) => load(id), (id: number) => load(id + 1)];
export const run = (ids: number[]) => Promise.all(ids.flatMap((id) => handlers.map((handle) => handle(id))));

//// a reducer of queries
export const run = (ids: number[]) => Promise.all(ids.map(async (id) => { const steps = [load, load]; for (const step of steps) await step(id); }));

//// an extended client's own method
const db = prisma.$extends({ client: { byId(id: number) { return prisma.user.findUnique({ where: { id } }); } } });
export const run = (ids: number[]) => Promise.all(ids.map((id) => db.byId(id)));

//// a model method of an extended client
const db = prisma.$extends({ model: { user: { byMail(mail: string) { return prisma.user.findFirst({ where: { mail } }); } } } });
export const run = (mails: string[]) => Promise.all(mails.map((mail) => db.user.byMail(mail)));

//// an action of next-safe-action
import { createSafeActionClient } from 'next-safe-action';
const action = createSafeActionClient();
const one = action.action(async ({ parsedInput: { id } }) => load(id));
export const run = (ids: number[]) => Promise.all(ids.map((id) => one({ id })));
