import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { defaultSettings, type SettingId, settingSchema, settings } from '../../src-shared/settings.ts';

const accepts = (id: SettingId, value: unknown) => v.is(settingSchema(id), value);

describe('settings', () => {
  it.each(Object.keys(settings) as SettingId[])('accept their own default: %s', (id) => {
    expect(accepts(id, defaultSettings[id])).toBe(true);
  });

  it.each([
    ['training.share', [10, 55, 100], [0, 9, 101, 12.5, '50', Number.NaN]],
    ['training.device', ['', 'vulkan/GeForce RTX 3060'], ['GeForce', 'opengl/GeForce', 'vulkan/', 3]],
    ['training.threads', [0, 64], [-1, 65, 1.5, Number.NaN, '1', true]],
    ['join.registrationLimit', [0, 0.0001, 1_000], [0.00001, -1, 1_001, Number.POSITIVE_INFINITY]],
    ['window.acceleration', [true, false], [0, 'on', null]],
    ['swarm.reach', ['everybody', 'this-computer'], ['', 'nobody', '__proto__', 1]],
    [
      'join.keysFolder',
      ['', '/keys', '~/keys', 'C:\\keys'],
      ['keys', './keys', '/a\0b', '/'.repeat(5_000), 1],
    ],
    [
      'network.finney.endpoint',
      ['ws://127.0.0.1:9944', 'WSS://node.example:443/path'],
      ['', 'http://x', 'ws://', 'wss://user:secret@x', 'javascript:alert(1)', `ws://${'x'.repeat(600)}`],
    ],
  ] as const)('%s', (id, good, bad) => {
    expect(good.filter((value) => !accepts(id, value))).toEqual([]);
    expect(bad.filter((value) => accepts(id, value))).toEqual([]);
  });

  it.each([
    ['', true],
    ['hub:me/run', true],
    ['https://example.org/run/', true],
    ['folder:/srv/run', false],
    ['https://192.168.1.2/', false],
    [`https://example.org/${'a'.repeat(90)}/`, false],
    ['ftp://example.org/', false],
  ])('what is told on chain may be %j: %s', (text, fits) => {
    expect(v.is(settingSchema('swarm.store'), text)).toBe(fits);
  });
});
