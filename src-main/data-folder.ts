import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { diskError } from '../src-node/disk-error.ts';
import { AppError } from '../src-shared/errors/app-error.ts';

/** A data folder that is ours alone until released. */
export interface DataFolder {
  readonly path: string;
  release(): Promise<void>;
}

/** Where this operating system keeps an app's own files. */
export function defaultDataDir(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Butterfly');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Butterfly');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'butterfly');
}

const LOCK = 'in-use.json';
const PROBE_BYTES = 4_096;
const ownerSchema = v.object({
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** When that process started, by the operating system's own count: a process id alone may be reused. */
  startedAt: v.nullable(v.string()),
  nonce: v.string(),
});
type Owner = v.InferOutput<typeof ownerSchema>;

/**
 * Creates the folder for this user alone, proves that it takes a file and locks it.
 * @throws {AppError} DATA_DIR_UNWRITABLE, DISK_FULL, DATA_DIR_IN_USE
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const path = resolve(dataDir);
  try {
    // A folder that exists is the user's: its mode is left alone.
    if (await mkdir(path, { recursive: true, mode: 0o700 })) await chmod(path, 0o700);
    await probe(path);
    const owner = await lock(path);
    return { path, release: () => unlock(path, owner) };
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

async function probe(path: string): Promise<void> {
  const file = join(path, `.probe-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(file, Buffer.alloc(PROBE_BYTES), { flag: 'wx', mode: 0o600 });
  } finally {
    await rm(file, { force: true });
  }
}

async function lock(path: string): Promise<Owner> {
  const file = join(path, LOCK);
  const own: Owner = {
    pid: process.pid,
    startedAt: await processStart(process.pid),
    nonce: randomBytes(12).toString('hex'),
  };
  if (await createLock(file, own)) return own;
  const found = await readFile(file, 'utf8').catch(() => '');
  if (await holds(found)) throw new AppError('DATA_DIR_IN_USE', { path });
  await clearStale(file, found, path);
  if (await createLock(file, own)) return own;
  throw new AppError('DATA_DIR_IN_USE', { path });
}

/** The lock appears with its text in it: one seen empty would be taken for what a crash left. */
async function createLock(file: string, owner: Owner): Promise<boolean> {
  const draft = `${file}.${owner.nonce}`;
  const text = JSON.stringify(owner);
  try {
    await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
    await link(draft, file);
    return true;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // File systems without hard links (USB sticks) get the slightly weaker form.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return createPlain(file, text);
    throw thrown;
  } finally {
    await rm(draft, { force: true });
  }
}

async function createPlain(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

/** Takes a dead owner's lock away. If another start was faster and it is a new one, that one gets it back. */
async function clearStale(file: string, judged: string, path: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== judged) {
    await rename(aside, file);
    throw new AppError('DATA_DIR_IN_USE', { path });
  }
  await rm(aside, { force: true });
}

async function unlock(path: string, own: Owner): Promise<void> {
  const file = join(path, LOCK);
  const found = await readFile(file, 'utf8').catch(() => '');
  if (found === JSON.stringify(own)) await rm(file, { force: true });
}

/** Whether the process that wrote this lock still runs. A lock that cannot be read is one that a crash cut short. */
async function holds(text: string): Promise<boolean> {
  const owner = v.safeParse(ownerSchema, parseJson(text));
  if (!owner.success || owner.output.pid === process.pid) return owner.success;
  try {
    process.kill(owner.output.pid, 0);
  } catch (thrown) {
    // EPERM: it lives, and belongs to somebody else.
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const startedAt = await processStart(owner.output.pid);
  return startedAt === null || owner.output.startedAt === null || startedAt === owner.output.startedAt;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Linux: boot id and start tick of a process; null where the system does not tell. */
async function processStart(pid: number): Promise<string | null> {
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and parentheses; fields count from behind its last one. Start is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot} ${fields[19]}`;
  } catch {
    return null;
  }
}
