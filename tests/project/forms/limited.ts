//// p-limit
import pLimit from 'p-limit';
export async function run(ids: number[]) {
  const limit = pLimit(5);
  return Promise.all(ids.map((id) => limit(() => load(id))));
}

//// p-limit with arguments
import pLimit from 'p-limit';
export async function run(ids: number[]) {
  const limit = pLimit(5);
  return Promise.all(ids.map((id) => limit(load, id)));
}

//// p-limit of another module
import { limit } from './b';
export const run = (ids) => Promise.all(ids.map((id) => limit(() => load(id))));
// src/b.ts
import pLimit from 'p-limit';
export const limit = pLimit(5);

//// p-limit in a field
import pLimit from 'p-limit';
export class Jobs {
  private limit = pLimit(5);
  run(ids: number[]) { return Promise.all(ids.map((id) => this.limit(() => load(id)))); }
}

//// p-limit over functions
import pLimit from 'p-limit';
export async function run(ids: number[]) {
  const limit = pLimit(5);
  const tasks = ids.map((id) => () => load(id));
  return Promise.all(tasks.map((task) => limit(task)));
}

//// p-limit in a loop
import pLimit from 'p-limit';
export async function run(ids: number[]) {
  const limit = pLimit(5);
  const all = [];
  for (const id of ids) all.push(limit(() => load(id)));
  return Promise.all(all);
}

//// p-queue
import PQueue from 'p-queue';
const queue = new PQueue({ concurrency: 5 });
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => queue.add(() => load(id))));
}

//// bottleneck
import Bottleneck from 'bottleneck';
const limiter = new Bottleneck({ maxConcurrent: 5 });
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => limiter.schedule(() => load(id))));
}

//// bottleneck's wrap
import Bottleneck from 'bottleneck';
const limiter = new Bottleneck({ maxConcurrent: 5 });
const loadInTurn = limiter.wrap(load);
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => loadInTurn(id)));
}

//// async-sema
import { Sema } from 'async-sema';
const sema = new Sema(5);
export async function run(ids: number[]) {
  return Promise.all(ids.map(async (id) => {
        await sema.acquire();
        try { return await load(id); } finally { sema.release(); }
  }));
}

//// the project's semaphore
class Semaphore {
  private waiting: (() => void)[] = [];
  private free = 5;
  async acquire() {
    if (this.free > 0) { this.free--; return; }
    await new Promise<void>((go) => this.waiting.push(go));
  }
  release() { const next = this.waiting.shift(); if (next) next(); else this.free++; }
  async run<T>(fn: () => Promise<T>) { await this.acquire(); try { return await fn(); } finally { this.release(); } }
}
const semaphore = new Semaphore();
export async function run(ids: number[]) {
  return Promise.all(ids.map(async (id) => {
        await semaphore.acquire();
        try { return await load(id); } finally { semaphore.release(); }
  }));
}

//// the project's semaphore, with a function
class Semaphore {
  private waiting: (() => void)[] = [];
  private free = 5;
  async acquire() {
    if (this.free > 0) { this.free--; return; }
    await new Promise<void>((go) => this.waiting.push(go));
  }
  release() { const next = this.waiting.shift(); if (next) next(); else this.free++; }
  async run<T>(fn: () => Promise<T>) { if (this.free <= 0) await new Promise<void>((go) => this.waiting.push(go)); try { return await fn(); } finally { this.release(); } }
}
const semaphore = new Semaphore();
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => semaphore.run(() => load(id))));
}

//// the project's limiter
function limiter(size: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(fn: () => Promise<T>): Promise<T> => {
    if (running < size) running += 1;
    else await new Promise<void>((go) => waiting.push(go));
    try { return await fn(); }
    finally { const next = waiting.shift(); if (next) next(); else running -= 1; }
  };
}

export async function run(ids: number[]) {
  const limit = limiter(5);
  return Promise.all(ids.map((id) => limit(() => load(id))));
}

//// the project's queue
class Queue {
  private jobs: (() => Promise<void>)[] = [];
  private running = 0;
  add<T>(fn: () => Promise<T>) {
    return new Promise<T>((resolve, reject) => {
        this.jobs.push(() => fn().then(resolve, reject));
        this.next();
    });
  }
  private next() { if (this.running >= 5) return; const job = this.jobs.shift(); if (job) { this.running++; job(); } }
}
const queue = new Queue();
export async function run(ids: number[]) {
  return Promise.all(ids.map((id) => queue.add(() => load(id))));
}

//// a limiter of a module
import { inTurn } from './b';
export const run = (ids) => Promise.all(ids.map((id) => inTurn(() => load(id))));
// src/b.ts
let running = 0;
const waiting: (() => void)[] = [];
export async function inTurn<T>(fn: () => Promise<T>) {
  if (running >= 5) await new Promise<void>((go) => waiting.push(go));
  running++;
  try { return await fn(); } finally { running--; waiting.shift()?.(); }
}
