//// map
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => load(id)));
}

//// map with type arguments
export async function run(ids: number[]) {
  return Promise.all<User>(ids.map<Promise<User>>((id) => load(id)));
}

//// flatMap
export async function run(ids: number[]) {
  return Promise.all(ids.flatMap((id) => [load(id), other(id)]));
}

//// a local
export async function run(ids: number[]) {
  const all = ids.map((id) => load(id));
  return Promise.all(all);
}

//// a local of a local
export async function run(ids: number[]) {
  const all = ids.map((id) => load(id)); const same = all;
  return Promise.all(same);
}

//// a filter before
export async function run(ids: number[]) {
  return Promise.all(ids.filter((id) => id > 3).map((id) => load(id)));
}

//// a filter behind
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => (id ? load(id) : null)).filter(Boolean));
}

//// a spread
export async function run(ids: number[]) {
  return Promise.all([other(1), ...ids.map((id) => load(id))]);
}

//// two spreads
export async function run(ids: number[]) {
  return Promise.all([...ids.map(other), ...ids.map((id) => load(id))]);
}

//// concat on it
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => load(id)).concat(other(1)));
}

//// concat of it
export async function run(ids: number[]) {
  return Promise.all([other(1)].concat(ids.map((id) => load(id))));
}

//// flat
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => [load(id)]).flat());
}

//// entries of an object
export async function run(ids: number[]) {
  return Promise.all(Object.entries(ids).map(([, id]) => load(id)));
}

//// a set, spread
export async function run(ids: number[]) {
  return Promise.all([...new Set(ids)].map((id) => load(id)));
}

//// Array.from with a function
export async function run(ids: number[]) {
  return Promise.all(Array.from(new Set(ids), (id) => load(id)));
}

//// Array.from, then map
export async function run(ids: number[]) {
  return Promise.all(Array.from(new Map().values()).map((id) => load(id)));
}

//// Array.from around it
export async function run(ids: number[]) {
  return Promise.all(Array.from(ids.map((id) => load(id))));
}

//// as many as a variable says
export async function run(ids: number[]) {
  return Promise.all(new Array(ids.length).fill(0).map((_, id) => load(id)));
}

//// a length that is a variable
export async function run(ids: number[]) {
  return Promise.all(Array.from({ length: ids.length }, (_, id) => load(id)));
}

//// optional chaining
export async function run(ids: number[]) {
  return Promise.all(ids?.map((id) => load(id)) ?? []);
}

//// the other side of ??
export async function run(ids: number[]) {
  return Promise.all(cached() ?? ids.map((id) => load(id)));
}

//// &&
export async function run(ids: number[]) {
  return Promise.all((ids.length && ids.map((id) => load(id))) || []);
}

//// a ternary
export async function run(ids: number[]) {
  return Promise.all(ids.length ? ids.map((id) => load(id)) : []);
}

//// as
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => load(id)) as Promise<User>[]);
}

//// satisfies and !
export async function run(ids: number[]) {
  return Promise.all(ids!.map((id) => load(id)) satisfies unknown[]);
}

//// then behind Promise.all
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => load(id))).then((all) => all.length);
}

//// then behind each
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => load(id).then((user) => user.name)));
}

//// catch behind each, in a second map
export async function run(ids: number[]) {
  const all = ids.map((id) => load(id));
  return Promise.all(all.map((one) => one.catch(() => null)));
}

//// then behind each, in a second map
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => load(id)).map((one) => one.then((user) => user.name)));
}

//// a list that a promise gives
export async function run(ids: number[]) {
  return Promise.all(await page().then((all) => all.map((id) => load(id))));
}

//// allSettled
export async function run(ids: number[]) {
  return Promise.allSettled(ids.map((id) => load(id)));
}

//// any
export async function run(ids: number[]) {
  return Promise.any(ids.map((id) => load(id)));
}

//// race
export async function run(ids: number[]) {
  return Promise.race(ids.map((id) => load(id)));
}

//// for … of
export async function run(ids: number[]) {
  const all = [];
  for (const id of ids) all.push(load(id));
  return Promise.all(all);
}

//// for … of over entries
export async function run(ids: number[]) {
  const all = [];
  for (const [i, id] of ids.entries()) { all.push(load(id)); }
  return Promise.all(all);
}

//// for … in
export async function run(ids: number[]) {
  const all = [];
  for (const key in ids) all.push(load(ids[key]));
  return Promise.all(all);
}

//// for
export async function run(ids: number[]) {
  const all = [];
  for (let i = 0; i < ids.length; i++) all.push(load(ids[i]));
  return Promise.all(all);
}

//// while
export async function run(ids: number[]) {
  const all = [];
  while (ids.length) all.push(load(ids.pop()));
  return Promise.all(all);
}

//// forEach
export async function run(ids: number[]) {
  const all = [];
  ids.forEach((id) => { all.push(load(id)); });
  return Promise.all(all);
}

//// forEach with an expression
export async function run(ids: number[]) {
  const all = [];
  ids.forEach((id) => all.push(load(id)));
  await Promise.all(all);
}

//// a promise in a variable of the loop
export async function run(ids: number[]) {
  const all = [];
  for (const id of ids) { const one = load(id); all.push(one); }
  return Promise.all(all);
}

//// several at once
export async function run(ids: number[]) {
  const all = [];
  for (const id of ids) all.push(other(id), load(id));
  await Promise.all(all);
}

//// a spread that is pushed
export async function run(ids: number[]) {
  const all = [];
  all.push(...ids.map((id) => load(id)));
  await Promise.all(all);
}

//// by index
export async function run(ids: number[]) {
  const all = [];
  ids.forEach((id, i) => { all[i] = load(id); });
  return Promise.all(all);
}

//// by key of an object
export async function run(ids: number[]) {
  const all = {};
  for (const id of ids) all[id] = load(id);
  return Promise.all(Object.values(all));
}

//// a map of promises
export async function run(ids: number[]) {
  const all = new Map();
  for (const id of ids) all.set(id, load(id));
  return Promise.all(all.values());
}

//// a set of promises
export async function run(ids: number[]) {
  const all = new Set();
  for (const id of ids) all.add(load(id));
  return Promise.all([...all]);
}

//// a list made anew
export async function run(ids: number[]) {
  let all = [];
  for (const id of ids) all = [...all, load(id)];
  return Promise.all(all);
}

//// a list made anew with concat
export async function run(ids: number[]) {
  let all = [];
  for (const id of ids) { all = all.concat(load(id)); }
  return Promise.all(all);
}

//// assigned later
export async function run(ids: number[]) {
  let all;
  all = ids.map((id) => load(id));
  return Promise.all(all);
}

//// assigned in one of two branches
export async function run(ids: number[]) {
  let all: Promise<User>[] = [];
  if (ids.length) { all = ids.map((id) => load(id)); }
  return Promise.all(all);
}

//// reduce with push
export async function run(ids: number[]) {
  return Promise.all(ids.reduce((all, id) => { all.push(load(id)); return all; }, []));
}

//// reduce with a spread
export async function run(ids: number[]) {
  return Promise.all(ids.reduce((all, id) => [...all, load(id)], []));
}

//// reduce with concat
export async function run(ids: number[]) {
  return Promise.all(ids.reduce((all, id) => all.concat(load(id)), []));
}

//// another block
export async function run(ids: number[]) {
  const all = [];
  if (ids.length > 1) { for (const id of ids) all.push(load(id)); }
  try { await Promise.all(all); } finally { done(); }
}

//// a later function of the same closure
export function batch(ids: number[]) {
  const all = ids.map((id) => load(id));
  return { wait: async () => { await Promise.all(all); } };
}

//// added by one function, awaited by another
export function collector() {
  const all: Promise<unknown>[] = [];
  return { add: (id: number) => { all.push(load(id)); }, wait: () => Promise.all(all) };
}

//// a list that a function gives
const tasks = (ids: number[]) => ids.map((id) => load(id));
export const run = (ids: number[]) => Promise.all(tasks(ids));

//// a list that an imported function fills
import { tasks } from './b';
export const run = (ids: number[]) => Promise.all(tasks(ids));
// src/b.ts
import { load } from './load';
export function tasks(ids: number[]) {
  const all = [];
  for (const id of ids) all.push(load(id));
  return all;
}

//// a list that a method gives
export class Jobs {
  private tasks(ids: number[]) { return ids.map((id) => load(id)); }
  run(ids: number[]) { return Promise.all(this.tasks(ids)); }
}

//// a list that an async function gives
async function tasks(ids: number[]) { return ids.map((id) => load(id)); }
export const run = async (ids: number[]) => Promise.all(await tasks(ids));

//// a field
export class Jobs {
  private all: Promise<unknown>[] = [];
  add(id: number) { this.all.push(load(id)); }
  async wait() { await Promise.all(this.all); }
}

//// functions, called together
export async function run(ids: number[]) {
  const tasks = ids.map((id) => () => load(id));
  return Promise.all(tasks.map((task) => task()));
}

//// functions that a loop collects, called together
export async function run(ids: number[]) {
  const tasks = [];
  for (const id of ids) tasks.push(() => load(id));
  return Promise.all(tasks.map(async (task) => task()));
}

//// a query for each chunk
import { chunk } from 'lodash';
export async function run(ids: number[]) {
  const queries = chunk(ids, 100).map((part) => prisma.user.findMany({ where: { id: { in: part } } }));
  return Promise.all(queries);
}

//// by reference
export async function run(ids: number[]) {
  return Promise.all(ids.map(load));
}

//// a method by reference
export class Jobs {
  one = async (id: number) => load(id);
  run(ids: number[]) { return Promise.all(ids.map(this.one)); }
}

//// a bound method
export class Jobs {
  async one(id: number) { return load(id); }
  run(ids: number[]) { return Promise.all(ids.map(this.one.bind(this))); }
}

//// partial application
import { partial } from 'lodash';
export async function run(ids: number[]) {
  return Promise.all(ids.map(partial(load, { full: true })));
}

//// a curried function
const loadWith = (options: object) => async (id: number) => load(id);
export async function run(ids: number[]) {
  return Promise.all(ids.map(loadWith({ full: true })));
}

//// a curried function of a variable
function loadWith(options: object) { return (id: number) => load(id); }
export async function run(ids: number[]) {
  const options = {};
  return Promise.all(ids.map(loadWith(options)));
}

//// lodash's map
import _ from 'lodash';
export async function run(ids: number[]) {
  return Promise.all(_.map(ids, (id) => load(id)));
}

//// lodash's map by name
import { map } from 'lodash';
export async function run(ids: number[]) {
  return Promise.all(map(ids, load));
}

//// recursion
export async function run(ids: number[]) {
  return Promise.all(ids.map(async (id) => { await load(id); await run([id]); }));
}

//// a page of 100 at a time, each all at once
export async function run(ids: number[]) {
  let cursor = 0;
  while (true) {
    const page = await prisma.user.findMany({ take: 100, where: { id: { gt: cursor } } });
    if (page.length === 0) break;
    await Promise.all(page.map(({ id }) => load(id)));
    cursor = page[page.length - 1].id;
  }
}

//// the first 100
export async function run(ids: number[]) {
  return Promise.all(ids.slice(0, 100).map((id) => load(id)));
}

//// all chunks at once
import { chunk } from 'lodash';
export async function run(ids: number[]) {
  return Promise.all(chunk(ids, 10).map((part) => Promise.all(part.map((id) => load(id)))));
}

//// chunks in forEach, where nobody waits
import { chunk } from 'lodash';
export async function run(ids: number[]) {
  chunk(ids, 10).forEach(async (part) => { await Promise.all(part.map((id) => load(id))); });
}

//// pushed chunk by chunk, awaited at the end
import { chunk } from 'lodash';
export async function run(ids: number[]) {
  const all = [];
  for (const part of chunk(ids, 10)) { for (const id of part) all.push(load(id)); }
  return Promise.all(all);
}

//// an object that is filled later
export async function run(ids: number[]) {
  const byName: Record<string, number> = {};
  for (const id of ids) byName[`n${id}`] = id;
  return Promise.all(Object.values(byName).map((id) => load(id)));
}

//// a constant that grows
export async function run(ids: number[]) {
  const all = [1, 2];
  for (const id of ids) all[id] = id;
  return Promise.all(all.map((id) => load(id)));
}

//// a limiter for each element
import pLimit from 'p-limit';
export async function run(ids: number[]) {
  return Promise.all(ids.map(async (id) => { const limit = pLimit(1); return limit(() => load(id)); }));
}

//// p-map for each element
import pMap from 'p-map';
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => pMap([id], () => load(id), { concurrency: 1 })));
}

//// a queue without a limit
import PQueue from 'p-queue';
const queue = new PQueue();
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => queue.add(() => load(id))));
}

//// p-limit around something else
import pLimit from 'p-limit';
const limit = pLimit(2);
export async function run(ids: number[]) {
  return Promise.all(ids.map(async (id) => { await limit(() => other(id)); return load(id); }));
}

//// a function that only tries again
async function again<T>(fn: () => Promise<T>) {
  for (let n = 0; n < 3; n++) {
    try { return await fn(); } catch { await other(n); }
  }
}
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => again(() => load(id))));
}

//// as many workers as there are elements
export async function run(ids: number[]) {
  return Promise.all(Array.from({ length: ids.length }, async () => { const id = ids.pop(); await load(id); }));
}

//// an enum of six
enum Level { A, B, C, D, E, F }
export async function run(ids: number[]) {
  return Promise.all(Object.values(Level).map((id) => load(id)));
}

//// an enum of the schema with six
import { Status } from '@prisma/client';
export async function run(ids: number[]) {
  return Promise.all(Object.values(Status).map((status) => prisma.user.count()));
}

//// take of six
export async function run(ids: number[]) {
  const first = await prisma.user.findMany({ take: 6 });
  return Promise.all(first.map(({ id }) => load(id)));
}

//// a page of each element's own list
export async function run(users: { posts: number[] }[], from: number) {
  for (const user of users) {
    const page = user.posts.slice(from, from + 100);
    await Promise.all(page.map((id) => load(id)));
  }
}

//// the same page again and again
export async function run(ids: number[], from: number) {
  while (await other(0)) {
    await Promise.all(ids.slice(from, from + 100).map((id) => load(id)));
  }
}

//// a list of lists, of which a function gives some
const top = (groups: number[][]) => groups.slice(0, 100);
export async function run(groups: number[][]) {
  for (const group of top(groups)) await Promise.all(group.map((id) => load(id)));
}

//// a list of lists, of which a function shortens the names
function named(groups: { name: string }[]) {
  return groups.map((group) => ({ ...group, name: group.name.slice(0, 20) }));
}
export async function run(groups) {
  for (const group of named(groups)) await Promise.all(group.map((id) => load(id)));
}

//// at most 500, by their length
export async function run(ids: number[]) {
  return Promise.all(Array.from({ length: Math.min(500, ids.length) }, (_, id) => load(id)));
}

//// a race against time in the loop that fills the list
export async function run(ids: number[]) {
  const all = [];
  for (const id of ids) {
    await Promise.race([other(id), timeout(100)]);
    all.push(load(id));
  }
  await Promise.all(all);
}

//// each element in slices of its own
async function inParts<T>(all: T[], size: number, fn: (one: T) => Promise<unknown>) {
  for (let i = 0; i < all.length; i += size) await Promise.all(all.slice(i, i + size).map((one) => fn(one)));
}
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => inParts([id, id + 1], 5, (one) => load(one))));
}

//// a semaphore for each element
class Semaphore {
  private waiting: (() => void)[] = [];
  private free = 5;
  async acquire() {
    if (this.free-- <= 0) await new Promise<void>((go) => this.waiting.push(go));
  }
  release() {
    this.waiting.shift()?.();
  }
}
export async function run(ids: number[]) {
  return Promise.all(ids.map(async (id) => {
    const semaphore = new Semaphore();
    await semaphore.acquire();
    return load(id);
  }));
}

//// a bottleneck without a limit
import Bottleneck from 'bottleneck';
const limiter = new Bottleneck();
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => limiter.schedule(() => load(id))));
}

//// a method of each element, by the type of the list
class Source { constructor(private id: number) {} read() { return load(this.id); } }
export async function run(sources: readonly Source[]) {
  return Promise.all(sources.map((source) => source.read()));
}

//// a method of each element, by what a function says that it gives
class Source { constructor(private id: number) {} read() { return load(this.id); } }
async function sources(): Promise<Array<Source>> { return other(1); }
export async function run() {
  const all = await sources();
  return Promise.all(all.filter(Boolean).map((source) => source.read()));
}

//// a method of each element of a field, in a loop
class Source { constructor(private id: number) {} read() { return load(this.id); } }
class Sources {
  private all: Source[] = [];
  async run() {
    const tasks = [];
    for (const source of this.all) tasks.push(source.read());
    return Promise.all(tasks);
  }
}
export const run = new Sources();

//// filled by a loop in the callback that waits
declare function locked(work: () => Promise<unknown>): Promise<unknown>;
export async function run(ids: number[]) {
  const tasks: Promise<unknown>[] = [];
  return locked(async () => {
    for (const id of ids) tasks.push(load(id));
    return Promise.all(tasks);
  });
}

//// a lock that is given back before the work starts
declare const lock: { acquire(): Promise<void>; release(): void };
export async function run(ids: number[]) {
  const tasks: Promise<unknown>[] = [];
  for (const id of ids) {
    await lock.acquire();
    lock.release();
    tasks.push(load(id));
  }
  await Promise.all(tasks);
}

//// slices that begin where the last one did
export async function run(ids: number[], size: number) {
  let at = 0;
  async function next() {
    await Promise.all(ids.slice(at, at + size).map((id) => load(id)));
  }
  while (at < ids.length) {
    await next();
  }
}

//// slices that nobody waits for
export async function run(ids: number[]) {
  let at = 0;
  async function next() {
    const part = ids.slice(at, at + 10);
    at += 10;
    await Promise.all(part.map((id) => load(id)));
  }
  while (at < ids.length) {
    void next();
  }
}

//// any number, without doubles
function unique<T>(all: readonly T[]): T[] {
  return [...new Set(all)];
}
export async function run(ids: number[]) {
  return Promise.all(unique(ids).map((id) => load(id)));
}

//// each of what the first step gave
class Job {
  constructor(private id: number) {}
  run() {
    return load(this.id);
  }
}
export async function run(ids: number[]) {
  const jobs = await Promise.all(ids.map(async (id) => new Job(id)));
  await Promise.all(jobs.map((job) => job.run()));
}

//// each of one list or the other
class Job {
  constructor(private id: number) {}
  run() {
    return load(this.id);
  }
}
declare function waiting(): Promise<Job[]>;
async function pending(): Promise<Job[]> {
  return waiting();
}
export async function run(job: Job, all: boolean) {
  const jobs = all ? await pending() : [job, job];
  await Promise.all(jobs.map((one) => one.run()));
}

//// each of a list in a parameter's pattern
class Job {
  constructor(private id: number) {}
  run() {
    return load(this.id);
  }
}
export async function run({ jobs }: { jobs: Job[]; quick: boolean }) {
  await Promise.all(jobs.map((job) => job.run()));
}

//// each of a list in props
class Job {
  constructor(private id: number) {}
  run() {
    return load(this.id);
  }
}
interface Props {
  jobs: Job[];
}
export async function run(props: Props) {
  await Promise.all(props.jobs.map((job) => job.run()));
}
