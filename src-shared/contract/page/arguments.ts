import * as v from 'valibot';
import { MOST_RAO } from '../../amount.ts';
import { ADAPTER_KEY_MAX, adapterOfKey } from '../../cards/adapter.ts';
import { SPAN_MINUTES_MAX } from '../../rules/pauses.ts';
import { BEFORE_ALL, runLogKinds } from '../../run-logs/row.ts';
import { DISPUTE_CHARS_MAX } from '../../scoring/dispute.ts';
import { isSettingId, type SettingId } from '../../settings.ts';
import { themeChoices } from '../../theme.ts';
import type { Rao } from '../../units.ts';
import { isWalletName } from '../../wallet-name.ts';
import { address, count, digest, path } from '../fields.ts';
import type { HostApi } from './api.ts';
import { modelArguments } from './model-arguments.ts';
import { moneyOrderSchema } from './order.ts';
import { roundFilters } from './runs.ts';
import { tokenName, tokenSecret } from './tokens.ts';
import { updateDelays } from './updates.ts';
import { writingWishes } from './writing.ts';

/** A profile is a page of text; the largest shipped one has 3 kB. */
const PROFILE_CHARS = 65_536;

const minutes = v.pipe(v.number(), v.minValue(1), v.maxValue(SPAN_MINUTES_MAX));
const shortName = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64));
const endpoint = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(512));
const netuid = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
/** Names a quote, or what waits to be signed. */
const taskId = v.pipe(v.string(), v.uuid());
const subnetSubject = v.variant('kind', [
  v.strictObject({ kind: v.literal('run'), id: address }),
  v.strictObject({ kind: v.literal('netuid'), network: shortName, netuid }),
]);
/** Names a part of the ledger, in the host's own words. */
const partCursor = v.pipe(
  v.string(),
  v.regex(/^(?:account:\d{1,15}|orders|stake:\d{1,5}:[1-9A-HJ-NP-Za-km-z]{1,60}:\d{1,15})$/),
);
const lineCount = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const noticeId = v.pipe(v.string(), v.maxLength(128));
const amount = v.nullable(
  v.pipe(
    v.bigint(),
    v.minValue(0n),
    v.maxValue(MOST_RAO),
    v.transform((value) => value as Rao),
  ),
);

const profileSource = v.variant('kind', [
  v.strictObject({ kind: v.literal('shipped'), name: shortName }),
  v.strictObject({ kind: v.literal('file'), text: v.pipe(v.string(), v.maxLength(PROFILE_CHARS)) }),
]);

const chosenNetwork = { networkName: shortName, endpoint };
const joinRequest = {
  ...chosenNetwork,
  profile: profileSource,
  role: v.picklist(['miner', 'validator']),
  keysFolder: v.nullable(path),
};

const addedEngine = v.picklist(['tensorflow']);

/** Which values a setting accepts is the settings' own door; here they are bounded and known by name. */
const settingId = v.custom<SettingId>((id) => typeof id === 'string' && isSettingId(id));
const settingValue = v.union([v.boolean(), v.number(), v.pipe(v.string(), v.maxLength(4096))]);

/** Schemas of the arguments of each call; a name that is not here does not exist for the page. */
export const hostApiArguments = {
  view: v.tuple([]),
  startPractice: v.tuple([]),
  pauseRun: v.tuple([address, v.nullable(minutes)]),
  resumeRun: v.tuple([address]),
  setHouseAside: v.tuple([v.nullable(minutes)]),
  stopRun: v.tuple([address, v.picklist(['now', 'after-round'])]),
  keepRunning: v.tuple([address]),
  startRun: v.tuple([address]),
  followRun: v.tuple([address, digest]),
  testReachability: v.tuple([address]),
  forgetRun: v.tuple([address]),
  startOver: v.tuple([address]),
  quit: v.tuple([]),
  testEndpoint: v.tuple([endpoint, netuid]),
  readProfile: v.tuple([profileSource]),
  findRun: v.tuple([v.strictObject(chosenNetwork), netuid]),
  quoteJoin: v.tuple([v.strictObject(joinRequest)]),
  makeKeys: v.tuple([v.strictObject(chosenNetwork)]),
  join: v.tuple([v.strictObject({ ...joinRequest, registrationLimitRao: amount, stakeRao: amount })]),
  watchColdkey: v.tuple([v.strictObject({ name: shortName, address })]),
  refreshWallets: v.tuple([]),
  setContact: v.tuple([address, v.nullable(v.pipe(v.string(), v.maxLength(256)))]),
  subnetEconomics: v.tuple([subnetSubject]),
  listSubnets: v.tuple([shortName]),
  validation: v.tuple([address]),
  validatorNeeds: v.tuple([address]),
  becomeValidator: v.tuple([address]),
  setSubnetMark: v.tuple([
    subnetSubject,
    v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10))),
  ]),
  validators: v.tuple([v.strictObject({ network: shortName, coldkey: address }), netuid]),
  quoteMoney: v.tuple([moneyOrderSchema]),
  askMoney: v.tuple([taskId]),
  withdrawMoney: v.tuple([taskId]),
  watchAccount: v.tuple([v.strictObject({ network: shortName, coldkey: address })]),
  earningsHistory: v.tuple([address]),
  ledgerPart: v.tuple([address, v.nullable(partCursor)]),
  worthSeries: v.tuple([v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(366))]),
  openSigning: v.tuple([v.picklist(themeChoices)]),
  startWalletTask: v.tuple([
    v.variant('kind', [
      v.strictObject({
        kind: v.picklist(['make', 'restore', 'import']),
        network: shortName,
        name: v.pipe(v.string(), v.check(isWalletName)),
        words: v.nullable(v.picklist([12, 24])),
      }),
      v.strictObject({ kind: v.literal('backup'), network: shortName, coldkey: address }),
    ]),
  ]),
  chooseMoveFile: v.tuple([v.picklist(['out', 'in']), v.pipe(v.string(), v.uuid())]),
  startMove: v.tuple([
    v.variant('kind', [
      v.strictObject({ kind: v.literal('out'), file: path, withColdkeys: v.boolean() }),
      v.strictObject({ kind: v.literal('in'), file: path }),
    ]),
  ]),
  takeBackMoved: v.tuple([v.pipe(v.string(), v.maxLength(64))]),
  startBenchmark: v.tuple([
    v.union([
      v.picklist(['gpu', 'cpu', 'tensorflow']),
      v.pipe(
        v.string(),
        v.maxLength(ADAPTER_KEY_MAX),
        v.check((key) => adapterOfKey(key) !== null),
      ),
    ]),
  ]),
  cancelBenchmark: v.tuple([]),
  lookForCards: v.tuple([v.picklist(['once', 'again'])]),
  addEngine: v.tuple([addedEngine]),
  cancelEngine: v.tuple([addedEngine]),
  removeEngine: v.tuple([addedEngine]),
  refreshEngines: v.tuple([]),
  checkUpdates: v.tuple([]),
  putOffUpdate: v.tuple([v.picklist(updateDelays)]),
  skipUpdate: v.tuple([]),
  offerUpdateAgain: v.tuple([]),
  downloadUpdate: v.tuple([]),
  installUpdate: v.tuple([]),
  cancelUpdate: v.tuple([]),
  reset: v.tuple([v.pipe(v.string(), v.maxLength(64))]),
  listTokens: v.tuple([]),
  setToken: v.tuple([tokenName, tokenSecret]),
  testToken: v.tuple([tokenName]),
  forgetToken: v.tuple([tokenName]),
  setSetting: v.tuple([settingId, settingValue]),
  startsAtLogin: v.tuple([]),
  setStartsAtLogin: v.tuple([v.boolean()]),
  runTable: v.tuple([
    address,
    v.picklist(runLogKinds),
    v.pipe(v.number(), v.safeInteger(), v.minValue(BEFORE_ALL)),
  ]),
  series: v.tuple([
    address,
    v.picklist(['loss', 'tokensPerSecond']),
    v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(2_000)),
  ]),
  askWriting: v.tuple([address, v.picklist(writingWishes)]),
  evidence: v.tuple([address, address]),
  whyLess: v.tuple([address]),
  writeDispute: v.tuple([address]),
  checkDispute: v.tuple([v.pipe(v.string(), v.maxLength(DISPUTE_CHARS_MAX + 2))]),
  weightsPlan: v.tuple([address]),
  pastRounds: v.tuple([address, v.picklist(roundFilters), v.nullable(count)]),
  ...modelArguments,
  testRunLogKey: v.tuple([]),
  testStore: v.tuple([]),
  dismissNotice: v.tuple([noticeId]),
  dismissAway: v.tuple([]),
  logLines: v.tuple([v.nullable(v.strictObject({ start: lineCount, line: lineCount }))]),
} as const satisfies Record<keyof HostApi, v.GenericSchema>;
