import type { ResultOf } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';

export type AuditFound = ResultOf<SwarmContract, 'audit'>;

/** What the log says of the audit of a round: one line. @param found or why nothing was looked at */
export function auditLine(round: number, found: AuditFound | string): string {
  if (typeof found === 'string') return `audit of round ${round}: not done, ${found}`;
  const { drawn, fine, notAudited, foreign, withheld, frauds } = found;
  const named: readonly [string, readonly string[]][] = [
    ['proven to have lied', frauds.map(({ accused }) => accused)],
    ['gave something else than it had put in', foreign],
    ['withheld what it had put into its own result', withheld],
  ];
  const of = named.flatMap(([what, who]) => (who.length > 0 ? [`${what}: ${who.join(' ')}`] : []));
  const counts = `${drawn} drawn, ${fine} fine, ${notAudited} not audited, ${drawn - fine - notAudited} wrong`;
  return [`audit of round ${round}: ${counts}`, ...of].join('; ');
}
