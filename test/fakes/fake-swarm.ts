import { type ReduceReport, type SwarmContract, swarmContract } from '../../src-shared/contract/swarm.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { LineageEntry, Receipt, ResultsVote, Roster } from '../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../src-shared/rounds/signed.ts';
import type { AverageManifest } from '../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { type FakeChild, fakeChild } from './fake-child.ts';
import { FakeMailbox, type Said } from './fake-mailbox.ts';
import { type FakeTrain, sha } from './fake-train.ts';

/**
 * A swarm in one process: what one member says, the others hear. Two are connected while each counts the other among
 * the members. The all-reduce averages digests. Faults are played per member: cut off, silent as sender, without
 * results.
 */
export interface FakeHub {
  join(hotkey: Ss58, train: FakeTrain): FakeSwarm;
  /** Neither hears nor is heard, until it is put back. */
  cut(hotkey: Ss58, off: boolean): void;
  /** These two have no connection, until they are put together again. */
  part(a: Ss58, b: Ss58, apart: boolean): void;
  /** Its all-reduce ends without enough results. */
  loseResults(hotkey: Ss58, lost: boolean): void;
  /** Sends nothing in the all-reduce. */
  silence(hotkey: Ss58, silent: boolean): void;
  /** Its own list of results is another one than everybody else's, and nobody's but its own. */
  holdOther(hotkey: Ss58, isOther: boolean): void;
  /** It signs this list too, whatever it signed before. */
  signAlsoResults(hotkey: Ss58, vote: ResultsVote): void;
  /** It signs this roster too, whatever it signed before. */
  signAlso(hotkey: Ss58, roster: Roster): void;
  /** Asked for the list of rounds it says this. */
  sayLineage(hotkey: Ss58, lineage: readonly LineageEntry[]): void;
  /** Nobody has the average of any round any more. */
  keepNoAverages(): void;
  /** What comes of asking it for its contribution; held where nothing is said. */
  readonly given: Map<Ss58, 'silent' | 'foreign'>;
  /** Who gives no piece of its state, or one of another state. */
  readonly standing: Map<Ss58, 'silent' | 'foreign'>;
  manifest(round: number): AverageManifest | null;
  /** Whether a member has said that of a round, in any of its lives. */
  hasSaid(hotkey: Ss58, kind: Said['kind'], round: number): boolean;
  /** What one member said of a round in two different ways, over all its restarts. */
  readonly contradictions: readonly string[];
  receipts: Receipt[];
}

export interface FakeSwarm extends FakeChild<SwarmContract> {
  /** Counts these among its members too, and tells again of all that are connected. */
  meet(hotkeys: Iterable<Ss58>): void;
}

interface Member {
  readonly hotkey: Ss58;
  readonly train: FakeTrain;
  readonly child: FakeSwarm;
  readonly mail: FakeMailbox;
  /** null until its host has named them: whoever comes is held at the door. */
  members: Set<Ss58> | null;
  state: { baseDigest: Hex; lineage: readonly LineageEntry[] } | null;
  scores: string | null;
  readonly offered: Set<number>;
  /** Results digests of the averages that it has. */
  readonly averages: Set<Hex>;
  /** What its all-reduce came to. */
  reduced: { readonly round: number; readonly rosterDigest: Hex } | null;
  report: ReduceReport | null;
}

export function fakeHub(): FakeHub {
  const joined = new Map<Ss58, Member>();
  const off = new Set<Ss58>();
  const apart = new Set<string>();
  const lost = new Set<Ss58>();
  const silent = new Set<Ss58>();
  const other = new Set<Ss58>();
  const manifests = new Map<number, AverageManifest>();
  let isKept = true;
  const rosters = new Map<Hex, Roster>();
  /** Pairs as "a b": a has been told of b; a hears what b says. */
  const seen = new Set<string>();
  const met = new Set<string>();
  const contradictions: string[] = [];
  const everSaid = new Map<string, string>();
  const hub: FakeHub = {
    receipts: [],
    given: new Map(),
    standing: new Map(),
    contradictions,
    join,
    cut(hotkey, isOff) {
      setIn(off, hotkey, isOff);
      reconnect();
    },
    part(a, b, isApart) {
      for (const pair of [`${a} ${b}`, `${b} ${a}`]) {
        if (isApart) apart.add(pair);
        else apart.delete(pair);
      }
      reconnect();
    },
    loseResults: (hotkey, isLost) => setIn(lost, hotkey, isLost),
    signAlso(hotkey, body) {
      const said: Said = { kind: 'roster', signer: hotkey, round: body.round, body };
      for (const other of others(joined.get(hotkey)!)) tell(other, said);
    },
    holdOther: (hotkey, isOther) => setIn(other, hotkey, isOther),
    signAlsoResults(hotkey, body) {
      const said: Said = { kind: 'results', signer: hotkey, round: body.round, body };
      for (const one of others(joined.get(hotkey)!)) tell(one, said);
    },
    silence: (hotkey, isSilent) => setIn(silent, hotkey, isSilent),
    sayLineage(hotkey, lineage) {
      const member = joined.get(hotkey)!;
      member.state = { baseDigest: member.state?.baseDigest ?? sha('none'), lineage };
    },
    keepNoAverages() {
      isKept = false;
    },
    hasSaid: (hotkey, kind, round) => everSaid.has(keyOf(kind, hotkey, round)),
    manifest: (round) => manifests.get(round) ?? null,
  };

  const knows = (a: Member, b: Member) =>
    a.members?.has(b.hotkey) === true && !off.has(b.hotkey) && !apart.has(`${a.hotkey} ${b.hotkey}`);
  /** Whoever is held at a door does not notice: only who is sent away does. */
  const sees = (a: Member, b: Member) => a !== b && knows(a, b) && (b.members === null || knows(b, a));
  const others = (self: Member): Member[] =>
    [...joined.values()].filter(
      (one) => one !== self && joined.has(self.hotkey) && knows(self, one) && knows(one, self),
    );

  /** Tells every pair that came together or was parted; those who meet hear what the other has said before. */
  function reconnect(): void {
    for (const self of joined.values())
      for (const one of joined.values()) {
        const isSeen = sees(self, one);
        if (changes(seen, self, one, isSeen)) tellPeer(self, one.hotkey, isSeen);
        const isMet = knows(self, one) && sees(one, self);
        if (changes(met, self, one, isMet) && isMet) for (const said of one.mail.own()) tell(self, said);
      }
  }

  function changes(pairs: Set<string>, { hotkey }: Member, one: Member, isIn: boolean): boolean {
    const pair = `${hotkey} ${one.hotkey}`;
    if (pairs.has(pair) === isIn) return false;
    if (isIn) pairs.add(pair);
    else pairs.delete(pair);
    return true;
  }

  const tellPeer = ({ child }: Member, hotkey: Ss58, isConnected: boolean) =>
    child.emit('peer', { hotkey, peerId: hotkey, connected: isConnected, address: null });

  function say(self: Member, said: Said): undefined {
    const key = keyOf(said.kind, said.signer, said.round);
    const text = JSON.stringify(Object.entries(said.body).sort());
    if ((everSaid.get(key) ?? text) !== text) contradictions.push(key);
    everSaid.set(key, text);
    if (!self.mail.hear(said)) return;
    for (const other of others(self)) tell(other, said);
  }

  /** Witnesses pass on what is new to them, to each other. */
  function tell(to: Member, said: Said): void {
    if (!to.mail.hear(said) || !to.mail.isWitness) return;
    for (const other of others(to))
      if (to.mail.isOfWitness(other.hotkey) && other.hotkey !== said.signer) tell(other, said);
  }

  function reach(self: Member, hotkey: Ss58): Member {
    const member = others(self).find((one) => one.hotkey === hotkey);
    if (!member) throw new AppError('PEER_UNREACHABLE', { peer: hotkey });
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

  /** @param of whose own list it is; null for everybody's */
  const listOf = (round: number, of: Ss58 | null): Hex =>
    sha(JSON.stringify(manifests.get(round)?.chunks ?? []), ...(of ? [of] : []));

  function join(hotkey: Ss58, train: FakeTrain): FakeSwarm {
    const child = fakeChild<SwarmContract>(
      swarmContract,
      { peerId: hotkey, addresses: [] },
      {
        setMembers: async ({ hotkeys, witnesses }) => {
          self.members = new Set(hotkeys);
          self.mail.setWitnesses(new Set(witnesses));
          reconnect();
          return undefined;
        },
        setRound: async ({ round }) => self.mail.setRound(round) as undefined,
        setChainTime: async () => undefined,
        renewBinding: async () => undefined,
        setDirectory: async () => undefined,
        testReachability: async () => undefined,
        announceReady: async (body) => say(self, { kind: 'ready', signer: hotkey, round: body.round, body }),
        proposeRoster: async (body) => say(self, { kind: 'roster', signer: hotkey, round: body.round, body }),
        reduce: async ({ roster, rosterDigest: digest }) => {
          rosters.set(digest, roster);
          const manifest = manifestOf(roster, digest);
          const hasResults = !lost.has(hotkey) && !off.has(hotkey);
          train.average = null;
          self.reduced = { round: roster.round, rosterDigest: digest };
          const others = roster.members.filter((member) => member.hotkey !== hotkey);
          child.emit('edges', {
            round: roster.round,
            edges: others.map((member) => ({
              hotkey: member.hotkey,
              direction: 'out',
              state: 'done',
              bytes: 10,
              totalBytes: 10,
            })),
          });
          self.report = {
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
              stoodIn: 0,
              error: null,
            })),
          };
          return self.report;
        },
        composeResults: async ({ round, rosterDigest: digest }) => {
          if (self.reduced?.rosterDigest !== digest)
            throw new AppError('NOT_NOW', { what: 'A list', state: 'not reduced' });
          if (lost.has(hotkey) || off.has(hotkey))
            return { resultsDigest: null, fault: 'it covers too little' };
          return { resultsDigest: listOf(round, other.has(hotkey) ? hotkey : null), fault: null };
        },
        signResults: async (body) => say(self, { kind: 'results', signer: hotkey, round: body.round, body }),
        takeResults: async ({ round, rosterDigest: digest, resultsDigest }) => {
          if (self.reduced?.rosterDigest !== digest || !self.report)
            throw new AppError('NOT_NOW', { what: 'The results', state: 'not reduced' });
          if (lost.has(hotkey) || off.has(hotkey)) throw new AppError('RESULTS_MISSING', { round });
          train.average = { round, rosterDigest: digest, digest: resultsDigest };
          self.averages.add(resultsDigest);
          return { ...self.report, elementsShare: 1, chunksWithResult: self.report.chunks };
        },
        announceResult: async (body) =>
          say(self, { kind: 'result', signer: hotkey, round: body.round, body }),
        audit: async () => ({ drawn: 0, fine: 0, notAudited: 0, foreign: [], withheld: [], frauds: [] }),
        frauds: async () => [],
        receipts: async ({ round }) => hub.receipts.filter((receipt) => receipt.round === round),
        receiptProofs: async () => ({ envelopes: [], bindings: [] }),
        offerWork: async ({ round }) => {
          self.offered.add(round);
          return undefined;
        },
        fetchWork: async (asked) => {
          const peer = reach(self, asked.hotkey);
          const bytes = peer.offered.has(asked.round) ? peer.train.work(asked.round) : null;
          if (!bytes) throw new AppError('PEER_REFUSED', { peer: asked.hotkey });
          return { bytes: new Uint8Array(bytes) };
        },
        fetchContribution: async ({ rosterDigest: digest, hotkey: of }) => {
          if (self.reduced?.rosterDigest !== digest)
            throw new AppError('NOT_NOW', { what: 'Fetching a contribution', state: 'without that roster' });
          const isThere = others(self).some((one) => one.hotkey === of);
          const outcome = isThere ? (hub.given.get(of) ?? 'held') : 'silent';
          return { outcome, path: `/fake/checked`, bytes: outcome === 'held' ? 1_000 : 0 };
        },
        checkState: async ({ baseDigest, hotkey: of }) => {
          if (self.state?.baseDigest !== baseDigest)
            throw new AppError('NOT_NOW', { what: 'Asking for a state', state: 'without that state' });
          const isThere = others(self).some((one) => one.hotkey === of);
          const outcome = isThere ? (hub.standing.get(of) ?? 'held') : 'silent';
          return { outcome, bytes: outcome === 'held' ? 500 : 0 };
        },
        offerScores: async ({ json }) => {
          self.scores = json;
          return undefined;
        },
        fetchScores: async (asked) => ({ json: reach(self, asked.hotkey).scores }),
        challenge: async (asked) => {
          reach(self, asked.hotkey);
          return { latencyMs: 1, downMs: 10, upMs: 10 };
        },
        offerState: async ({ baseDigest, lineage }) => {
          self.state = { baseDigest, lineage };
          return undefined;
        },
        stores: async () => [],
        fetchLineage: async (asked) => {
          const donors = others(self).filter((one) => !asked.hotkey || one.hotkey === asked.hotkey);
          const lists = donors.map(({ state }) => state?.lineage ?? []);
          const [longest] = lists.sort((a, b) => b.length - a.length);
          if (!longest) throw new AppError('PEER_REFUSED', { peer: asked.hotkey ?? 'any' });
          return [...longest];
        },
        fetchState: async ({ baseDigest, sizeBytes }) => {
          const donors = others(self).filter(({ state }) => state?.baseDigest === baseDigest);
          if (donors.length === 0) throw new AppError('STATE_NO_DONOR', { round: '?' });
          return { bytes: sizeBytes, donors: donors.map((donor) => donor.hotkey) };
        },
        fetchAverage: async ({ round, rosterDigest: digest, resultsDigest }) => {
          const roster = rosters.get(digest);
          const hasIt = (one: Member) => isKept && one.averages.has(resultsDigest);
          if (!roster || !(hasIt(self) || others(self).some(hasIt)))
            throw new AppError('STATE_NO_DONOR', { round: `${round}` });
          self.averages.add(resultsDigest);
          train.average = { round, rosterDigest: digest, digest: resultsDigest };
          const drawn = roster.members.some((member) => member.hotkey === hotkey);
          return { drawn, medianNorm: roster.medianNorm };
        },
        takenChunks: async () => ({ taken: null }),
        giveManifest: async () => ({ isRight: true }),
        claimExtent: async () => ({ extent: null, isOver: true }),
        giveExtent: async () => ({ isRight: true }),
        dropExtent: async () => undefined,
        closeStores: async () => undefined,
      },
    );
    const swarm: FakeSwarm = Object.assign(Object.create(child) as FakeChild<SwarmContract>, {
      meet(hotkeys: Iterable<Ss58>) {
        self.members = new Set([...(self.members ?? []), ...hotkeys]);
        for (const { hotkey: other } of joined.values()) seen.delete(`${hotkey} ${other}`);
        reconnect();
      },
      async stop() {
        joined.delete(hotkey);
        for (const pair of met) if (pair.split(' ').includes(hotkey)) met.delete(pair);
        for (const pair of seen) if (pair.startsWith(`${hotkey} `)) seen.delete(pair);
        await child.stop();
        for (const one of joined.values())
          if (seen.delete(`${one.hotkey} ${hotkey}`)) tellPeer(one, hotkey, false);
      },
    });
    const mail = new FakeMailbox(hotkey, {
      heard: (said) => {
        if (said.kind === 'ready') child.emit('ready', said.body);
        else if (said.kind === 'result') child.emit('result', { hotkey: said.signer, ...said.body });
      },
      listed({ round, rosterDigest: roster, resultsDigest }) {
        child.emit('resultsList', { round, rosterDigest: roster, resultsDigest });
        if (mail.isWitness)
          for (const one of others(self))
            for (const vote of mail.votesOf(round, 'results')) one.mail.hear(vote);
      },
      list(vote) {
        // What it does not hold itself it does not sign.
        if (vote.resultsDigest === listOf(vote.round, null)) child.emit('resultsProposal', vote);
      },
      agreed(roster) {
        child.emit('roster', { roster, rosterDigest: rosterDigest(roster) });
        if (mail.isWitness)
          for (const other of others(self))
            for (const vote of mail.votesOf(roster.round, 'roster')) other.mail.hear(vote);
      },
      contradicted: (of, round) => child.emit('contradiction', { hotkey: of, round }),
      proposed: (roster) => child.emit('rosterProposal', { roster, rosterDigest: rosterDigest(roster) }),
    });
    const fresh = {
      members: null,
      state: null,
      scores: null,
      offered: new Set<number>(),
      averages: new Set<Hex>(),
      reduced: null,
      report: null,
    };
    const self: Member = { hotkey, train, child: swarm, mail, ...fresh };
    joined.set(hotkey, self);
    return swarm;
  }

  return hub;
}

const keyOf = (kind: Said['kind'], signer: Ss58, round: number) => `${kind} of ${signer} in round ${round}`;

function setIn(set: Set<Ss58>, hotkey: Ss58, isIn: boolean): void {
  if (isIn) set.add(hotkey);
  else set.delete(hotkey);
}

/** Makes every member know every other, and tells it who is connected: what real ones learn from their dials. */
export function connectAll(children: ReadonlyMap<Ss58, FakeSwarm>): void {
  for (const child of children.values()) child.meet(children.keys());
}
