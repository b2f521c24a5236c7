import { serveLock } from './answer-lock.ts';
import { passwordKeys } from './password-keys.ts';

/** A thread of its own for one password: its key takes seconds and half a gigabyte. */
await serveLock(passwordKeys);
