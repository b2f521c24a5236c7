import type { Ready } from '../../../src-shared/rounds/messages.ts';
import { MOST_BYTES_PER_S } from '../../../src-shared/rounds/rates.ts';
import type { Twist } from './saying-otherwise.ts';

/** Where nothing was measured yet Ready says 0; a liar says something at once. */
const UNMEASURED_BYTES_PER_S = 12_500_000;
const OVERCLAIMED = 20;
const UNDERDECLARED = 1 / 20;

/** Announces twenty times its rate, to be given more to reduce, or to look fast. */
export const overClaiming: Twist = (kind, payload) =>
  kind === 'ready' ? atRate(payload as Ready, OVERCLAIMED) : payload;

/** Announces a twentieth of its rate, to be given less to reduce. */
export const underDeclaring: Twist = (kind, payload) =>
  kind === 'ready' ? atRate(payload as Ready, UNDERDECLARED) : payload;

function atRate(ready: Ready, factor: number): Ready {
  const said = (bytesPerS: number) =>
    Math.min(MOST_BYTES_PER_S, Math.round((bytesPerS || UNMEASURED_BYTES_PER_S) * factor));
  return { ...ready, upBytesPerS: said(ready.upBytesPerS), downBytesPerS: said(ready.downBytesPerS) };
}
