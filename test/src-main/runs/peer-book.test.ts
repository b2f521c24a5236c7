import { describe, expect, it } from 'vitest';
import { keepPeerBook } from '../../../src-main/runs/peer-book.ts';
import { listeners } from '../../../src-node/listeners.ts';
import type { GroupMember } from '../../../src-shared/contract/swarm.ts';
import { ss58 } from '../../../src-shared/units.ts';

const peer = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const fine: GroupMember = { hotkey: peer, takenShare: 1, returnedShare: 1, stoodIn: 0, error: null };
const link = { hotkey: peer, rttMs: 30, way: 'direct', isInbound: false } as const;

function rig() {
  const swarm = listeners<Record<string, unknown>>();
  const book = keepPeerBook(swarm as never);
  const meet = (connected: boolean) =>
    swarm.emit('peer', { hotkey: peer, peerId: 'p', connected, address: null });
  return { swarm, book, meet, of: () => book.peers.get(peer) };
}

describe('the book of peers', () => {
  it('knows the way to a peer only while it is connected', () => {
    const { swarm, meet, of } = rig();
    swarm.emit('links', { links: [link] });
    expect(of()).toBeUndefined();
    meet(true);
    swarm.emit('links', { links: [link] });
    expect(of()?.link).toEqual(link);
    meet(false);
    expect(of()?.link).toBeNull();
  });

  it('keeps the newest fault of a peer, through rounds in which it had none', () => {
    const { book, of } = rig();
    book.noteRound({ round: 3, endedAtMs: 30, group: [{ ...fine, error: 'silent' }] });
    book.noteRound({ round: 4, endedAtMs: 40, group: [fine] });
    expect(of()?.lastFault).toEqual({ fault: 'silent', round: 3, atMs: 30 });
    book.noteRound({ round: 5, endedAtMs: 50, group: [{ ...fine, error: 'norm' }] });
    expect(of()?.lastFault).toMatchObject({ fault: 'norm', round: 5 });
  });

  it('hides a proven fraud behind nothing that comes later', () => {
    const { swarm, book, of } = rig();
    swarm.emit('fraud', { round: 6, accused: peer, chunk: 1, digest: 'd', sizeBytes: 9 });
    book.noteRound({ round: 7, endedAtMs: 70, group: [{ ...fine, error: 'silent' }] });
    swarm.emit('stateLiar', { hotkey: peer, what: 'piece' });
    expect(of()?.lastFault).toMatchObject({ fault: 'fraud', round: 6 });
  });

  it('notes faults outside of exchanges too', () => {
    const { swarm, of } = rig();
    swarm.emit('stateLiar', { hotkey: peer, what: 'piece' });
    expect(of()?.lastFault).toMatchObject({ fault: 'state-piece', round: null });
    swarm.emit('contradiction', { hotkey: peer, round: 8 });
    expect(of()?.lastFault).toMatchObject({ fault: 'two-rosters', round: 8 });
  });
});
