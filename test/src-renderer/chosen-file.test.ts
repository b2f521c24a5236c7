import { expect, it } from 'vitest';
import { chosenFile } from '../../src-renderer/state/chosen-file.ts';
import type { Ask } from '../../src-renderer/state/signing-door.ts';
import type { FileChoice, HostApi } from '../../src-shared/contract/page/api.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';

/** A host whose calls answer so, one after another. */
function host(...answers: readonly (FileChoice | 'away')[]) {
  const left = [...answers];
  const names: string[] = [];
  const chooseMoveFile: HostApi['chooseMoveFile'] = async (_kind, name) => {
    names.push(name);
    const answer = left.shift() ?? expect.unreachable('asked once too often');
    if (answer === 'away') throw new Error('the line went');
    return answer;
  };
  const ask: Ask = async (call) => {
    try {
      return { value: await call({ chooseMoveFile } as HostApi) };
    } catch (thrown) {
      return { error: toCodedError(thrown) };
    }
  };
  return { ask, names };
}
const out = (api: HostApi, asking: string) => api.chooseMoveFile('out', asking);
const OPEN = { kind: 'open' } as const;

it('who takes longer than a call lasts is waited for, in one window', async () => {
  const { ask, names } = host(OPEN, OPEN, { kind: 'chosen', path: '/media/stick/a.move' });
  expect(await chosenFile(ask, out)).toEqual({ value: '/media/stick/a.move' });
  expect(names).toHaveLength(3);
  expect(new Set(names).size).toBe(1);
});

it('who chose none began nothing, and the next time is another window', async () => {
  const { ask, names } = host({ kind: 'none' }, OPEN, { kind: 'none' });
  expect(await chosenFile(ask, out)).toEqual({ value: null });
  expect(await chosenFile(ask, out)).toEqual({ value: null });
  expect(new Set(names).size).toBe(2);
});

it('a host that is gone is not asked on', async () => {
  expect(await chosenFile(host(OPEN, 'away').ask, out)).toMatchObject({ error: { code: 'INTERNAL' } });
});
