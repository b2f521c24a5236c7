import type { Chain, ChainCall } from '../../network/chain.ts';

type Weights = Extract<ChainCall, { kind: 'setWeights' }>['weights'];

const ALL = 65_535;

/**
 * The chain of a validator that scores as everybody does, and gives all weight to one miner whatever it did: the last
 * registered of those that its scores would give nothing or least. Where weights are hidden first it says nothing.
 */
export const colluding = <C extends Chain>(chain: C): C =>
  Object.create(chain, {
    submit: {
      value: (...[call, ...rest]: Parameters<Chain['submit']>) =>
        chain.submit(
          call.kind === 'setWeights' ? { ...call, weights: favouring(chain, call.weights) } : call,
          ...rest,
        ),
    },
  });

function favouring({ snapshot }: Chain, earned: Weights): Weights {
  const weightOf = new Map(earned.map(({ uid, weight }) => [uid, weight]));
  const others = (snapshot?.neurons ?? []).filter(({ validatorPermit }) => !validatorPermit);
  const least = others.reduce<number | null>(
    (uid, one) => (uid === null || (weightOf.get(one.uid) ?? 0) <= (weightOf.get(uid) ?? 0) ? one.uid : uid),
    null,
  );
  return least === null ? earned : [{ uid: least, weight: ALL }];
}
