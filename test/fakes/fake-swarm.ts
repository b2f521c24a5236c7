import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { LineageEntry, Ready, Receipt, Roster } from '../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../src-shared/rounds/signed.ts';
import type { AverageManifest } from '../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { type FakeChild, fakeChild } from './fake-child.ts';
import { type FakeTrain, sha } from './fake-train.ts';

/**
 * A swarm in one process: what one member says, the others hear. The all-reduce averages digests. Faults are played
 * per member: cut off, silent as sender, without results.
 */
export interface FakeHub {
  join(hotkey: Ss58, train: FakeTrain): FakeSwarm;
  /** Neither hears nor is heard, until it is put back. */
  cut(hotkey: Ss58, off: boolean): void;
  /** Its all-reduce ends without enough results. */
  loseResults(hotkey: Ss58, lost: boolean): void;
  /** Sends nothing in the all-reduce. */
  silence(hotkey: Ss58, silent: boolean): void;
  manifest(round: number): AverageManifest | null;
  receipts: Receipt[];
}

export type FakeSwarm = FakeChild<SwarmContract>;

interface Member {
  readonly hotkey: Ss58;
  readonly train: FakeTrain;
  readonly child: FakeSwarm;
  state: { baseDigest: Hex; lineage: readonly LineageEntry[] } | null;
  scores: string | null;
  readonly offered: Set<number>;
}

export function fakeHub(): FakeHub {
  const members = new Map<Ss58, Member>();
  const off = new Set<Ss58>();
  const lost = new Set<Ss58>();
  const silent = new Set<Ss58>();
  const manifests = new Map<number, AverageManifest>();
  const hub: FakeHub = {
    receipts: [],
    join,
    cut: (hotkey, isOff) => setIn(off, hotkey, isOff),
    loseResults: (hotkey, isLost) => setIn(lost, hotkey, isLost),
    silence: (hotkey, isSilent) => setIn(silent, hotkey, isSilent),
    manifest: (round) => manifests.get(round) ?? null,
  };

  const others = (self: Ss58) =>
    off.has(self) ? [] : [...members.values()].filter(({ hotkey }) => hotkey !== self && !off.has(hotkey));

  function reach(self: Ss58, hotkey: Ss58): Member {
    const member = others(self).find((one) => one.hotkey === hotkey);
    if (!member) throw new AppError('TIMEOUT', { what: hotkey, limitMs: 0 });
    return member;
  }

  function manifestOf(roster: Roster, digest: Hex): AverageManifest {
    const known = manifests.get(roster.round);
    if (known) return known;
    let bits = 0n;
    let divisor = 0;
    roster.members.forEach(({ hotkey, weight }, i) => {
      if (weight === 0 || off.has(hotkey) || silent.has(hotkey)) return;
      bits |= 1n << BigInt(i);
      divisor += weight;
    });
    const contributors = bits.toString(16).padStart(16, '0');
    const chunks = roster.members.flatMap(({ chunkCount }, reducer) =>
      Array.from({ length: chunkCount }, () => ({
        reducer,
        contributors,
        divisor,
        digest: sha(contributors),
      })),
    );
    const made = {
      round: roster.round,
      rosterDigest: digest,
      self: null,
      elements: 1,
      chunkElements: 1,
      chunks,
    };
    manifests.set(roster.round, made);
    return made;
  }

  function join(hotkey: Ss58, train: FakeTrain): FakeSwarm {
    const child = fakeChild<SwarmContract>(
      { peerId: hotkey, addresses: [] },
      {
        setMembers: async () => undefined,
        dial: async () => undefined,
        announceReady: async (ready: Ready) => {
          for (const other of others(hotkey)) other.child.emit('ready', ready);
          return undefined;
        },
        proposeRoster: async (roster) => {
          const said = { roster, rosterDigest: rosterDigest(roster) };
          for (const other of others(hotkey)) other.child.emit('roster', said);
          child.emit('roster', said);
          return undefined;
        },
        reduce: async ({ roster, rosterDigest: digest }) => {
          const manifest = manifestOf(roster, digest);
          const hasResults = !lost.has(hotkey) && !off.has(hotkey);
          train.average = hasResults ? sha(JSON.stringify(manifest.chunks)) : null;
          return {
            round: roster.round,
            durationMs: 5,
            bytesSent: 10,
            bytesReceived: 10,
            elementsShare: hasResults ? 1 : 0.5,
            chunks: manifest.chunks.length,
            chunksWithResult: hasResults ? manifest.chunks.length : 0,
            members: roster.members.map((member) => ({
              hotkey: member.hotkey,
              takenShare: null,
              returnedShare: null,
              error: null,
            })),
          };
        },
        announceResult: async (result) => {
          for (const other of others(hotkey)) other.child.emit('result', { hotkey, ...result });
          return undefined;
        },
        receipts: async ({ round }) => hub.receipts.filter((receipt) => receipt.round === round),
        offerWork: async ({ round }) => {
          self.offered.add(round);
          return undefined;
        },
        fetchWork: async (asked) => {
          const bytes = reach(hotkey, asked.hotkey).train.work(asked.round);
          if (!bytes) throw new AppError('TIMEOUT', { what: 'work', limitMs: 0 });
          return { bytes: new Uint8Array(bytes) };
        },
        offerScores: async ({ json }) => {
          self.scores = json;
          return undefined;
        },
        fetchScores: async (asked) => ({ json: reach(hotkey, asked.hotkey).scores }),
        challenge: async (asked) => {
          reach(hotkey, asked.hotkey);
          return { latencyMs: 1, downMs: 10, upMs: 10 };
        },
        offerState: async ({ baseDigest, lineage }) => {
          self.state = { baseDigest, lineage };
          return undefined;
        },
        fetchLineage: async (asked) => {
          const donors = asked.hotkey ? [reach(hotkey, asked.hotkey)] : others(hotkey);
          return [...(donors.find(({ state }) => state !== null)?.state?.lineage ?? [])];
        },
        fetchState: async ({ baseDigest, sizeBytes }) => {
          const donors = others(hotkey).filter(({ state }) => state?.baseDigest === baseDigest);
          if (donors.length === 0) throw new AppError('STATE_NO_DONOR', { round: '?' });
          return { bytes: sizeBytes, donors: donors.map((donor) => donor.hotkey) };
        },
      },
    );
    const self: Member = { hotkey, train, child, state: null, scores: null, offered: new Set() };
    members.set(hotkey, self);
    return child;
  }

  return hub;
}

function setIn(set: Set<Ss58>, hotkey: Ss58, isIn: boolean): void {
  if (isIn) set.add(hotkey);
  else set.delete(hotkey);
}

/** Tells every member that every other is connected: what real ones learn from their dials. */
export function connectAll(children: ReadonlyMap<Ss58, FakeSwarm>): void {
  for (const [self, child] of children)
    for (const hotkey of children.keys())
      if (hotkey !== self) child.emit('peer', { hotkey, peerId: hotkey, connected: true, address: null });
}
