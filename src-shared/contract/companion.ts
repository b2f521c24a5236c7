import * as v from 'valibot';
import { profileSchema } from '../profile/schema.ts';
import { adversarySchema } from './adversary.ts';
import { defineContract } from './child.ts';
import { address, count, none, path, shortText } from './fields.ts';
import { engineChoiceSchema } from './train.ts';

/** A whole headless host run as a child of another one: how practice gets its companions and its validator. */
export const companionContract = defineContract({
  init: v.object({
    dataDir: path,
    profile: profileSchema,
    role: v.picklist(['miner', 'validator']),
    /** Register by burn when needed, up to this price; the practice coldkey lies in the companion's own vault. */
    registrationLimitRao: v.bigint(),
    /** Stake on the own hotkey at first start, at most at the limit price; 0n for none. */
    stakeRao: v.bigint(),
    engine: engineChoiceSchema,
    /** Whether training may run from the start. */
    active: v.boolean(),
    adversary: v.nullable(adversarySchema),
    /** Handed on to the companion's own children, whose environment is an allow-list as well. */
    extraEnv: v.record(shortText, shortText),
  }),
  ready: v.object({ hotkey: address }),
  calls: {
    /** Training may run or must rest; rounds go on without it. */
    setActive: { params: v.object({ active: v.boolean() }), result: none },
  },
  events: {
    /** Every process under this companion, so that its parent can show memory and prove that none was left. */
    processes: v.object({
      processes: v.array(v.object({ name: shortText, pid: count, rssBytes: v.nullable(count) })),
    }),
  },
});

export type CompanionContract = typeof companionContract;
