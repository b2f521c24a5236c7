import { expect, it } from 'vitest';
import type { EventRow } from '../../../src-main/store/rows.ts';
import { errorOf, eventOf } from '../../../src-main/view/told-events.ts';

const error = { code: 'DISK_FULL', params: { path: '/d' } } as const;
const row: EventRow = eventOf({ id: '1', atMs: 1, level: 'fault', error, run: null });

it('reads from a row what was told', () => {
  expect(errorOf(row)).toEqual(error);
});

it('makes nothing of a damaged row, nor of a code that has no sentence here', () => {
  for (const detailJson of ['', '{"path":', 'null', '{"path":{"a":1}}'])
    expect(errorOf({ ...row, detailJson }), detailJson).toBeNull();
  expect(errorOf({ ...row, code: 'OF_ANOTHER_VERSION' })).toBeNull();
});
