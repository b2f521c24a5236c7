import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { extractFile, listPackage, statFile } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { describe, expect, it } from 'vitest';
import { checkedTargets } from '../../tools/build/pack/target.ts';
import { differences, filesBelow, kindsFor, nativeKind, type PackedApp, packedApp } from './packed-app.ts';

/** Written anew by electron-builder, which leaves out what belongs to development. */
const isManifest = (name: string) => /(?:^|\/)package\.json$/.test(name);

/**
 * Goal of the house: what an installed app takes on the disk beside Electron's own files and the runtime, by system.
 * Windows gets two compilers of shaders along, which others do not need.
 */
const PACKED_MB_MAX = { linux: 80, darwin: 80, win32: 95 } as const;
/** A Node as its publisher gives it out. What stands in for one is smaller. */
const RUNTIME_MB_MAX = 140;

interface Sealed {
  readonly bytes: number;
  readonly sha256: string;
}
const listOf = (text: string) => (JSON.parse(text) as { files: Record<string, Sealed | null> }).files;

describe.each(checkedTargets().map(packedApp))(
  'what is packed for $target.platform on $target.arch',
  (app) => {
    const { platform } = app.target;
    const resources = filesBelow(app.resources);
    const archived = listPackage(app.archive, { isPack: false })
      .map((name) => name.replaceAll('\\', '/').slice(1))
      .filter((name) => !('files' in statFile(app.archive, name)));

    it('is exactly what is meant to be', () => {
      // What electron-builder adds for its own installers, and what a named Electron brings along.
      const own = resources.filter(
        (name) =>
          !/^(?:app\.asar|default_app\.asar|app-update\.yml|package-type|apparmor-profile)$/.test(name),
      );
      expect(differences(['resources.txt', `resources.${platform}.txt`], own)).toEqual({
        unexpected: [],
        missing: [],
      });
      expect(differences(['archive.txt', `archive.${platform}.txt`], archived)).toEqual({
        unexpected: [],
        missing: [],
      });
    });

    it('has no maps, no tests, no sources', () => {
      const strange = [...resources, ...archived].filter((name) =>
        /\.(?:map|ts|svelte|cc|cpp|h|gyp)$|(?:^|\/)tests?\/|\.test\./.test(name),
      );
      expect(strange).toEqual([]);
    });

    it('has natives of that computer alone', () => {
      const natives = resources
        .map((name) => ({ name, kind: nativeKind(join(app.resources, name)) }))
        .filter(({ kind }) => kind !== null);
      expect(natives.length).toBeGreaterThanOrEqual(3);
      expect(natives.filter(({ kind }) => !kindsFor(app.target).includes(kind))).toEqual([]);
      // None hides in the archive, where no system could load it.
      expect(
        archived
          .filter((name) => /\.(?:node|dll|so|dylib)$/.test(name))
          .every((name) => isUnpacked(app, name)),
      ).toBe(true);
    });

    it('lies outside of the archive with the sums that lie inside', () => {
      const packed = extractFile(app.archive, 'out/packed-files.json').toString();
      expect(readFileSync(join(app.resources, 'app.asar.unpacked/out/packed-files.json'), 'utf8')).toBe(
        packed,
      );
      const list = listOf(packed);
      for (const [name, sealed] of Object.entries(list)) {
        const content = readFileSync(join(app.resources, name));
        const sha256 = createHash('sha256').update(content).digest('hex');
        if (sealed) expect({ name, bytes: content.length, sha256 }).toEqual({ name, ...sealed });
      }
      // Whatever runs out there is listed.
      const runs = resources.filter(
        (name) => /^(?:app\.asar\.unpacked|runtime)\//.test(name) && !isManifest(name),
      );
      const unlisted = runs.filter(
        (name) =>
          !(name in list) && !/(?:LICENSE|README|ThirdPartyNotices)[^/]*$|packed-files\.json$/.test(name),
      );
      expect(unlisted).toEqual([]);
    });

    it('has the fuses blown that nobody needs', async () => {
      const program = { linux: 'butterfly', win32: 'Butterfly.exe', darwin: 'Butterfly.app' }[platform];
      const { version, ...wire } = await getCurrentFuseWire(join(app.folder, program));
      expect(version).toBe('1');
      const state = (fuse: FuseV1Options) => wire[fuse] === FuseState.ENABLE;
      expect({
        runAsNode: state(FuseV1Options.RunAsNode),
        cookies: state(FuseV1Options.EnableCookieEncryption),
        nodeOptions: state(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
        inspect: state(FuseV1Options.EnableNodeCliInspectArguments),
        integrity: state(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
        onlyArchive: state(FuseV1Options.OnlyLoadAppFromAsar),
        snapshot: state(FuseV1Options.LoadBrowserProcessSpecificV8Snapshot),
        fileProtocol: state(FuseV1Options.GrantFileProtocolExtraPrivileges),
      }).toEqual({
        ...{ runAsNode: false, cookies: true, nodeOptions: false, inspect: false },
        ...{ integrity: true, onlyArchive: true, snapshot: false, fileProtocol: false },
      });
    });

    it('keeps its size', () => {
      const megabytesOf = (names: readonly string[]) =>
        Math.round(names.reduce((sum, name) => sum + statSync(join(app.resources, name)).size, 0) / 1e6);
      const isRuntime = (name: string) => name.startsWith('runtime/');
      const megabytes = megabytesOf(resources.filter((name) => !isRuntime(name)));
      const runtimeMegabytes = megabytesOf(resources.filter(isRuntime));
      console.log(
        `packed-mb: ${megabytes} and ${runtimeMegabytes} of the runtime (${resources.length} files beside Electron’s own, in ${app.folder})`,
      );
      expect(megabytes).toBeLessThan(PACKED_MB_MAX[platform]);
      expect(runtimeMegabytes).toBeLessThan(RUNTIME_MB_MAX);
    });
  },
);

function isUnpacked(app: PackedApp, name: string): boolean {
  const entry = statFile(app.archive, name);
  return 'unpacked' in entry && entry.unpacked === true;
}
