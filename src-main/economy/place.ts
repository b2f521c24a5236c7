import type { SubnetPlace } from '../../src-shared/contract/page/subnet.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { SubnetSnapshot } from '../network/chain.ts';
import type { ConnectedChain } from '../network/client.ts';
import { ifSaid } from './kept.ts';

/** The place of a hotkey, or who has it now; where it says that it answers, and what it wrote. */
export async function placeOf(
  chain: Pick<ConnectedChain, 'commitments' | 'axons'>,
  { block, neurons }: SubnetSnapshot,
  { hotkey, coldkey, lastUid }: { hotkey: Ss58; coldkey: Ss58 | null; lastUid: number | null },
  signal: AbortSignal,
): Promise<SubnetPlace> {
  const own = neurons.find((neuron) => neuron.hotkey === hotkey) ?? null;
  const [axons, written] = own
    ? await Promise.all([
        ifSaid(chain.axons([hotkey], block.hash, signal)),
        ifSaid(chain.commitments([hotkey], block.hash, signal)),
      ])
    : [null, null];
  const slot = written?.get(hotkey);
  const axon = axons?.get(hotkey);
  const holder = own || lastUid === null ? null : neurons.find(({ uid }) => uid === lastUid);
  return {
    hotkey,
    coldkey: own?.coldkey ?? coldkey,
    uid: own?.uid ?? null,
    lost:
      own || lastUid === null
        ? null
        : { uid: lastUid, holder: holder?.hotkey ?? null, block: holder?.registeredAt ?? null },
    axon: axon ? `${axon.ip.includes(':') ? `[${axon.ip}]` : axon.ip}:${axon.port}` : null,
    commitment: slot ? { block: slot.block, fields: slot.fields.map(readable) } : null,
  };
}

const PRINTABLE = /^[\x20-\x7e]+$/;

/** Text where it is one, else its bytes. */
function readable(field: Uint8Array): string {
  const text = Buffer.from(field).toString('latin1');
  return PRINTABLE.test(text) ? text : `0x${Buffer.from(field).toString('hex')}`;
}
