//// the project's own chunk function
function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}
export async function run(ids: number[]) {
  for (const part of inParts(ids, 5)) { await Promise.all(part.map((id) => load(id))); }
}

//// the same in a variable
function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}
export async function run(ids: number[]) {
  const parts = inParts(ids, 5);
  for (let i = 0; i < parts.length; i++) { const part = parts[i]; await Promise.all(part.map((id) => load(id))); }
}

//// the same with its index
function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}
export async function run(ids: number[]) {
  for (const [i, part] of inParts(ids, 5).entries()) { other(i); await Promise.all(part.map((id) => load(id))); }
}

//// the same from another module
import { inParts } from './b';
export async function run(ids: number[]) {
  for (const part of inParts(ids, 5)) { await Promise.all(part.map((id) => load(id))); }
}
// src/b.ts
export function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}

//// a chunk function that divides the index
const parts = (all: number[], size: number) =>
all.reduce((out: number[][], x, i) => {
    const n = Math.floor(i / size);
    (out[n] ??= []).push(x);
    return out;
  }, []);
export async function run(ids: number[]) {
  for (const part of parts(ids, 5)) { await Promise.all(part.map((id) => load(id))); }
}

//// a generator of slices
function* parts(all: number[], n: number) { for (let i = 0; i < all.length; i += n) yield all.slice(i, i + n); }
export async function run(ids: number[]) {
  for (const part of parts(ids, 5)) { await Promise.all(part.map((id) => load(id))); }
}

//// lodash's chunk
import { chunk } from 'lodash';
export async function run(ids: number[]) {
  for (const part of chunk(ids, 5)) { await Promise.all(part.map((id) => load(id))); }
}

//// lodash's chunk as a default import
import _ from 'lodash';
export async function run(ids: number[]) {
  for (const part of _.chunk(ids, 5)) { await Promise.all(part.map((id) => load(id))); }
}

//// lodash's chunk from its own module
import chunk from 'lodash/chunk';
export async function run(ids: number[]) {
  for (const part of chunk(ids, 5)) { await Promise.all(part.map((id) => load(id))); }
}

//// slices in a for loop
export async function run(ids: number[]) {
  for (let i = 0; i < ids.length; i += 5) { const part = ids.slice(i, i + 5); await Promise.all(part.map((id) => load(id))); }
}

//// slices in a for loop, inline
export async function run(ids: number[]) {
  for (let i = 0; i < ids.length; i += 5) {
    await Promise.all(ids.slice(i, i + 5).map((id) => load(id)));
  }
}

//// slices by the number of the page
export async function run(ids: number[]) {
  for (let n = 0; n * 5 < ids.length; n++) { const part = ids.slice(n * 5, (n + 1) * 5); await Promise.all(part.map((id) => load(id))); }
}

//// while with splice
export async function run(ids: number[]) {
  while (ids.length > 0) { const part = ids.splice(0, 5); await Promise.all(part.map((id) => load(id))); }
}

//// while with an assignment
export async function run(ids: number[]) {
  let part: number[];
  while ((part = ids.splice(0, 5)).length) { await Promise.all(part.map((id) => load(id))); }
}

//// while with what is left
export async function run(ids: number[]) {
  let rest = ids;
  while (rest.length) { const part = rest.slice(0, 5); rest = rest.slice(5); await Promise.all(part.map((id) => load(id))); }
}

//// a list of slices
export async function run(ids: number[]) {
  const parts = [];
  for (let i = 0; i < ids.length; i += 5) parts.push(ids.slice(i, i + 5));
  for (const part of parts) { await Promise.all(part.map((id) => load(id))); }
}

//// a list of slices by Array.from
export async function run(ids: number[]) {
  const parts = Array.from({ length: Math.ceil(ids.length / 5) }, (_, i) => ids.slice(i * 5, i * 5 + 5));
  for (const part of parts) { await Promise.all(part.map((id) => load(id))); }
}

//// slices, one after the other by reduce
function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}
export async function run(ids: number[]) {
  await inParts(ids, 5).reduce(async (before, part) => { await before; await Promise.all(part.map((id) => load(id))); }, Promise.resolve());
}

//// a filter on a slice
function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}
export async function run(ids: number[]) {
  for (const one of inParts(ids, 5)) { const part = one.filter((id) => id > 3); await Promise.all(part.map((id) => load(id))); }
}

//// a list that is filled from a slice and awaited
function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}
export async function run(ids: number[]) {
  for (const part of inParts(ids, 5)) {
    const all = [];
    for (const id of part) all.push(load(id));
    await Promise.all(all);
  }
}

//// a function for one slice
function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}
async function all(part: number[]) { await Promise.all(part.map((id) => load(id))); }
export async function run(ids: number[]) {
  for (const part of inParts(ids, 5)) await all(part);
}

//// a method for one slice
function inParts<T>(all: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size));
  return out;
}
export class Jobs {
  async run(ids: number[]) { for (const part of inParts(ids, 5)) await this.all(part); }
  private async all(part: number[]) { await Promise.all(part.map((id) => load(id))); }
}

//// a function of the project that hands out slices
async function inBatches<T>(all: T[], size: number, fn: (part: T[]) => Promise<void>) {
  for (let i = 0; i < all.length; i += size) await fn(all.slice(i, i + size));
}
export async function run(ids: number[]) {
  await inBatches(ids, 5, async (part) => { await Promise.all(part.map((id) => load(id))); });
}

//// a list that is awaited whenever it is full
export async function run(ids: number[]) {
  let all = [];
  for (const id of ids) {
    all.push(load(id));
    if (all.length >= 5) { await Promise.all(all); all = []; }
  }
  await Promise.all(all);
}

//// a list that is awaited whenever it is full, by its length
export async function run(ids: number[]) {
  const all = [];
  for (const id of ids) {
    all.push(load(id));
    if (all.length === 5) { await Promise.all(all); all.length = 0; }
  }
  await Promise.all(all);
}

//// a race whenever there are too many
export async function run(ids: number[]) {
  const running = new Set();
  for (const id of ids) {
    const one = load(id).finally(() => running.delete(one));
    running.add(one);
    if (running.size >= 5) await Promise.race(running);
  }
  await Promise.all(running);
}

//// workers over a shared counter
export async function run(ids: number[]) {
  let next = 0;
  const worker = async () => { while (next < ids.length) { const id = ids[next++]; await load(id); } };
  await Promise.all(Array.from({ length: 5 }, worker));
}

//// workers over a shared counter, in a callback
const SIZE = Number(process.env.SIZE);
export async function run(ids: number[]) {
  let next = 0;
  const worker = async () => { while (next < ids.length) { const id = ids[next++]; await load(id); } };
  await Promise.all(Array.from({ length: SIZE }, () => worker()));
}

//// workers that shift a queue
const SIZE = Number(process.env.SIZE);
export async function run(ids: number[]) {
  const queue = [...ids];
  await Promise.all(new Array(SIZE).fill(null).map(async () => {
        while (queue.length) { const id = queue.shift(); await load(id); }
  }));
}

//// workers in a loop
const SIZE = Number(process.env.SIZE);
export async function run(ids: number[]) {
  const queue = [...ids];
  const workers = [];
  async function work() { for (;;) { const id = queue.pop(); if (!id) return; await load(id); } }
  for (let i = 0; i < SIZE; i++) workers.push(work());
  await Promise.all(workers);
}

//// workers that share an iterator
const SIZE = Number(process.env.SIZE);
export async function run(ids: number[]) {
  const shared = ids.values();
  await Promise.all(Array(SIZE).fill(shared).map(async (it) => {
        for (const id of it) await load(id);
  }));
}

//// workers that call themselves again
const SIZE = Number(process.env.SIZE);
export async function run(ids: number[]) {
  const queue = [...ids];
  const work = async (): Promise<void> => {
    const id = queue.shift();
    if (!id) return;
    await load(id);
    return work();
  };
  await Promise.all(Array.from({ length: SIZE }, work));
}

//// five
export async function run(ids: number[]) {
  return Promise.all([1, 2, 3, 4, 5].map((id) => load(id)));
}

//// a constant
const IDS = [1, 2, 3];
export async function run(ids: number[]) {
  return Promise.all(IDS.map((id) => load(id)));
}

//// a constant of another module
import { IDS } from './b';
export const run = () => Promise.all(IDS.map((id) => load(id)));
// src/b.ts
export const IDS = [1, 2, 3] as const;

//// a constant through a barrel
import { IDS } from './c';
export const run = () => Promise.all(IDS.map((id) => load(id)));
// src/b.ts
export const IDS = [1, 2, 3] as const;
// src/c.ts
export * from './b';

//// a constant set
const IDS = new Set([1, 2, 3]);
export async function run(ids: number[]) {
  return Promise.all([...IDS].map((id) => load(id)));
}

//// the keys of a constant
const NAMES = { a: 1, b: 2 };
export async function run(ids: number[]) {
  return Promise.all(Object.keys(NAMES).map((id) => load(id)));
}

//// an enum
enum Level { Low, High = 4 }
export async function run(ids: number[]) {
  return Promise.all(Object.values(Level).map((id) => load(id)));
}

//// an enum of another module
import { Level } from './b';
export const run = () => Promise.all(Object.values(Level).map((id) => load(id)));
// src/b.ts
export enum Level { Low = 'low', High = 'high' }

//// an enum of the schema
import { Role } from '@prisma/client';
export async function run(ids: number[]) {
  return Promise.all(Object.values(Role).map((role) => prisma.user.count({ where: { role } })));
}

//// a length that is written out
export async function run(ids: number[]) {
  return Promise.all(Array.from({ length: 3 }, (_, id) => load(id)));
}

//// an array of a length that is written out
export async function run(ids: number[]) {
  return Promise.all([...Array(3).keys()].map((id) => load(id)));
}

//// a loop that goes three times
export async function run(ids: number[]) {
  const all = [];
  for (let id = 0; id < 3; id++) all.push(load(id));
  return Promise.all(all);
}

//// a loop over a constant
const IDS = [1, 2, 3];
export async function run(ids: number[]) {
  const all = [];
  for (const id of IDS) all.push(load(id));
  return Promise.all(all);
}

//// take of five
export async function run(ids: number[]) {
  const first = await prisma.user.findMany({ take: 5 });
  return Promise.all(first.map(({ id }) => load(id)));
}

//// take of a constant
const TOP = 3;
export async function run(ids: number[]) {
  const first = await prisma.user.findMany({ take: TOP });
  return Promise.all(first.map(({ id }) => load(id)));
}

//// the first five
export async function run(ids: number[]) {
  return Promise.all(ids.slice(0, 5).map((id) => load(id)));
}

//// the last five
export async function run(ids: number[]) {
  return Promise.all(ids.slice(-5).map((id) => load(id)));
}

//// at most five, by their length
export async function run(ids: number[]) {
  return Promise.all(Array.from({ length: Math.min(5, ids.length) }, (_, id) => load(id)));
}

//// slices of a list in a field
export class Jobs {
  private ids: number[] = [];
  async run() {
    while (this.ids.length) {
      const part = this.ids.splice(0, 5);
      await Promise.all(part.map((id) => load(id)));
    }
  }
}

//// the mapper of the project, which takes one slice after the other
async function inParts<T>(all: T[], size: number, fn: (one: T) => Promise<unknown>) {
  for (let i = 0; i < all.length; i += size) await Promise.all(all.slice(i, i + size).map((one) => fn(one)));
}
export async function run(ids: number[]) {
  await inParts(ids, 5, (id) => load(id));
}

//// a semaphore before each of them
declare const semaphore: { acquire(): Promise<void>; release(): void };
export async function run(ids: number[]) {
  const running = new Set<Promise<unknown>>();
  for (const id of ids) {
    await semaphore.acquire();
    const task = (async () => {
      try {
        await load(id);
      } finally {
        semaphore.release();
      }
    })();
    running.add(task);
    void task.finally(() => running.delete(task));
  }
  await Promise.all(running);
}

//// the next slice with each call, which a loop waits for
export async function run(ids: number[]) {
  let at = 0;
  async function next() {
    const part = ids.slice(at, at + 10);
    at += 10;
    await Promise.all(part.map((id) => load(id)));
  }
  while (at < ids.length) {
    await next();
  }
}

//// a few, without doubles
function unique<T>(all: readonly T[]): T[] {
  return [...new Set(all)];
}
export async function run(one: number, two: number, three: number) {
  return Promise.all(unique([one, two, three].filter((id) => id > 0)).map((id) => load(id)));
}
