import { parseTao } from '../../src-shared/amount.ts';
import { rao, ss58, taoText } from '../../src-shared/units.ts';
import { connectButterfly, type View } from '../client/connect.ts';

/**
 * Quotes a stake and puts it before a person: `node sdk/examples/stake.ts DATA-FOLDER NETWORK COLDKEY NETUID HOTKEY TAO`.
 * A program never signs. The order waits in the signing window, where its owner reads it and types the password; this
 * ends with 0 once it is final, with 1 when it was denied, expired or taken back.
 */
const [dataDir, network, coldkey, netuid, hotkey, tao] = process.argv.slice(2);
const amount = tao === undefined ? null : parseTao(tao);
if (!dataDir || !network || !coldkey || !netuid || !hotkey || amount === null)
  throw new Error('DATA-FOLDER NETWORK COLDKEY NETUID HOTKEY TAO');
const butterfly = await connectButterfly(dataDir);
const account = { network, coldkey: ss58(coldkey) };
await butterfly.api.watchAccount(account);
const quote = await butterfly.api.quoteMoney({
  account,
  intent: {
    kind: 'stake',
    netuid: Number(netuid),
    hotkey: ss58(hotkey),
    amountRao: rao(amount),
    toleranceBps: 100,
  },
});
if (quote.problem) throw new Error(quote.problem.code);
console.log(`at most ${taoText(quote.mostRao)} leave the account`);
const id = await butterfly.api.askMoney(quote.id);
const address = await butterfly.api.openSigning('dark');
console.log(`it waits to be signed${address === null ? '' : ` at ${address}`}`);
const { signal } = new AbortController();
const sentIn = ({ account: shown }: View) => shown?.transactions.find((one) => one.id === id);
// News come in batches: that it waits may be told a moment after it does.
await butterfly.until(
  (view) => (view.signing?.id === id || view.signingEnded?.id === id || sentIn(view) ? true : null),
  signal,
);
const fate = await butterfly.until((view) => {
  const sent = sentIn(view);
  if (sent && ['done', 'failed'].includes(sent.state.kind)) return sent.state.kind;
  if (view.signingEnded?.id === id) return view.signingEnded.how;
  return view.signing?.id === id || sent ? null : 'taken back';
}, signal);
console.log(fate);
butterfly.close();
process.exitCode = fate === 'done' ? 0 : 1;
