import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { profileSchema } from '../../src-shared/profile/schema.ts';
import { ROOT } from './stamp.ts';

export const SCHEMA_FILE = join(ROOT, 'sdk', 'run-profile.schema.json');

/**
 * The JSON Schema of run profiles, made from the schema that reads them. What only code can say (the order of a round's
 * blocks, the checksum of an address) is not in it: a profile that fits may still be refused with PROFILE_INVALID.
 */
export function runProfileSchemaText(): string {
  const { $schema, ...schema } = toJsonSchema(profileSchema, { typeMode: 'input', errorMode: 'ignore' });
  const named = {
    $schema,
    title: 'Butterfly run profile',
    description:
      'consensus is what all members of a run share, and its hash names the run; local is each user’s own.',
    ...schema,
  };
  return `${JSON.stringify(named, null, 2)}\n`;
}

/** @returns whether the published file was another one */
export function publishRunProfileSchema(): boolean {
  const text = runProfileSchemaText();
  if (readFileSync(SCHEMA_FILE, { encoding: 'utf8', flag: 'a+' }) === text) return false;
  writeFileSync(SCHEMA_FILE, text);
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  console.log(publishRunProfileSchema() ? `${SCHEMA_FILE} is new.` : `${SCHEMA_FILE} is as it was.`);
