import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  compareTags,
  MANIFEST_BYTES_MAX,
  type Manifest,
  manifestBytes,
  readManifest,
  stateTagSchema,
  storedNameSchema,
  writeManifest,
} from '../../../src-shared/published/manifest.ts';
import { hex, type Ss58 } from '../../../src-shared/units.ts';

const file = { name: 'model.safetensors', sizeBytes: 4, sha256: hex('ab'.repeat(32)) };
const manifest: Manifest = {
  ...({ format: 1, kind: 'state', tag: '1.2.3', round: 1, appVersion: '1.0.0' } as const),
  run: { name: 'a run', profileHash: hex('ab'.repeat(32)) },
  baseDigest: hex('cd'.repeat(32)),
  hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58,
  trainedOn: { text: 'a text', licence: 'CC0', attribution: 'nobody' },
  files: [file],
  signature: '00'.repeat(64),
};
const withFiles = (files: readonly unknown[]) => readManifest(JSON.stringify({ ...manifest, files }));

describe('a manifest', () => {
  it('is read as it was written', () => {
    expect(readManifest(writeManifest(manifest))).toEqual(manifest);
  });

  it.each([
    '../model.safetensors',
    '/etc/passwd',
    'a/b',
    'a\\b',
    '.hidden',
    'trailing.',
    'CON',
    'nul.txt',
    'a\0b',
    '',
    'x'.repeat(129),
    'C:model',
  ])('has no file of the name %j', (name) => {
    expect(v.is(storedNameSchema, name)).toBe(false);
    expect(withFiles([{ ...file, name }])).toBeNull();
  });

  it('names no file twice, nor itself, whatever the letters', () => {
    expect(withFiles([file, { ...file, name: 'Model.Safetensors' }])).toBeNull();
    expect(withFiles([{ ...file, name: 'MANIFEST.json' }])).toBeNull();
  });

  it('is none with sizes that no file has', () => {
    for (const sizeBytes of [-1, 0.5, 2 ** 53, '4', null])
      expect(withFiles([{ ...file, sizeBytes }])).toBeNull();
  });

  it('is none beyond its length, before it is parsed', () => {
    expect(readManifest(' '.repeat(MANIFEST_BYTES_MAX) + writeManifest(manifest))).toBeNull();
  });

  it('is none for whatever else somebody sends', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readManifest(text)).toBeNull();
      }),
    );
  });

  it('is signed for everything that is known of it, in whatever order it stands', () => {
    const { signature: _, ...unsigned } = manifest;
    const turned = Object.fromEntries(Object.entries({ ...unsigned, more: 1 }).reverse()) as typeof unsigned;
    expect(manifestBytes(turned)).toEqual(manifestBytes(unsigned));
    for (const change of [{ round: 2 }, { tag: '1.2.4' }, { kind: 'update' as const }, { files: [] }])
      expect(manifestBytes({ ...unsigned, ...change })).not.toEqual(manifestBytes(unsigned));
  });
});

describe('the tag of a state', () => {
  it('is three numbers, each written in one way', () => {
    for (const tag of ['5.12.0', '0.0.0']) expect(v.is(stateTagSchema, tag)).toBe(true);
    for (const tag of ['5.12', '05.1.1', '1.2.3.4', '1.2.x', '-1.2.3', '1.2.3 ', '1e3.1.1'])
      expect(v.is(stateTagSchema, tag)).toBe(false);
  });

  it('comes in the order of its numbers', () => {
    expect(['1.10.0', '1.9.5', '2.0.0', '1.9.12'].sort(compareTags)).toEqual([
      '1.9.5',
      '1.9.12',
      '1.10.0',
      '2.0.0',
    ]);
  });
});
