import type { Shape } from '../../scale/types.ts';
import { badOrigin } from '../failure.ts';
import type { CallRule, Context, Pallet, Value } from '../pallet.ts';
import type { Release } from '../release.ts';
import { described } from '../subtensor/described.ts';
import { fail } from '../subtensor/failures.ts';
import { setMechanismCount, setMechanismSplit } from '../subtensor/mechanisms.ts';
import { checkOwner, type Limited, recordTurn } from './gate.ts';
import { adminErrors, type Setting, settings } from './settings.ts';

/** Three reads and a write. */
const REF_TIME = 200_000_000;
const NETUID = 'u16 as NetUid';

function turn(context: Context, who: string, setting: Setting, args: Value): void {
  const { limited, item, event, switchEvent } = setting;
  const [name] = setting.argument;
  const { netuid, [name]: value } = args;
  checkOwner(context, who, netuid, limited);
  const refused = setting.refusal?.(context.store, netuid, value);
  if (refused) throw refused;
  context.store.put(item, value, netuid);
  if (event) context.emit('SubtensorModule', event, [netuid, value]);
  if (switchEvent) context.emit('AdminUtils', switchEvent, { netuid, enabled: value });
  recordTurn(context, who, netuid, limited);
}

const settingCalls = Object.fromEntries(
  Object.entries(settings).map(([name, setting]): [string, CallRule] => [
    `sudo_set_${name}`,
    {
      index: setting.index,
      args: { netuid: NETUID, [setting.argument[0]]: setting.argument[1] },
      refTime: REF_TIME,
      pays: true,
      run: (context, who, args) => turn(context, who, setting, args),
    },
  ]),
);

/** Of 65,535: a fortieth, below which no rate of liquid alpha goes. */
const LEAST_RATE = 1_638;
const ALPHA_VALUES: Limited = { hyperparameter: 'AlphaValues' };

/** Between which rates liquid alpha moves bonds. */
function setAlphaValues(context: Context, who: string, { netuid, alpha_low, alpha_high }: Value): void {
  const { store } = context;
  checkOwner(context, who, netuid, ALPHA_VALUES);
  if (!store.get(described.LiquidAlphaOn, netuid)) throw fail('LiquidAlphaDisabled');
  if (alpha_high < LEAST_RATE) throw fail('AlphaHighTooLow');
  if (alpha_low < LEAST_RATE || alpha_low > alpha_high) throw fail('AlphaLowOutOfRange');
  store.put(described.AlphaValues, [alpha_low, alpha_high], netuid);
  recordTurn(context, who, netuid, ALPHA_VALUES);
}

function setMechanisms(context: Context, who: string, { netuid, mechanism_count }: Value): void {
  checkOwner(context, who, netuid, 'mechanismCount');
  setMechanismCount(context.store, netuid, mechanism_count);
  recordTurn(context, who, netuid, 'mechanismCount');
}

function setSplit(context: Context, who: string, { netuid, maybe_split }: Value): void {
  checkOwner(context, who, netuid, 'mechanismSplit');
  setMechanismSplit(context.store, netuid, maybe_split ?? null);
  recordTurn(context, who, netuid, 'mechanismSplit');
}

export const adminShapes: Readonly<Record<string, Shape>> = {
  PrecompileEnum: {
    path: 'pallet_admin_utils::pallet::PrecompileEnum',
    variants: {
      BalanceTransfer: 0,
      Staking: 1,
      Subnet: 2,
      Metagraph: 3,
      Neuron: 4,
      UidLookup: 5,
      Alpha: 6,
      Crowdloan: 7,
      Proxy: 8,
      Leasing: 9,
      AddressMapping: 10,
      VotingPower: 11,
    },
  },
};

/** As a release has it: where the cutoff is told in tempos, it cannot be turned in blocks. */
export function adminOf({ dynamicTempo }: Release): Pallet {
  const { sudo_set_activity_cutoff: _gone, ...calls } = admin.calls;
  return dynamicTempo ? { ...admin, calls } : admin;
}

/** What a subnet's owner may turn, and one thing that at 393 only the chain's superuser may. */
const admin: Pallet = {
  name: 'AdminUtils',
  index: 19,
  crate: 'pallet_admin_utils',
  storage: {},
  calls: {
    ...settingCalls,
    sudo_set_network_registration_allowed: {
      index: 19,
      args: { netuid: NETUID, registration_allowed: 'bool' },
      refTime: REF_TIME,
      pays: true,
      run() {
        throw badOrigin();
      },
    },
    sudo_set_alpha_values: {
      index: 51,
      args: { netuid: NETUID, alpha_low: 'u16', alpha_high: 'u16' },
      refTime: REF_TIME,
      pays: true,
      run: setAlphaValues,
    },
    sudo_set_mechanism_count: {
      index: 76,
      args: { netuid: NETUID, mechanism_count: 'u8 as MechId' },
      refTime: REF_TIME,
      pays: true,
      run: setMechanisms,
    },
    sudo_set_mechanism_emission_split: {
      index: 77,
      args: { netuid: NETUID, maybe_split: 'Option<Vec<u16>>' },
      refTime: REF_TIME,
      pays: true,
      run: setSplit,
    },
  },
  events: {
    PrecompileUpdated: [0, { precompile_id: 'PrecompileEnum', enabled: 'bool' }],
    Yuma3EnableToggled: [1, { netuid: NETUID, enabled: 'bool' }],
    BondsResetToggled: [2, { netuid: NETUID, enabled: 'bool' }],
  },
  errors: adminErrors,
  constants: {},
};
