import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import { address, count, digest, finite, shortText } from '../contract/fields.ts';
import { canonicalJson } from '../profile/profile.ts';
import type { VerifySr25519 } from '../rounds/binding.ts';
import { publicKeyOf } from '../rounds/ss58.ts';

/**
 * What is published: a folder of files and `manifest.json`, which names each with its size and SHA-256. The manifest
 * comes last everywhere, so a manifest means a whole state; what it names never changes afterwards.
 */
export const MANIFEST = 'manifest.json';
/** The consensus part of the run's profile, as `{consensus}`. */
export const PROFILE_FILE = 'profile.json';
/** The list of committed rounds, as it lies with a state. */
export const LINEAGE_FILE = 'lineage.json';

/** SHA-256 of each piece of the state one behind the other: by it parts of the state are proved one by one. */
export const PIECES_FILE = 'pieces.bin';

/** Longest manifest; one of `STORED_FILES_MAX` files takes some 20 kB. */
export const MANIFEST_BYTES_MAX = 256 * 1024;
/** Files of one state: the weights of the largest model in parts of 1 GB, and a dozen beside them. */
export const STORED_FILES_MAX = 128;
/** Largest part that weights are cut into: a failed request loses no more than that. */
export const PART_BYTES_MAX = 1_000_000_000;

/** Devices of Windows, which are no names of files there, with whatever ending. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** A file's name within its state: no folder, no way out of one, the same on every system. */
export const storedNameSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/),
  v.check((name) => !DEVICES.test(name)),
);

/** `R.E.S`: run, outer step, inner step of its hotkey. The subnet's own way of naming states. */
export const stateTagSchema = v.pipe(v.string(), v.regex(/^(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2}$/));

export interface StateTag {
  readonly run: number;
  readonly outerStep: number;
  readonly innerStep: number;
}

export const formatTag = ({ run, outerStep, innerStep }: StateTag): string =>
  `${run}.${outerStep}.${innerStep}`;

/** @param tag that the schema took */
export function parseTag(tag: string): StateTag {
  const [run = 0, outerStep = 0, innerStep = 0] = tag.split('.').map(Number);
  return { run, outerStep, innerStep };
}

/** Oldest first: by run, then outer step, then inner step. */
export function compareTags(a: string, b: string): number {
  const [one, other] = [parseTag(a), parseTag(b)];
  return one.run - other.run || one.outerStep - other.outerStep || one.innerStep - other.innerStep;
}

export const storedFileSchema = v.object({
  name: storedNameSchema,
  sizeBytes: count,
  sha256: digest,
});

export type StoredFile = v.InferOutput<typeof storedFileSchema>;

const described = v.object({
  format: v.literal(1),
  /** `state`: everything that a newcomer needs. `update`: what one committed round changed. */
  kind: v.picklist(['state', 'update']),
  tag: stateTagSchema,
  run: v.object({ name: shortText, profileHash: digest }),
  /** Of the commit; -1 for the initial weights. */
  round: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
  /** Merkle root of base and outer momentum after that round, as the chain names it. */
  baseDigest: digest,
  hotkey: address,
  appVersion: shortText,
  /** What it was trained on, and under which licence that text stands. */
  trainedOn: v.object({ text: shortText, licence: shortText, attribution: shortText }),
  /** What its publisher says of it, and no file proves; left out by versions that said nothing of the kind. */
  measured: v.optional(
    v.object({
      /** When its files were made. */
      atMs: count,
      /** Nats per token on text that nobody trains on; null where that was not measured by then. */
      heldOutLoss: v.nullable(finite),
      /** Tokens that the publisher itself trained on in this run by then; null for one that does not train. */
      ownTokens: v.nullable(count),
    }),
  ),
  files: v.pipe(
    v.array(storedFileSchema),
    v.maxLength(STORED_FILES_MAX),
    v.check((files) => new Set(files.map(({ name }) => name.toLowerCase())).size === files.length),
    v.check((files) => files.every(({ name }) => name.toLowerCase() !== MANIFEST)),
  ),
});

export const manifestSchema = v.object({
  ...described.entries,
  /** Sr25519 of the hotkey over `manifestBytes`, hex. */
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
});

/** Sr25519 in the signing context "substrate", as `rounds/binding.ts` has it. */
export const isSignedBy = (manifest: Manifest, verify: VerifySr25519): boolean => {
  const { signature, ...unsigned } = manifest;
  const key = publicKeyOf(manifest.hotkey);
  return key !== null && verify(manifestBytes(unsigned), hexToBytes(signature), key);
};

export type Manifest = v.InferOutput<typeof manifestSchema>;
export type UnsignedManifest = v.InferOutput<typeof described>;

const DOMAIN = 'dt1-published';

/**
 * The bytes under a manifest's signature: of what is known here and in a fixed order, whatever else a file says; wrapped as
 * wallets wrap raw messages, so that they can never be read as a transaction.
 */
export const manifestBytes = (manifest: UnsignedManifest): Uint8Array =>
  utf8ToBytes(`<Bytes>${DOMAIN}\n${canonicalJson(v.parse(described, manifest))}</Bytes>`);

/** @returns null for what is no manifest */
export function readManifest(text: string): Manifest | null {
  if (text.length > MANIFEST_BYTES_MAX) return null;
  try {
    const parsed = v.safeParse(manifestSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

export const writeManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

export const bytesOfFiles = (files: readonly StoredFile[]): number =>
  files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
