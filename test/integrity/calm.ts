/** Turns of the event loop without anything under way after which only time or a block can bring something. */
const CALM_TURNS = 6;
/** File work, the closing of a file included, and callbacks of the next turn: steps of training are such. */
const UNDER_WAY = new Set(['FSReqPromise', 'FSReqCallback', 'CloseReq', 'Immediate']);

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

const isBusy = (): boolean => process.getActiveResourcesInfo().some((kind) => UNDER_WAY.has(kind));

/** Everything that goes by itself has come to rest: messages have arrived, training is done with its round. */
export async function calm(): Promise<void> {
  for (let turns = 0; turns < CALM_TURNS; turns = isBusy() ? 0 : turns + 1) await turn();
}
