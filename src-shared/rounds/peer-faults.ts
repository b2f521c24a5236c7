import type { PeerFault } from '../contract/page/runs.ts';

/** What was seen of a peer that did not count: for page and terminal alike. */
export const peerFaultWords: Readonly<Record<PeerFault['fault'], string>> = {
  silent: 'Silent in the exchange.',
  'two-answers': 'Gave two different answers for one part.',
  root: 'Sent other values than it had announced.',
  codec: 'Sent in another form than it had announced.',
  bytes: 'Sent bytes that do not fit their digest.',
  length: 'Sent a piece of a wrong length.',
  values: 'Sent values that are no numbers.',
  norm: 'Sent larger values than it had announced.',
  window: 'Sent further ahead than it was let.',
  'result-length': 'Gave a result that is too long.',
  'result-contributors': 'Gave a result of contributors that are none.',
  'result-divisor': 'Gave a result with a wrong divisor.',
  'result-quorum': 'Gave a result of too few contributions.',
  'result-signature': 'Gave a result that it did not sign.',
  'result-values': 'Gave a result that cannot be read.',
  other: 'A fault that this version does not know.',
  fraud: 'Signed a wrong result, and the proof of it was upheld.',
  'two-rosters': 'Signed two different lists of members.',
  'state-manifest': 'Gave a list of pieces of another state.',
  'state-piece': 'Gave a piece of another state.',
};
