import type { Member } from '../../test/integrity/member.ts';
import type { PlayedSwarm } from '../../test/integrity/swarm.ts';

/** The gates of a score and what stands beside them, as an honest validator gives them to somebody at the end. */
export function judgedOf({ members }: PlayedSwarm, { part }: Member): string {
  const judge = members.find((member) => member.judge !== null)?.judge;
  const card = judge?.scores?.all.find(({ hotkey }) => hotkey === part.hotkey);
  if (!card) return 'unscored';
  return Object.entries(card.terms)
    .map(([term, { value, why }]) => `${term} ${value?.toFixed(2) ?? '-'} ${why.code}`)
    .join(', ');
}
