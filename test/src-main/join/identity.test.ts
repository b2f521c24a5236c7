import { expect, it } from 'vitest';
import { keepIdentity } from '../../../src-main/join/identity.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';

const field = Uint8Array.of(1, 2, 3);

/** A writer of which the first writes fail so often, and what a person is told. */
function keeping(failures: number) {
  const calls: string[] = [];
  const told = new Set<string>();
  const writer = {
    async resume() {
      calls.push('resume');
      return null;
    },
    async ensureIdentity(given: Uint8Array, signal: AbortSignal) {
      calls.push(`identity ${given.join()}`);
      signal.throwIfAborted();
      if (failures-- > 0) throw new AppError('COMMITMENT_SPACE_SPENT', { usedBytes: 1, maxBytes: 1 });
      return null;
    },
  };
  const notices = {
    notice: ({ code }: CodedError) => void told.add(code),
    clearNotice: (code: string) => void told.delete(code),
  };
  const kept = keepIdentity(writer, field, { notices, log: () => undefined });
  return { kept, calls, told };
}

it('writes the field after what an earlier process may not have sent', async () => {
  const { kept, calls, told } = keeping(0);
  await kept.written;
  expect(calls).toEqual(['resume', 'identity 1,2,3']);
  expect(told.size).toBe(0);
});

it('tells what fails, until a later try has made it good', async () => {
  const { kept, told } = keeping(1);
  await expect(kept.written).rejects.toMatchObject({ code: 'COMMITMENT_SPACE_SPENT' });
  expect([...told]).toEqual(['COMMITMENT_SPACE_SPENT']);
  kept.again();
  await expect.poll(() => told.size).toBe(0);
});

it('says nothing of what its end broke off', async () => {
  const ending = Promise.withResolvers<never>();
  const told: CodedError[] = [];
  const writer = {
    resume: (signal: AbortSignal) => {
      signal.addEventListener('abort', () => ending.reject(signal.reason));
      return ending.promise;
    },
    ensureIdentity: async () => null,
  };
  const notices = { notice: (error: CodedError) => void told.push(error), clearNotice: () => undefined };
  const kept = keepIdentity(writer, field, { notices, log: () => undefined });
  kept.written.catch(() => undefined);
  await kept.stop();
  expect(told).toEqual([]);
});
