import type { AlphaRao, Rao } from '../../src-shared/units.ts';
import { formatAmount } from '../../src-shared/units.ts';
import { plural, t } from './t.ts';

/** Numbers as people read them. Whoever has nothing to show uses `UNKNOWN` with a reason beside it, never a zero. */
export const UNKNOWN = '—';

const locale = 'en';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const weekday = new Intl.DateTimeFormat('en', { weekday: 'short' });
const clockTime = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const utc = { timeZone: 'UTC' } as const;
const utcDay = new Intl.DateTimeFormat(locale, { ...utc, weekday: 'short', day: 'numeric', month: 'short' });
const utcMonth = new Intl.DateTimeFormat(locale, { ...utc, month: 'long', year: 'numeric' });
const utcMoment = new Intl.DateTimeFormat(locale, {
  ...utc,
  ...{ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
});
const decimals = [0, 1, 2, 3, 4].map(
  (places) => new Intl.NumberFormat(locale, { minimumFractionDigits: places, maximumFractionDigits: places }),
);

export const formatCount = (value: number): string => whole.format(value);

/** @param places 0 to 4 */
export const formatDecimal = (value: number, places: number): string =>
  (decimals[places] ?? whole).format(value);

export const formatPercent = (share: number): string => t('unit.percent', { n: whole.format(share * 100) });

/** Of a whole: a share that is not all is never rounded to all. */
export const formatPart = (share: number): string => formatPercent(share < 1 ? Math.min(share, 0.99) : share);

/** τ stands before the amount. */
export const formatTao = (amount: Rao, places = 4): string => `τ ${formatAmount(amount, places)}`;
export const formatAlpha = (amount: AlphaRao, places = 4): string => `α ${formatAmount(amount, places)}`;

/** To the last rao, with at least four places: what is consented to is read as it is. */
export const formatExact = (amount: bigint): string =>
  formatAmount(amount, amount % 100_000n === 0n ? 4 : 9).replace(/(\.\d{4}\d*?)0+$/, '$1');
export const exactTao = (amount: Rao): string => `τ ${formatExact(amount)}`;
export const exactAlpha = (amount: AlphaRao): string => `α ${formatExact(amount)}`;

/** What is staked on a subnet: its alpha, or τ on root, which has no coin of its own. */
export const formatStake = (netuid: number, amount: AlphaRao, places = 4): string =>
  `${netuid === 0 ? 'τ' : 'α'} ${formatAmount(amount, places)}`;

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return t('unit.bytes', { n: whole.format(bytes) });
  if (bytes < 1024 ** 2) return t('unit.kib', { n: threeDigits(bytes / 1024) });
  if (bytes < 1024 ** 3) return t('unit.mib', { n: threeDigits(bytes / 1024 ** 2) });
  return t('unit.gib', { n: threeDigits(bytes / 1024 ** 3) });
}

/** Network rates are in bits; the number alone, in Mbit/s. */
export const formatMbit = (bytesPerS: number): string => {
  const mbit = (bytesPerS * 8) / 1e6;
  if (mbit > 0 && mbit < 0.1) return '<0.1';
  return mbit < 1000 ? formatDecimal(mbit, 1) : whole.format(mbit);
};

const threeDigits = (value: number): string => formatDecimal(value, value < 100 ? 1 : 0);

/** A countdown: m:ss, or h:mm:ss. Rounds up, so that it reads 0:00 only when the time has come. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A length of time in at most two units: "45 s", "12 min", "1 h 12 min", "31 h", "5 d". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return t('unit.seconds', { n: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t('unit.minutes', { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 10) {
    const rest = minutes % 60;
    return rest === 0 ? t('unit.hours', { n: hours }) : t('unit.hoursMinutes', { h: hours, m: rest });
  }
  return hours < 72
    ? t('unit.hours', { n: Math.round(minutes / 60) })
    : t('unit.days', { n: Math.round(minutes / 1440) });
}

/** A place on a time axis: "0", "30 s", "1:30", "2 min". Half minutes are not rounded, or two ticks would read alike. */
export function formatElapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds <= 0) return '0';
  return seconds > 60 && seconds < 3_600 && seconds % 60 !== 0
    ? formatCountdown(seconds * 1000)
    : formatDuration(ms);
}

/** A time that is measured, not counted down: "0.8 s", "12.4 s", then as `formatDuration`. */
export const formatMeasured = (ms: number): string =>
  ms < 60_000 ? t('unit.seconds', { n: formatDecimal(ms / 1000, 1) }) : formatDuration(ms);

export const formatAgo = (ms: number): string => t('time.ago', { span: formatDuration(ms) });
export const formatTime = (atMs: number): string => clockTime.format(atMs);

/** A time that is to come: "22:00", and "Mon 22:00" on another day than today. */
export const formatComing = (atMs: number, nowMs: number): string =>
  new Date(atMs).toDateString() === new Date(nowMs).toDateString()
    ? formatTime(atMs)
    : `${weekday.format(atMs)} ${formatTime(atMs)}`;

/** "Mon, Nov 2", in UTC as the two below: what is booked by days must not shift with the place. */
export const formatDay = (atMs: number): string => utcDay.format(atMs);
export const formatMonth = (atMs: number): string => utcMonth.format(atMs);
export const formatMoment = (atMs: number): string => utcMoment.format(atMs);

export const formatBlocks = (blocks: number): string => plural('unit.blocks', blocks, formatCount(blocks));

/** First and last four characters: enough to tell one's own apart, never enough to pay by. */
export const shortAddress = (address: string): string =>
  address.length > 12 ? `${address.slice(0, 4)}…${address.slice(-4)}` : address;

/** A whole address in groups of four, to be compared by eye. */
export const groupedAddress = (address: string): string => (address.match(/.{1,4}/g) ?? []).join(' ');
