import type { PeerView } from '../../src-shared/contract/page.ts';
import { t } from '../i18n/t.ts';
import type { Tone } from './answers.ts';

export interface PeerRow {
  readonly peer: PeerView;
  readonly tone: Tone;
  readonly word: string;
}

/** You first, then who is there, by uid; who has no uid yet comes last. */
export function peerRows(peers: readonly PeerView[]): readonly PeerRow[] {
  return [...peers]
    .sort(
      (a, b) =>
        Number(b.self) - Number(a.self) ||
        (a.uid ?? Number.MAX_SAFE_INTEGER) - (b.uid ?? Number.MAX_SAFE_INTEGER) ||
        (a.hotkey < b.hotkey ? -1 : 1),
    )
    .map((peer) => ({ peer, tone: peerTone(peer), word: peerWord(peer) }));
}

const faults = /refus|fail|fraud|invalid|mismatch|wrong/i;
const pending = /wait|late|silent|behind|paus|loading|sync/i;

function peerTone(peer: PeerView): Tone {
  if (faults.test(peer.state)) return 'fault';
  if (!peer.self && !peer.connected) return 'quiet';
  if (pending.test(peer.state)) return 'attention';
  return peer.role === 'validator' ? 'good' : 'work';
}

function peerWord(peer: PeerView): string {
  if (!peer.self && !peer.connected && !faults.test(peer.state)) return t('peer.away');
  return peer.state || t('peer.connected');
}
