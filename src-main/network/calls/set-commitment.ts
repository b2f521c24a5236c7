import type { CallOf } from '../chain.ts';
import { FIELD_BYTES_MAX, FIELDS_MAX } from '../limits.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Overwrites the hotkey's commitment slot. */
export const setCommitment: CallSpec<CallOf<'setCommitment'>> = {
  nameOn: () => 'Commitments.set_commitment',
  build: (session, netuid, { fields }) =>
    extrinsicOf(session, 'Commitments.set_commitment', { netuid, info: { fields: dataFields(fields) } }),
  describe: (netuid, { fields }) => `commit ${fields.length} fields on subnet ${netuid}`,
};

/** Fields as the client library spells them: `{Raw41: bytes}`. */
function dataFields(fields: readonly Uint8Array[]): readonly Record<string, string>[] {
  if (fields.length > FIELDS_MAX) throw new RangeError('too many commitment fields');
  return fields.map((field) => {
    if (field.length > FIELD_BYTES_MAX) throw new RangeError('commitment field too long');
    return { [`Raw${field.length}`]: `0x${Buffer.from(field).toString('hex')}` };
  });
}
