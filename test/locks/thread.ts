import { serveLock } from '../../src-main/vault/locked/answer-lock.ts';
import { knownKeys } from './known-keys.ts';

await serveLock(knownKeys);
