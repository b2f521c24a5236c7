/** How much an order moves its own price, in words. Limits in hundredths of a per cent. */
export type ImpactWord = 'normal' | 'notice' | 'warning' | 'severe';

const NOTICE_BPS = 50;
const WARNING_BPS = 200;
const SEVERE_BPS = 500;

export function impactWord(bps: number): ImpactWord {
  if (bps < NOTICE_BPS) return 'normal';
  if (bps < WARNING_BPS) return 'notice';
  return bps <= SEVERE_BPS ? 'warning' : 'severe';
}
