import * as v from 'valibot';
import { defineContract } from './child.ts';
import { none, path, share, shortText } from './fields.ts';

/**
 * A process that lives while TensorFlow's engine is added: what others wrote is loaded there and never in the host. It
 * works in the folder that becomes the engine.
 */
export const tensorFlowKitContract = defineContract({
  init: v.object({ folder: path }),
  ready: v.object({}),
  calls: {
    /** Takes library and headers out of the wheel, which was verified: `deps/lib` of the package, and `include`. */
    unpack: { params: v.object({ wheel: path, include: path }), result: none },
    /** Loads the engine and takes one gradient, beside the processor's. */
    try: { params: v.object({}), result: v.object({ description: shortText }) },
  },
  events: {
    unpacked: v.object({ share }),
  },
});

export type TensorFlowKitContract = typeof tensorFlowKitContract;
