/** What somebody does on a subnet, by what the last epoch and the chain show of it. */
export type Role = 'validator' | 'miner' | 'idle';

interface Seen {
  readonly validatorPermit: boolean;
  readonly incentive: number;
  readonly dividends: number;
  readonly registeredAt: number;
  readonly lastUpdate: number;
}

/** Whether it ever set weights: a registration counts as an update of its own. */
export const hasSetWeights = ({
  lastUpdate,
  registeredAt,
}: Pick<Seen, 'lastUpdate' | 'registeredAt'>): boolean => lastUpdate > registeredAt;

/**
 * A permit alone makes no validator: where seats are plenty, everybody with stake has one. Who was paid for it is one,
 * and who sets weights and is paid for nothing.
 */
export function roleOf(neuron: Seen): Role {
  const { validatorPermit, incentive, dividends } = neuron;
  if (dividends > 0) return 'validator';
  if (incentive > 0) return 'miner';
  return validatorPermit && hasSetWeights(neuron) ? 'validator' : 'idle';
}

/** How many do what. */
export function rolesOf(neurons: readonly Seen[]): Readonly<Record<Role, number>> {
  const counts = { validator: 0, miner: 0, idle: 0 };
  for (const neuron of neurons) counts[roleOf(neuron)]++;
  return counts;
}
