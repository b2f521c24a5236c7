import * as v from 'valibot';
import type { CallOf } from '../chain.ts';
import { FIELD_BYTES_MAX, FIELDS_MAX } from '../limits.ts';
import { parse } from '../storage.ts';
import type { CallSpec } from './call.ts';
import type { Arguments } from './decoded.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Overwrites the hotkey's commitment slot. */
export const setCommitment: CallSpec<CallOf<'setCommitment'>> = {
  names: ['Commitments.set_commitment'],
  build: (session, netuid, { fields }) =>
    extrinsicOf(session, 'Commitments.set_commitment', { netuid, info: { fields: dataFields(fields) } }),
  say: (args) => `commit ${fieldsIn(args)} fields on subnet ${args.count('netuid')}`,
};

const infoSchema = v.object({ fields: v.array(v.unknown()) });
const fieldsIn = (args: Arguments): number => parse(infoSchema, args.plain('info')).fields.length;

/** Fields as the client library spells them: `{Raw41: bytes}`. */
function dataFields(fields: readonly Uint8Array[]): readonly Record<string, string>[] {
  if (fields.length > FIELDS_MAX) throw new RangeError('too many commitment fields');
  return fields.map((field) => {
    if (field.length > FIELD_BYTES_MAX) throw new RangeError('commitment field too long');
    return { [`Raw${field.length}`]: `0x${Buffer.from(field).toString('hex')}` };
  });
}
