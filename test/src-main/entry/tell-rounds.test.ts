import { expect, it, onTestFinished, vi } from 'vitest';
import { tellRounds } from '../../../src-main/entry/tell-rounds.ts';
import type { Host } from '../../../src-main/host.ts';
import { listeners } from '../../../src-node/listeners.ts';
import type { WorkerState } from '../../../src-shared/states.ts';

it('says once that a rule has a run rest, and once that none does any more', () => {
  const said: string[] = [];
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  onTestFinished(() => written.mockRestore());
  const runs = listeners<{ begun: unknown }>();
  tellRounds({ runs } as unknown as Pick<Host, 'runs'>);
  const live = listeners<{ held: WorkerState | null; working: unknown }>();
  runs.emit('begun', live);
  const rests: WorkerState = { kind: 'paused', reason: 'battery', params: {}, untilMs: null };
  for (const held of [rests, rests, null, null]) live.emit('held', held);
  written.mockRestore();
  expect(said).toEqual([
    'Rests. This computer runs on battery. Goes on by itself on mains power.\n',
    'No rule of the house holds it any more.\n',
  ]);
});
