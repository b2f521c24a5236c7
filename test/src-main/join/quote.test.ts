import { expect, it } from 'vitest';
import { quoteJoin } from '../../../src-main/join/quote.ts';
import type { ConnectedChain } from '../../../src-main/network/client.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';

const hotkey = 'the-hotkey' as Ss58;
const owner = 'who-registered-it' as Ss58;
const atHand = 'the-coldkey-at-hand' as Ss58;
const profileHash = `0x${'ab'.repeat(32)}` as Hex;

function chainWith(): ConnectedChain {
  const chain = fakeChain({
    neurons: [{ hotkey, coldkey: owner, uid: 3, validatorPermit: false }],
    freeRao: new Map([
      [owner, 7n as Rao],
      [atHand, 5n as Rao],
    ]),
  });
  chain.sealTo(1);
  chain.sealTo(4);
  return chain as unknown as ConnectedChain;
}

const quoteFor = (coldkey: Ss58 | null, role: 'miner' | 'validator' = 'miner') =>
  quoteJoin({ chain: chainWith(), hotkey, coldkey, role, profileHash }, new AbortController().signal);

it('tells what the coldkey at hand holds: it would pay, whoever owns the hotkey', async () => {
  const quote = await quoteFor(atHand);
  expect(quote).toMatchObject({ coldkey: atHand, freeRao: 5n, stakeAlpha: 0n as AlphaRao, uid: 3 });
});

it('tells what the owner holds where no coldkey is at hand, and that nothing can be spent', async () => {
  expect(await quoteFor(null)).toMatchObject({ coldkey: owner, freeRao: 7n, maySpend: false });
});

it('asks no price of a hotkey that is registered', async () => {
  expect((await quoteFor(null)).registrationCostRao).toBeNull();
});

it('says to a validator without a permit that it has none', async () => {
  expect((await quoteFor(atHand, 'validator')).problem?.code).toBe('ROLE_WITHOUT_PERMIT');
});

it('ends with its caller while the chain is silent, and listens no longer', async () => {
  const silent = fakeChain({ neurons: [] }) as unknown as ConnectedChain;
  let listening = 0;
  const counted: ConnectedChain = Object.create(silent, {
    on: {
      value: (...args: Parameters<ConnectedChain['on']>) => {
        const off = silent.on(...args);
        listening++;
        return () => {
          listening--;
          off();
        };
      },
    },
  });
  const giveUp = new AbortController();
  const asked = quoteJoin(
    { chain: counted, hotkey, coldkey: null, role: 'miner', profileHash },
    giveUp.signal,
  );
  const refused = expect(asked).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  await expect.poll(() => listening).toBe(1);
  giveUp.abort();
  await refused;
  expect(listening).toBe(0);
});
