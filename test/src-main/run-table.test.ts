import * as v from 'valibot';
import { expect, it } from 'vitest';
import { runTable } from '../../src-main/run-table.ts';
import { hostApiArguments } from '../../src-shared/contract/page/arguments.ts';
import { ss58 } from '../../src-shared/units.ts';
import { exampleRows } from '../src-worker/publish/run-logs/example-rows.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

it('is handed over in parts, the names of columns once, until nothing is left', async () => {
  const runLog = {
    rows: async (_: number, afterSeq: number) => exampleRows.filter(({ seq }) => seq > afterSeq).slice(0, 2),
  };
  const parts: string[] = [];
  for (let next: number | null = -1; next !== null; ) {
    expect(v.is(hostApiArguments.runTable, [hotkey, 'round', next])).toBe(true);
    const part: Awaited<ReturnType<typeof runTable>> = await runTable(
      runLog,
      { storeId: 1, hotkey },
      'round',
      next,
    );
    parts.push(part.csv);
    next = part.next;
  }
  const lines = parts.join('').split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe('utc,run,round,outcome,members,contributed,sent_bytes,received_bytes,all_reduce_ms');
  expect(lines[1]).toContain(`${hotkey},0,committed,3,true,4000000,8000000,2000`);
});

it('of kinds that nobody knows is not asked for', () => {
  expect(v.is(hostApiArguments.runTable, [hotkey, 'secret', -1])).toBe(false);
  expect(v.is(hostApiArguments.runTable, [hotkey, 'round', -2])).toBe(false);
});
