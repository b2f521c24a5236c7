import { TOLERANCE_BPS } from '../../src-shared/contract/page/order.ts';

export const USUAL_TOLERANCE = String(TOLERANCE_BPS.usual / 100);

/** A tolerance typed in per cent, "0.5": one point, at most two places, 0.1 to 5. @returns null where it is none */
export function readTolerance(text: string): number | null {
  const [, whole, fraction = ''] = /^(\d)(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const bps = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return bps >= TOLERANCE_BPS.least && bps <= TOLERANCE_BPS.most ? bps : null;
}
