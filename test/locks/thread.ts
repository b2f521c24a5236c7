import { workerData } from 'node:worker_threads';
import { serveLock } from '../../src-main/vault/locked/answer-lock.ts';
import { knownKeys } from './known-keys.ts';

Atomics.wait((workerData as { readonly held: Int32Array }).held, 0, 1);
await serveLock(knownKeys);
