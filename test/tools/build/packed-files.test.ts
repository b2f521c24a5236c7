import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nativesOf, outsideFiles, packedList } from '../../../tools/build/pack/packed-files.ts';
import type { Target } from '../../../tools/build/pack/target.ts';
import { kindsFor, nativeKind } from '../../pack/packed-app.ts';

const targets: readonly Target[] = (['linux', 'darwin', 'win32'] as const).flatMap((platform) =>
  (['x64', 'arm64'] as const).map((arch) => ({ platform, arch })),
);

describe('what lies outside of the archive', () => {
  it.each(targets)('has the natives of $platform on $arch alone', (target) => {
    const kinds = nativesOf(target).map((name) => nativeKind(name));
    expect(kinds.length).toBe(target.platform === 'win32' ? 4 : 2);
    expect(kinds.filter((kind) => !kindsFor(target).includes(kind))).toEqual([]);
  });

  it('is summed up, except for what macOS signs afterwards', () => {
    const listFor = (platform: Target['platform']) => {
      const files = outsideFiles({ platform, arch: 'arm64' }, process.execPath).filter(
        ({ name }) => !name.includes('/out/'),
      );
      return JSON.parse(packedList(files)).files as Record<string, { bytes: number } | null>;
    };
    const windows = listFor('win32');
    expect(windows['runtime/node.exe']?.bytes).toBe(readFileSync(process.execPath).length);
    expect(Object.values(windows)).not.toContain(null);
    const mac = listFor('darwin');
    expect(
      Object.entries(mac)
        .filter(([, sealed]) => sealed === null)
        .map(([name]) => name),
    ).toEqual([
      'app.asar.unpacked/node_modules/better-sqlite3/prebuilds/darwin-arm64.node',
      'app.asar.unpacked/node_modules/webgpu/dist/darwin-universal/dawn.node',
      'runtime/node',
    ]);
  });
});
