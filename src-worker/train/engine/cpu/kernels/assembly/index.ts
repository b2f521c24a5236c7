// All kernels work on float32 in one imported, shared memory. Addresses are bytes, sizes are elements.
// Nothing here allocates and no static segment is emitted, so every thread may instantiate the module.
export { gemm } from './gemm';
export { layerNorm, layerNormBackward, layerNormGains } from './norm';
export { gelu, geluBackward, clear, columnSums, rowDots, addEmbeddings, scatterRows } from './elementwise';
export { causalSoftmax, causalSoftmaxAgain, softmaxGradient, crossEntropy } from './softmax';
export { sumOfSquares, adamw } from './adamw';
export { sketchSums } from './sketch';
