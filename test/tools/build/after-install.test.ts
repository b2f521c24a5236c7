import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const RUNUSER = ['/usr/sbin/runuser', '/sbin/runuser'].find((path) => existsSync(path)) ?? null;
/** As dpkg runs it: by root alone. */
const mayRun = process.platform === 'linux' && process.getuid?.() === 0 && RUNUSER !== null;

describe.skipIf(!mayRun)('what root runs once the package is installed', () => {
  let folder: string;
  let script: string;
  const helper = () => join(folder, 'chrome-sandbox');
  const tools = () => join(folder, 'tools');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-installed-'));
    // Whoever is without rights has to come to the tools.
    await chmod(folder, 0o755);
    await mkdir(tools());
    await symlink(RUNUSER ?? '', join(tools(), 'runuser'));
    await writeFile(helper(), '');
    const text = await readFile('packaging/linux/after-install.sh', 'utf8');
    script = join(folder, 'postinst');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the word of electron-builder's own template
    await writeFile(script, text.replace('/opt/${sanitizedProductName}', folder));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function modeWhere(unshare: string): Promise<string> {
    await writeFile(join(tools(), 'unshare'), `#!/bin/sh\n${unshare}\n`, { mode: 0o755 });
    execFileSync('/bin/sh', [script, 'configure'], { env: { PATH: `${tools()}:/usr/bin:/bin` } });
    return ((await stat(helper())).mode & 0o7777).toString(8);
  }

  it('the sandbox has a helper of root’s where the kernel gives user namespaces to root alone', async () => {
    expect(await modeWhere('[ "$(id -u)" = 0 ]')).toBe('4755');
    expect(await modeWhere('exit 1')).toBe('4755');
  });

  it('nothing has rights that nobody needs', async () => {
    expect(await modeWhere('exit 0')).toBe('755');
  });
});
