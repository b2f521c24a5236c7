import { describe, expect, it } from 'vitest';
import {
  formatAlpha,
  formatBytes,
  formatCountdown,
  formatDuration,
  formatElapsed,
  formatMbit,
  formatMeasured,
  formatPercent,
  formatTao,
  groupedAddress,
  shortAddress,
} from '../../src-renderer/i18n/format.ts';
import { plural, t } from '../../src-renderer/i18n/t.ts';
import { alphaRao, rao } from '../../src-shared/units.ts';

describe('numbers as people read them', () => {
  it.each([
    [0, '0:00'],
    [1, '0:01'],
    [9_000, '0:09'],
    [61_000, '1:01'],
    [3_661_000, '1:01:01'],
    [-5, '0:00'],
  ])('counts %d ms down as %s', (ms, text) => {
    expect(formatCountdown(ms)).toBe(text);
  });

  it.each([
    [400, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [4_320_000, '1 h 12 min'],
    [31 * 3_600_000, '31 h'],
    [5 * 86_400_000, '5 d'],
  ])('names %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('keeps tenths of a second where time is measured', () => {
    expect(formatMeasured(840)).toBe('0.8 s');
  });

  it.each([
    [0, '0 B'],
    [655_360, '640 KiB'],
    [1_966_080, '1.9 MiB'],
    [3 * 1024 ** 3, '3.0 GiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('gives network rates in bits', () => {
    expect(formatMbit(2_275_000)).toBe('18.2');
  });

  it('never shows a small rate as zero', () => {
    expect(formatMbit(100)).toBe('<0.1');
    expect(formatMbit(0)).toBe('0.0');
  });

  it('puts the unit before money and cuts rather than rounds it up', () => {
    expect(formatTao(rao(12_407_199_999n))).toBe('τ 12.4071');
    expect(formatAlpha(alphaRao(1n))).toBe('α <0.0001');
  });

  it('writes a share in per cent', () => {
    expect(formatPercent(0.624)).toBe('62 %');
  });

  it('shortens an address to both its ends and groups it whole', () => {
    const address = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
    expect(shortAddress(address)).toBe('5Grw…utQY');
    expect(groupedAddress(address).replaceAll(' ', '')).toBe(address);
  });
});

describe('places on a time axis', () => {
  it.each([
    [0, '0'],
    [30_000, '30 s'],
    [60_000, '1 min'],
    [90_000, '1:30'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
  ])('%d ms reads %s, so that no two ticks read alike', (ms, text) => {
    expect(formatElapsed(ms)).toBe(text);
  });
});

describe('messages', () => {
  it('fills parameters in', () => {
    expect(t('work.place', { round: 41, step: 19 })).toBe('round 41, step 19');
  });

  it('chooses the plural form by the count', () => {
    expect(plural('unit.blocks', 1, '1')).toBe('1 block');
    expect(plural('unit.blocks', 6, '6')).toBe('6 blocks');
  });
});
