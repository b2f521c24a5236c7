import type { UplinkView } from '../../src-shared/contract/page/runs.ts';
import { tierCosts } from '../../src-shared/rounds/uplink-cost.ts';
import { formatMbit, formatPart } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** What the own uplink costs in a round, in a sentence. */
export function uplinkSentence({ tiers, exchangeMs, measured }: UplinkView): string {
  const upBytesPerS = measured?.upBytesPerS;
  if (!upBytesPerS) return t('uplink.unmeasured');
  const costs = tierCosts(tiers, { upBytesPerS, exchangeMs });
  const [richest, leanest] = [costs[0], costs.at(-1)];
  if (!richest || !leanest) return t('uplink.unmeasured');
  const up = formatMbit(upBytesPerS);
  const whole = costs.find(({ inTimeShare }) => inTimeShare === 1);
  if (whole === richest) return t('uplink.all', { up, codec: t(`codec.${richest.codec}`) });
  if (!whole)
    return t('uplink.never', {
      ...{ up, share: formatPart(leanest.inTimeShare), codec: t(`codec.${leanest.codec}`) },
    });
  return t('uplink.lower', {
    ...{ up, share: formatPart(richest.inTimeShare), richest: t(`codec.${richest.codec}`) },
    codec: t(`codec.${whole.codec}`),
  });
}
