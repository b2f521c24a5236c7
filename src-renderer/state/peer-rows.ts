import type { PeerState, PeerView } from '../../src-shared/contract/page/runs.ts';
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

const tones = {
  away: 'quiet',
  'gradient-refused': 'fault',
  validating: 'good',
  waiting: 'quiet',
  connected: 'quiet',
  training: 'work',
  paused: 'paused',
} as const satisfies Record<PeerState, Tone>;

const peerTone = ({ state }: PeerView): Tone => tones[state];
const peerWord = ({ state }: PeerView): string => t(`peer.${state}`);
