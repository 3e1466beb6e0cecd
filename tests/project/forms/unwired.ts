//// a function over a client, called with a transaction's
const one = (db: Prisma.TransactionClient, id: number) => db.user.findFirst({ where: { id } });
export const run = (ids: number[]) => prisma.$transaction((tx) => Promise.all(ids.map((id) => one(tx, id))));
export const other = (id: number) => one(prisma, id);

//// a function over a client in an object, called with a transaction's
const one = ({ db, id }: { db: Prisma.TransactionClient; id: number }) => db.user.findFirst({ where: { id } });
export const run = (ids: number[]) => prisma.$transaction((tx) => Promise.all(ids.map((id) => one({ db: tx, id }))));
export const other = (id: number) => one({ db: prisma, id });

//// a list in a function that only transactions call
async function all(tx: Prisma.TransactionClient, ids: number[]) {
  await Promise.all(ids.map((id) => tx.user.delete({ where: { id } })));
}
export const run = (ids: number[]) => prisma.$transaction((tx) => all(tx, ids));

//// a list in a function that nobody calls
export async function all(tx: Prisma.TransactionClient, ids: number[]) {
  await Promise.all(ids.map((id) => tx.user.delete({ where: { id } })));
}

//// an object of queries over a transaction's client
import { users } from './b';
export const run = (ids: number[]) => prisma.$transaction((tx) => Promise.all(ids.map((id) => users(tx).one(id))));
export const other = (id: number) => users(prisma).one(id);
// src/b.ts
import type { Prisma } from '@prisma/client';
export const users = (db: Prisma.TransactionClient) => ({ one: (id: number) => db.user.findFirst({ where: { id } }) });

//// an object of queries over another database's client
import { drizzle } from 'drizzle-orm/node-postgres';
import { users } from './b';
const db = drizzle(process.env.DATABASE_URL);
export const run = (ids: number[]) => Promise.all(ids.map((id) => users(db).one(id)));
// src/b.ts
export const users = (db) => ({ one: (id: number) => db.select().from('users').where({ id }) });

//// a class over a client, made with a transaction's
import { Repo } from './b';
export const run = (ids: number[]) =>
  prisma.$transaction((tx) => { const repo = new Repo(tx); return Promise.all(ids.map((id) => repo.one(id))); });
export const other = (id: number) => new Repo(prisma).one(id);
// src/b.ts
import type { Prisma } from '@prisma/client';
export class Repo {
  constructor(private readonly db: Prisma.TransactionClient) {}
  one(id: number) { return this.db.user.findFirst({ where: { id } }); }
}

//// a service with options that fetch
import { Service } from './b';
export const service = new Service({ fetchUser: (id) => fetch(`https://example.com/${id}`) });
// src/b.ts
export class Service {
  constructor(private readonly options: { fetchUser: (id: number) => Promise<unknown> }) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser(id))); }
}

//// two services with options, one of which fetches
import { Service } from './b';
export const service = new Service({ fetchUser: (id) => fetch(`https://example.com/${id}`) });
export const another = new Service({ fetchUser: load });
// src/b.ts
export class Service {
  constructor(private readonly options: { fetchUser: (id: number) => Promise<unknown> }) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser(id))); }
}

//// a service with options that nobody makes
export class Service {
  constructor(private readonly options: { fetchUser: (id: number) => Promise<unknown> }) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser(id))); }
}

//// a service whose options come from elsewhere
import { Service } from './b';
import { options } from 'elsewhere';
export const service = new Service(options);
export const another = new Service({ fetchUser: load });
// src/b.ts
export class Service {
  constructor(private readonly options: { fetchUser: (id: number) => Promise<unknown> }) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.options.fetchUser(id))); }
}

//// a factory whose callers hand over different work
import { createJob } from './b';
export const one = createJob({ each: load });
export const two = createJob({ each: async (id) => { await fetch(`https://example.com/${id}`); } });
// src/b.ts
export function createJob(options: { each: (id: number) => Promise<unknown> }) {
  return async (ids: number[]) => { await Promise.all(ids.map((id) => options.each(id))); };
}

//// a helper that gets work in an object, called with something else
import { each } from './b';
export const run = (ids: number[]) => each({ ids, handle: async (id) => { await fetch(`https://example.com/${id}`); } });
// src/b.ts
export async function each({ ids, handle }: { ids: number[]; handle: (id: number) => Promise<unknown> }) {
  await Promise.all(ids.map((id) => handle(id)));
}

//// a repository over a model of mongoose
import { model } from 'mongoose';
import { BaseRepository } from './b';
class Users extends BaseRepository { constructor() { super(model('User')); } }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));
// src/b.ts
export class BaseRepository {
  constructor(protected readonly model) {}
  byId(id: number) { return this.model.findOne({ where: { id } }); }
}

//// an abstract field that is something else
abstract class Base {
  protected abstract readonly delegate: any;
  byId(id: number) { return this.delegate.findUnique({ where: { id } }); }
}
class Users extends Base { protected readonly delegate = new Map(); }
const users = new Users();
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.byId(id)));

//// a repository with a null object and one that fetches
import type { Repo } from './b';
export class Service {
  constructor(private readonly repo: Repo) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.repo.find(id))); }
}
// src/b.ts
export interface Repo { find(id: number): Promise<unknown> }
// src/http.ts
import type { Repo } from './b';
export class HttpRepo implements Repo { async find(id: number) { return fetch(`https://example.com/${id}`); } }
// src/null.ts
import type { Repo } from './b';
export class NullRepo implements Repo { async find() { return null; } }

//// a repository with three implementations, of which one fetches
import type { Repo } from './b';
export class Service {
  constructor(private readonly repo: Repo) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.repo.find(id))); }
}
// src/b.ts
export interface Repo { find(id: number): Promise<unknown> }
// src/http.ts
import type { Repo } from './b';
export class HttpRepo implements Repo { async find(id: number) { return fetch(`https://example.com/${id}`); } }
// src/null.ts
import type { Repo } from './b';
export class NullRepo implements Repo { async find() { throw new Error('not here'); } }
// src/pg.ts
import type { Repo } from './b';
export class PgRepo implements Repo { async find(id: number) { return load(id); } }

//// a member of an interface, made in two ways
import { inner } from './b';
export const one = (ids: number[]) => inner({ ids, provider: deps().provider });
// src/b.ts
export interface Provider { prepare(id: number): Promise<unknown> }
export interface Deps { provider: Provider }
export async function inner({ ids, provider }: { ids: number[]; provider: Provider }) {
  return Promise.all(ids.map((id) => provider.prepare(id)));
}
// src/deps.ts
import type { Deps } from './b';
export const real = (): Deps => ({ provider: { prepare: async (id) => load(id) } });
export const remote = (): Deps => ({ provider: { prepare: async (id) => fetch(`https://example.com/${id}`) } });

//// out of a container, by an interface that two classes implement
import { Container } from 'inversify';
import type { Repo } from './b';
const container = new Container();
export const run = (ids: number[]) => Promise.all(ids.map((id) => container.get<Repo>('Repo').find(id)));
// src/b.ts
export interface Repo { find(id: number): Promise<unknown> }
// src/http.ts
import type { Repo } from './b';
export class HttpRepo implements Repo { async find(id: number) { return fetch(`https://example.com/${id}`); } }
// src/pg.ts
import type { Repo } from './b';
export class PgRepo implements Repo { async find(id: number) { return load(id); } }

//// what a request gives, by a type argument
import axios from 'axios';
interface User { name: string }
export const run = (ids: number[]) => Promise.all(ids.map((id) => axios.get<User>(`https://example.com/${id}`)));

//// a loader that batches
import DataLoader from 'dataloader';
const users = new DataLoader(async (ids: readonly number[]) => prisma.user.findMany({ where: { id: { in: [...ids] } } }));
export const run = (ids: number[]) => Promise.all(ids.map((id) => users.load(id)));

//// a job that is queued
import { Queue, Worker } from 'bullmq';
const queue = new Queue('users');
export const worker = new Worker('users', async (job) => load(job.data.id));
export const run = (ids: number[]) => Promise.all(ids.map((id) => queue.add('load', { id })));

//// an event that somebody may hear
import { EventEmitter } from 'node:events';
const events = new EventEmitter();
events.on('user', (id) => load(id));
export const run = (ids: number[]) => Promise.all(ids.map(async (id) => events.emit('user', id)));

//// four calls away
const one = (id: number) => load(id);
const two = (id: number) => { return one(id); };
const three = (id: number) => { return two(id + 1); };
const four = (id: number) => { return three(id + 1); };
export const run = (ids: number[]) => Promise.all(ids.map((id) => four(id)));

//// a hook that gives other functions
import { useUsers } from './b';
export async function run(ids: number[]) { const { two } = useUsers(); return Promise.all(ids.map((id) => two(id))); }
// src/b.ts
export function useUsers() { const one = async (id: number) => load(id); const two = async (id: number) => id; return { one, two }; }

//// services of a context, one that only computes
import type { Services } from './b';
interface Context { services: Services }
export const handler = (ctx: Context, ids: number[]) => Promise.all(ids.map((id) => ctx.services.users.two(id)));
// src/b.ts
import { prisma } from './db';
export function createServices() {
  return { users: { one: (id: number) => prisma.user.findUnique({ where: { id } }), two: async (id: number) => id } };
}
export type Services = ReturnType<typeof createServices>;

//// an abstract class as a port, implemented in two ways
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
// src/http.ts
import { UserRepo } from './port';
export class HttpRepo implements UserRepo { async find(id: number) { return fetch(`https://example.com/${id}`); } }

//// an implementation that tests and others use
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
export class MemoryRepo implements UserRepo {
  private items: { id: number }[] = [];
  async find(id: number) { return this.items.find((item) => item.id === id); }
}
// src/demo.ts
import { MemoryRepo } from './in-memory';
export const repo = new MemoryRepo();
// src/service.spec.ts
import { MemoryRepo } from './in-memory';
test('all', () => new MemoryRepo().find(1));

//// a registry of classes, of which one fetches
class A { run(id: number) { return load(id); } }
class B { run(id: number) { return fetch(`https://example.com/${id}`); } }
const registry: Record<string, A | B> = { a: new A(), b: new B() };
export const run = (items: { kind: string; id: number }[]) =>
  Promise.all(items.map((item) => registry[item.kind].run(item.id)));

//// a class that is handed different functions
import { Each } from './b';
export const one = new Each(load);
export const two = new Each((id) => fetch(`https://example.com/${id}`));
// src/b.ts
type Work = (id: number) => Promise<unknown>;
export class Each {
  constructor(private readonly work: Work) {}
  all(ids: number[]) { return Promise.all(ids.map((id) => this.work(id))); }
}

//// a factory that is handed different functions
import { makeAll } from './b';
export const all = makeAll(load);
export const others = makeAll((id) => fetch(`https://example.com/${id}`));
// src/b.ts
type Work = (id: number) => Promise<unknown>;
export const makeAll = (work: Work) => (ids: number[]) => Promise.all(ids.map((id) => work(id)));

//// a template method that two classes fill in, called on the other one
abstract class Base {
  async one(id: number) { return this.query(id); }
  protected abstract query(id: number): Promise<unknown>;
}
class Users extends Base { protected query(id: number) { return load(id); } }
class Pages extends Base { protected query(id: number) { return fetch(`https://example.com/${id}`); } }
const pages = new Pages();
export const run = (ids: number[]) => Promise.all(ids.map((id) => pages.one(id)));

//// a method that a class below replaces
class Base { async one(id: number) { return this.query(id); } protected query(id: number): Promise<unknown> { return load(id); } }
class Pages extends Base { protected query(id: number) { return fetch(`https://example.com/${id}`); } }
const pages = new Pages();
export const run = (ids: number[]) => Promise.all(ids.map((id) => pages.one(id)));

//// a method of an extension that only computes
const db = prisma.$extends({ model: { user: { label(name: string) { return name.trim(); } } } });
export const run = (names: string[]) => Promise.all(names.map((name) => db.user.label(name)));

//// a list that is awaited only where a transaction's client is handed over
async function reorder(ids: number[], tx?: Prisma.TransactionClient) {
  const db = tx ?? prisma;
  const updates = ids.map((id) => db.user.update({ where: { id }, data: {} }));
  if (tx) await Promise.all(updates);
  else await prisma.$transaction(updates as never);
}
export const run = (ids: number[]) => reorder(ids);

//// a helper whose callers hand over different functions
import { each } from './b';
export const one = (ids: number[]) => each(ids, load);
export const two = (ids: number[]) => each(ids, (id) => fetch(`https://example.com/${id}`));
// src/b.ts
export const each = (ids: number[], work: (id: number) => Promise<unknown>) => Promise.all(ids.map((id) => work(id)));
