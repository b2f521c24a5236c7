import type { Ready } from '../../../src-shared/rounds/messages.ts';
import type { ReceiptsPayload } from '../../../src-shared/rounds/receipts.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { ControlInit } from '../control/control.ts';
import { TwistedControl } from './saying-otherwise.ts';

/** By this rate, which both announce, the two know each other; no line has it by chance. */
const SIGN_BYTES_PER_S = 1_234_567_891;
/** What one says of the other's line. */
const VOUCHED_FASTER = 1_000;

/** One of two hotkeys of the same owner: each tells everybody that the other's line is a thousand times as fast as it was. */
export class VouchingControl extends TwistedControl {
  constructor(init: ControlInit) {
    const friends = new Set<Ss58>();
    const { onSaid } = init.events;
    const events = {
      ...init.events,
      onSaid: (...[said, signer]: Parameters<typeof onSaid>) => {
        if (said.kind === 'ready' && said.body.upBytesPerS === SIGN_BYTES_PER_S) friends.add(signer);
        onSaid(said, signer);
      },
    };
    super({ ...init, events }, (kind, payload) => {
      if (kind === 'ready') return { ...(payload as Ready), upBytesPerS: SIGN_BYTES_PER_S };
      return kind === 'receipts' ? vouchedFor(payload as ReceiptsPayload, friends) : payload;
    });
  }
}

/** The friend signed the true figures, not these: its signature goes, and by the rules the receiver's word stands. */
const vouchedFor = (payload: ReceiptsPayload, friends: ReadonlySet<Ss58>): ReceiptsPayload => ({
  ...payload,
  receipts: payload.receipts.map(({ claim, countersignature }) =>
    friends.has(claim.from)
      ? { claim: { ...claim, durationMs: claim.durationMs / VOUCHED_FASTER }, countersignature: null }
      : { claim, countersignature },
  ),
});
