import { describe, expect, it } from 'vitest';
import { readFeed } from '../../../src-main/updates/feed.ts';
import { bucketOf, offerOf } from '../../../src-main/updates/offer.ts';
import { compareVersions } from '../../../src-main/updates/version-order.ts';
import { maker, NOW_MS, release, signed, stranger, TARGET } from './release-rig.ts';

const read = (text: string) => readFeed(text, maker.publicKey);
const ground = { current: '0.1.0', installationId: 'ab'.repeat(16), serial: 5, nowMs: NOW_MS };

describe('a list of releases', () => {
  it('that its makers signed is read', async () => {
    expect(read(await signed(release()))).toEqual(release());
  });

  it('may hold fields and files of later versions', async () => {
    const later = {
      ...release(),
      colour: 'red',
      files: { ...release().files, 'riscv-appimage': release().files[TARGET] },
    };
    expect(read(await signed(later)).version).toBe('0.2.0');
  });

  it('of another key is forged, whatever it says', async () => {
    const text = await signed(release(), stranger);
    expect(() => read(text)).toThrow('UPDATE_FEED_FORGED');
  });

  it('with one letter changed is forged', async () => {
    const text = (await signed(release())).replace('0.2.0', '0.3.0');
    expect(() => read(text)).toThrow('UPDATE_FEED_FORGED');
  });

  it('whose text was signed without its own name is forged: a signature of something else is none', async () => {
    const text = JSON.stringify(release());
    const signature = Buffer.from(await maker.sign(new TextEncoder().encode(text))).toString('hex');
    expect(() => read(JSON.stringify({ release: text, signature }))).toThrow('UPDATE_FEED_FORGED');
  });

  it('that is cut short cannot be read', async () => {
    const text = await signed(release());
    for (const end of [0, 1, 20, text.length - 1])
      expect(() => read(text.slice(0, end))).toThrow('UPDATE_FEED_MALFORMED');
  });

  it.each([
    [
      'a file beside the folder',
      { files: { [TARGET]: { name: '../x', bytes: 1, sha512: '0'.repeat(128) } } },
    ],
    ['a hidden file', { files: { [TARGET]: { name: '.x', bytes: 1, sha512: '0'.repeat(128) } } }],
    [
      'a file of two gigabytes',
      { files: { [TARGET]: { name: 'x', bytes: 2 ** 31, sha512: '0'.repeat(128) } } },
    ],
    ['a version of another form', { version: '0.2' }],
    ['notes without end', { notes: 'n'.repeat(20_000) }],
  ])('that names %s is not read further, signed or not', async (_title, changes) => {
    const text = await signed({ ...release(), ...changes });
    expect(() => read(text)).toThrow('UPDATE_FEED_MALFORMED');
  });
});

describe('a signed release', () => {
  it('that is newer is offered', () => {
    expect(offerOf(release(), ground)?.version).toBe('0.2.0');
  });

  it.each(['0.1.0', '0.0.9'])('of version %s is none for 0.1.0: nobody is led back', (version) => {
    expect(offerOf(release({ version }), ground)).toBeNull();
  });

  it('in a list that is older than one that was seen is a replay', () => {
    expect(() => offerOf(release({ serial: 4 }), ground)).toThrow('UPDATE_FEED_OLDER');
    expect(offerOf(release({ serial: 5 }), ground)).not.toBeNull();
  });

  it('in a list whose time is over decides nothing', () => {
    expect(() => offerOf(release({ expiresAtMs: NOW_MS }), ground)).toThrow('UPDATE_FEED_EXPIRED');
  });

  it('that this version cannot be led to is told as such', () => {
    expect(() => offerOf(release({ least: '0.1.1' }), ground)).toThrow('UPDATE_BY_HAND');
  });

  it('for a share of all is offered to that share of them, and each time to others', () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => at.toString(16).padStart(32, '0'));
    const offered = (version: string, percent: number) =>
      ids.filter((installationId) => offerOf(release({ version, percent }), { ...ground, installationId }));
    expect(offered('0.2.0', 0)).toEqual([]);
    expect(offered('0.2.0', 100)).toHaveLength(ids.length);
    expect(offered('0.2.0', 20).length / ids.length).toBeCloseTo(0.2, 1);
    const many = new Set(offered('0.2.0', 60));
    expect(offered('0.2.0', 20).every((id) => many.has(id))).toBe(true);
    expect(offered('0.3.0', 20)).not.toEqual(offered('0.2.0', 20));
    expect(bucketOf('a', '1.0.0')).toBe(bucketOf('a', '1.0.0'));
  });
});

describe('versions', () => {
  it.each([
    ['0.2.0', '0.10.0', -1],
    ['1.0.0', '0.99.99', 1],
    ['1.2.3', '1.2.3', 0],
    ['main', '0.0.1', -1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});
