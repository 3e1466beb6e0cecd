//// p-map
import pMap from 'p-map';
export async function run(ids: number[]) {
  return pMap(ids, (id) => load(id), { concurrency: 5 });
}

//// p-map without a limit
import pMap from 'p-map';
export async function run(ids: number[]) {
  return pMap(ids, (id) => load(id));
}

//// a pool of @supercharge/promise-pool
import { PromisePool } from '@supercharge/promise-pool';
export async function run(ids: number[]) {
  return PromisePool.for(ids).withConcurrency(5).process((id) => load(id));
}

//// tiny-async-pool
import asyncPool from 'tiny-async-pool';
export async function run(ids: number[]) {
  for await (const one of asyncPool(5, ids, load)) other(one);
}

//// async.forEach
import async from 'async';
export async function run(ids: number[]) {
  return async.forEach(ids, load);
}

//// Bluebird's map
import Bluebird from 'bluebird';
export async function run(ids: number[]) {
  return Bluebird.map(ids, (id) => load(id));
}

//// Effect
import { Effect } from 'effect';
export async function run(ids: number[]) {
  return Effect.forEach(ids, (id) => load(id));
}

//// another Promise
const Promise = { all: (x) => x };
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => load(id)));
}

//// one after the other
export async function run(ids: number[]) {
  for (const id of ids) await load(id);
}

//// a list of results
export async function run(ids: number[]) {
  const all = [];
  for (const id of ids) all.push(await load(id));
  return Promise.all(all);
}

//// a list of results, from a variable
export async function run(ids: number[]) {
  const all = [];
  for (const id of ids) { const one = await load(id); all.push(one); }
  return Promise.all(all);
}

//// awaited in what is pushed
export async function run(ids: number[]) {
  const all = [];
  for (const id of ids) all.push(other(await load(id)));
  return Promise.all(all);
}

//// added by hand
export async function run(ids: number[]) {
  const all = [];
  all.push(load(1));
  if (ids[0]) all.push(load(2));
  return Promise.all(all);
}

//// added by hand through a function
export async function run(ids: number[]) {
  const all = [];
  const add = (id: number) => { all.push(load(id)); };
  add(1);
  add(2);
  return Promise.all(all);
}

//// functions that nobody calls
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => () => load(id)));
}

//// a list of numbers
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => id + 1));
}

//// the results of another one
export async function run(ids: number[]) {
  const users = await prisma.user.findMany();
  return Promise.all(users.map((user) => other(user.id)));
}

//// a transaction
export async function run(ids: number[]) {
  return prisma.$transaction(ids.map((id) => prisma.user.delete({ where: { id } })));
}

//// a list that a caller passes
export const all = (list: Promise<unknown>[]) => Promise.all(list);

//// a function of the same name
import { loadAll } from 'elsewhere';
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => loadAll(id)));
}

//// another caller's function
async function again<T>(fn: () => Promise<T>) { return await fn(); }
export async function run(ids: number[]) {
  await again(() => load(1));
  return Promise.all(ids.map((id) => again(() => other(id))));
}

//// workers that were made with a function that queries
class Worker { constructor(private job: () => Promise<unknown>) {} async close() { this.job = async () => null; } }
class Jobs {
  private workers = new Map<number, Worker>();
  start(ids: number[]) {
    for (const id of ids) {
      const worker = new Worker(async () => load(id));
      this.workers.set(id, worker);
    }
  }
  async stop() {
    await Promise.all([...this.workers.values()].map((worker) => Promise.race([worker.close(), other(1)])));
  }
}
export const run = new Jobs();

//// elements of which only a shape is known
export async function run(sources: { read(): Promise<number> }[]) {
  return Promise.all(sources.map((source) => source.read()));
}

//// a map of each element, not the element
class Source { constructor(private id: number) {} get(id: number) { return load(id); } }
export async function run(sources: Map<number, Source>[]) {
  return Promise.all(sources.map((source) => source.get(1)));
}

//// filled and waited for by one callback, a few promises
declare function locked(work: () => Promise<unknown>): Promise<unknown>;
export async function run(some: boolean) {
  const tasks: Promise<unknown>[] = [];
  return locked(async () => {
    if (some) tasks.push(load(1));
    tasks.push(load(2));
    return Promise.all(tasks);
  });
}

//// a few promises for each element, waited for one after the other
export async function run(ids: number[]) {
  for (const id of ids) {
    const tasks: Promise<unknown>[] = [load(id)];
    if (id > 1) tasks.push(load(id + 1));
    await Promise.all(tasks);
  }
}

//// each of what a step gave that gives something else
class Job {
  constructor(public id: number) {}
  run() {
    return load(this.id);
  }
}
class Note {
  run() {
    return 1;
  }
}
export async function run(ids: number[]) {
  const notes = await Promise.all(ids.map(async (id) => (new Job(id), new Note())));
  await Promise.all(notes.map((note) => note.run()));
}

//// each of one list or of one that nothing is known of
class Job {
  constructor(private id: number) {}
  run() {
    return load(this.id);
  }
}
declare function others(): { run(): Promise<number> }[];
export async function run(job: Job, all: boolean) {
  const jobs = all ? others() : [job, job];
  await Promise.all(jobs.map((one) => one.run()));
}
