import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readError } from '../../src-node/disk-error.ts';
import { replaceFile } from '../../src-node/durable.ts';
import { parseJson } from '../../src-node/durable-json.ts';
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
const MAX_CHARS = 65_536;
const fileSchema = v.object({ version: v.literal(VERSION), values: v.record(v.string(), v.unknown()) });

export interface Settings {
  readonly values: SettingValues;
  /** What was found wrong while opening, for the user. */
  readonly notices: readonly CodedError[];
  /** @throws {AppError} SETTING_INVALID, DISK_FULL, DATA_DIR_UNWRITABLE */
  set<I extends SettingId>(id: I, value: SettingValue<I>): Promise<void>;
}

/** Opens `settings.json` of the data folder. One that cannot be read is moved aside, never overwritten. */
export async function openSettings(dataDir: string): Promise<Settings> {
  const path = join(dataDir, 'settings.json');
  const notices: CodedError[] = [];
  let values = defaultSettings;
  // What a newer version wrote and this one does not know goes back into the file as it was.
  let unknown: Readonly<Record<string, unknown>> = {};
  const text = await readOrNull(path);
  if (text !== null) {
    const read = readValues(text);
    if (read) ({ values, unknown } = read);
    else {
      notices.push({ code: 'SETTINGS_CORRUPT', params: { movedTo: await setAside(path) } });
    }
  }

  let last = Promise.resolve();
  return {
    get values() {
      return values;
    },
    notices,
    set(id, value) {
      if (!isSettingId(id) || !v.is(settingSchema(id), value))
        return Promise.reject(new AppError('SETTING_INVALID', { setting: id, value: String(value) }));
      const next = last.then(async () => {
        const changed = { ...values, [id]: value };
        await replaceFile(
          path,
          `${JSON.stringify({ version: VERSION, values: { ...unknown, ...changed } }, null, 2)}\n`,
        );
        values = changed;
      });
      last = next.catch(() => {});
      return next;
    },
  };
}

/** The values alone, before anything may be changed: what cannot be read counts as default and stays where it is. */
export async function peekSettings(dataDir: string): Promise<SettingValues> {
  const text = await readOrNull(join(dataDir, 'settings.json')).catch(() => null);
  return (text === null ? null : readValues(text)?.values) ?? defaultSettings;
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw readError(thrown, path);
  }
}

function readValues(text: string): { values: SettingValues; unknown: Record<string, unknown> } | null {
  if (text.length > MAX_CHARS) return null;
  try {
    const file = v.parse(fileSchema, parseJson(text));
    const known: Record<string, unknown> = {};
    const unknown: Record<string, unknown> = {};
    for (const [id, value] of Object.entries(file.values)) {
      if (!isSettingId(id)) unknown[id] = value;
      else known[id] = v.parse(settingSchema(id), value);
    }
    return { values: { ...defaultSettings, ...known } as SettingValues, unknown };
  } catch {
    return null;
  }
}
