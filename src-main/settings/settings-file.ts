import { join } from 'node:path';
import * as v from 'valibot';
import { replaceFile } from '../../src-node/durable.ts';
import { parseJson } from '../../src-node/durable-json.ts';
import { listeners } from '../../src-node/listeners.ts';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { setAside } from '../../src-node/set-aside.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import {
  defaultSettings,
  isSettingId,
  type SettingId,
  type SettingValue,
  type SettingValues,
  settingSchema,
} from '../../src-shared/settings.ts';

const VERSION = 1;
const MAX_BYTES = 65_536;
const fileSchema = v.object({ version: v.literal(VERSION), values: v.record(v.string(), v.unknown()) });

export interface Settings {
  readonly values: SettingValues;
  /** What was found wrong while opening, for the user. */
  readonly notices: readonly CodedError[];
  /** @throws {AppError} SETTING_INVALID, SETTINGS_CORRUPT, or of the disk: then nothing was changed */
  set<I extends SettingId>(id: I, value: SettingValue<I>): Promise<void>;
  /** Called with each setting that has another value from now on. @returns a function that unsubscribes. */
  onChange(listener: (id: SettingId) => void): () => void;
}

/** What people chose, by setting; what they did not choose is the default of whatever version reads it. */
interface Chosen {
  readonly values: SettingValues;
  /** As it stands in the file: settings of newer versions and values that do not fit go back as they were. */
  readonly written: Readonly<Record<string, unknown>>;
  /** Values that do not fit, and for which the default holds. */
  readonly refused: readonly CodedError[];
}

const nothing: Chosen = { values: defaultSettings, written: {}, refused: [] };

/**
 * Opens `settings.json` of the data folder, which people may edit by hand, also while Butterfly runs: it is read again
 * before it is written. One that cannot be read is moved aside, never overwritten.
 * @throws {AppError} of the disk
 */
export async function openSettings(dataDir: string): Promise<Settings> {
  const path = join(dataDir, 'settings.json');
  const changes = listeners<{ change: SettingId }>();
  const notices: CodedError[] = [];
  let { values } = nothing;
  let last: Promise<void> = Promise.resolve();

  function take(next: SettingValues): void {
    const before = values;
    values = next;
    for (const id of Object.keys(next) as SettingId[])
      if (next[id] !== before[id]) changes.emit('change', id);
  }

  async function load(): Promise<Chosen> {
    const read = readChosen(await readTextBounded(path, MAX_BYTES));
    if (read) return read;
    throw new AppError('SETTINGS_CORRUPT', { movedTo: await setAside(path) });
  }

  async function write(id: SettingId, value: unknown): Promise<void> {
    const written = { ...(await load()).written, [id]: value };
    await replaceFile(path, `${JSON.stringify({ version: VERSION, values: written }, null, 2)}\n`);
    take(chosenOf(written).values);
  }

  const found = await load().catch((thrown: unknown) => {
    if (!(thrown instanceof AppError) || thrown.code !== 'SETTINGS_CORRUPT') throw thrown;
    notices.push({ code: thrown.code, params: thrown.params });
    return nothing;
  });
  values = found.values;
  notices.push(...found.refused);

  return {
    get values() {
      return values;
    },
    notices,
    set(id, value) {
      if (!isSettingId(id) || !v.is(settingSchema(id), value))
        return Promise.reject(new AppError('SETTING_INVALID', { setting: id, value: String(value) }));
      const next = last.then(() => write(id, value));
      last = next.catch(() => {});
      return next;
    },
    onChange: (listener) => changes.on('change', listener),
  };
}

/** The values alone, before anything may be changed: what cannot be read counts as default and stays where it is. */
export async function peekSettings(dataDir: string): Promise<SettingValues> {
  const text = await readTextBounded(join(dataDir, 'settings.json'), MAX_BYTES).catch(() => null);
  return (readChosen(text) ?? nothing).values;
}

/** As `readTextBounded` gives it. */
type FileText = string | null | undefined;

/** null for a file that is none of ours. */
function readChosen(text: FileText): Chosen | null {
  if (text === undefined) return nothing;
  const parsed = v.safeParse(fileSchema, text === null ? null : parseJson(text));
  return parsed.success ? chosenOf(parsed.output.values) : null;
}

function chosenOf(written: Readonly<Record<string, unknown>>): Chosen {
  const fitting: Record<string, unknown> = {};
  const refused: CodedError[] = [];
  for (const [id, value] of Object.entries(written)) {
    if (!isSettingId(id)) continue;
    if (v.is(settingSchema(id), value)) fitting[id] = value;
    else refused.push({ code: 'SETTING_IGNORED', params: { setting: id, value: JSON.stringify(value) } });
  }
  return { values: { ...defaultSettings, ...fitting } as SettingValues, written, refused };
}
