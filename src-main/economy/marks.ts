import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { turns } from '../../src-node/turns.ts';
import type { OwnMark } from '../../src-shared/contract/page/subnet.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';

/** What its user thinks of subnets, by genesis and number: kept with the date, and never computed. */
export interface Marks {
  of(subnet: string): OwnMark | null;
  /** @param mark 0 to 10; null takes it back. @throws {AppError} of the disk */
  set(subnet: string, mark: number | null): Promise<OwnMark | null>;
}

const markSchema = v.object({
  subnet: v.pipe(v.string(), v.maxLength(80)),
  mark: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10)),
  atMs: v.number(),
});

export async function openMarks(
  dataDir: string,
  told: (error: CodedError) => void,
  nowMs: () => number,
): Promise<Marks> {
  const file = durableJson({
    path: join(dataDir, 'subnet-marks.json'),
    schema: v.pipe(v.array(markSchema), v.maxLength(4_096)),
    told,
    secondCopy: 'kept',
  });
  const marks = new Map(((await file.read()) ?? []).map(({ subnet, ...own }) => [subnet, own]));
  const inTurn = turns();
  return {
    of: (subnet) => marks.get(subnet) ?? null,
    set: (subnet, mark) =>
      inTurn(async () => {
        const own = mark === null ? null : { mark, atMs: nowMs() };
        const next = new Map(marks);
        if (own) next.set(subnet, own);
        else next.delete(subnet);
        await file.write([...next].map(([name, one]) => ({ subnet: name, ...one })));
        if (own) marks.set(subnet, own);
        else marks.delete(subnet);
        return own;
      }),
  };
}
