import { webcrypto } from 'node:crypto';

/** Turns of the event loop without anything under way after which only time or a block can bring something. */
const CALM_TURNS = 6;
/** File work, the closing of a file included, and callbacks of the next turn: steps of training are such. */
const UNDER_WAY = new Set(['FSReqPromise', 'FSReqCallback', 'CloseReq', 'Immediate']);

/** Digests of Node's pool, which are in no list of what is under way: they are counted here. */
let digesting = 0;
const { digest } = webcrypto.subtle;
webcrypto.subtle.digest = async (...given) => {
  digesting += 1;
  return digest.apply(webcrypto.subtle, given).finally(() => {
    digesting -= 1;
  });
};

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

const isBusy = (): boolean =>
  digesting > 0 || process.getActiveResourcesInfo().some((kind) => UNDER_WAY.has(kind));

/** Everything that goes by itself has come to rest: messages have arrived, training is done with its round. */
export async function calm(): Promise<void> {
  for (let turns = 0; turns < CALM_TURNS; turns = isBusy() ? 0 : turns + 1) await turn();
}
