import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';

import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
/** The reader of YAML that electron-builder brings along. */
const { load } = require('js-yaml') as { load(text: string): unknown };
const scheme = JSON.parse(readFileSync(require.resolve('app-builder-lib/scheme.json'), 'utf8'));
const config = load(readFileSync('electron-builder.yml', 'utf8')) as Record<string, Record<string, unknown>>;

/** electron-builder's own schema. Its words for people are not part of the draft. */
const validate = new Ajv({ strict: false, allErrors: true }).compile(scheme);
const problems = (value: unknown): string[] => {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

describe('electron-builder.yml', () => {
  it('is what electron-builder’s schema takes', () => {
    expect(problems(config)).toEqual([]);
    expect(problems({ ...config, nsis: { oneCIick: true } })).not.toEqual([]);
  });

  it('installs for one user at a click, and takes no wallet along when it goes', () => {
    expect(config.nsis).toMatchObject({ oneClick: true, perMachine: false, deleteAppDataOnUninstall: false });
    const script = readFileSync(String(config.nsis?.include), 'utf8');
    expect(script).toContain('!macro customUnInstall');
    expect(script).toContain('.bittensor\\wallets');
    expect(script).not.toMatch(/^\s*(?:RMDir|Delete)\b/m);
  });

  it('asks macOS for the one right that V8 needs', () => {
    const rights = readFileSync(String(config.mac?.entitlements), 'utf8');
    expect([...rights.matchAll(/<key>(.*)<\/key>/g)].map(([, key]) => key)).toEqual([
      'com.apple.security.cs.allow-jit',
    ]);
    expect(config.mac).toMatchObject({
      hardenedRuntime: true,
      entitlementsInherit: config.mac?.entitlements,
    });
    expect(config.mac?.binaries).toEqual(['Contents/Resources/runtime/node']);
  });

  it('gives nobody the app’s own Node', () => {
    expect(config.electronFuses).toEqual({
      ...{
        runAsNode: false,
        enableNodeOptionsEnvironmentVariable: false,
        enableNodeCliInspectArguments: false,
      },
      ...{
        enableEmbeddedAsarIntegrityValidation: true,
        onlyLoadAppFromAsar: true,
        enableCookieEncryption: true,
      },
      ...{ loadBrowserProcessSpecificV8Snapshot: false, grantFileProtocolExtraPrivileges: false },
    });
  });
});
