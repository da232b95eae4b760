/**
 * Trains with ConvNetJS and TensorFlow.js on demand: a line {"peer", "work", "steps"} comes in, {"us"} per update goes
 * out. The networks are those of benchmarks/peers.py; the numbers that they see are drawn, since none of the three looks at
 * what it is fed.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const convnet = require("convnetjs");
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")) + "/dist/");

const SIDE = 28;
const draw = (count) => Float32Array.from({ length: count }, () => 2 * Math.random() - 1);
const dense = (inputs, hidden) => ({ inputs, hidden, batch: 10, lr: 0.03 });
const WORKS = {
  "2-8-8-1": dense(2, [8, 8]),
  "7-8-8-8-8-8-8-1": dense(7, [8, 8, 8, 8, 8, 8]),
  "small CNN": { images: true, batch: 20 },
};

/** ConvNetJS: one example at a time; the trainer updates after a batch of them. */
function withConvnet(work) {
  const net = new convnet.Net();
  const conv = (filters) => [
    { type: "conv", sx: 5, filters, stride: 1, pad: 2, activation: "relu" },
    { type: "pool", sx: 2, stride: 2 },
  ];
  net.makeLayers(
    work.images
      ? [
          { type: "input", out_sx: SIDE, out_sy: SIDE, out_depth: 1 },
          ...conv(8),
          ...conv(16),
          { type: "softmax", num_classes: 10 },
        ]
      : [
          { type: "input", out_sx: 1, out_sy: 1, out_depth: work.inputs },
          ...work.hidden.map((num_neurons) => ({ type: "fc", num_neurons, activation: "tanh" })),
          { type: "regression", num_neurons: 1 },
        ],
  );
  const how = work.images ? { method: "adadelta" } : { method: "sgd", learning_rate: work.lr, momentum: 0 };
  const trainer = new convnet.Trainer(net, { ...how, batch_size: work.batch });
  const examples = Array.from({ length: 200 }, (_, i) => {
    const vol = work.images ? new convnet.Vol(SIDE, SIDE, 1, 0) : new convnet.Vol(1, 1, work.inputs, 0);
    vol.w.set(draw(vol.w.length));
    return [vol, work.images ? i % 10 : [i % 2]];
  });
  let at = 0;
  return (steps) => {
    for (let i = 0; i < steps * work.batch; i++) {
      const [vol, label] = examples[at++ % examples.length];
      trainer.train(vol, label);
    }
  };
}

/**
 * TensorFlow.js, as its guides write a training loop, on the backend that is the faster one here: plain JavaScript for
 * the small dense networks, WebAssembly for convolutions. That one has no gradient for the filters of a 2-D convolution
 * but for those of a 3-D one, so ours have a depth of one; it gives the same losses, 30 times as fast as the other.
 */
function withTensorflow(work) {
  const model = tf.sequential();
  if (work.images) {
    const conv = (filters, more) =>
      tf.layers.conv3d({ filters, kernelSize: [1, 5, 5], padding: "same", activation: "relu", ...more });
    model.add(conv(8, { inputShape: [1, SIDE, SIDE, 1] }));
    model.add(tf.layers.maxPooling3d({ poolSize: [1, 2, 2] }));
    model.add(conv(16, {}));
    model.add(tf.layers.maxPooling3d({ poolSize: [1, 2, 2] }));
    model.add(tf.layers.flatten());
    model.add(tf.layers.dense({ units: 10 }));
  } else {
    work.hidden.forEach((units, i) =>
      model.add(tf.layers.dense({ units, activation: "tanh", ...(i === 0 ? { inputShape: [work.inputs] } : {}) })),
    );
    model.add(tf.layers.dense({ units: 1 }));
  }
  const optimizer = work.images ? tf.train.adadelta(1.0) : tf.train.sgd(work.lr);
  const inputs = work.images
    ? tf.tensor5d(draw(work.batch * SIDE * SIDE), [work.batch, 1, SIDE, SIDE, 1])
    : tf.tensor2d(draw(work.batch * work.inputs), [work.batch, work.inputs]);
  const labels = work.images
    ? tf.oneHot(tf.tensor1d(Array.from({ length: work.batch }, (_, i) => i % 10), "int32"), 10)
    : tf.tensor2d(Array.from({ length: work.batch }, (_, i) => [i % 2]));
  const loss = () => {
    const said = model.apply(inputs, { training: true });
    return work.images ? tf.losses.softmaxCrossEntropy(labels, said) : tf.losses.sigmoidCrossEntropy(labels, said);
  };
  return (steps) => {
    for (let i = 0; i < steps; i++) optimizer.minimize(loss);
  };
}

const MAKE = { convnetjs: withConvnet, tfjs: withTensorflow };
const made = new Map();
console.warn = () => {};
for await (const line of createInterface({ input: process.stdin })) {
  const { peer, work, steps } = JSON.parse(line);
  const key = `${peer} ${work}`;
  if (peer === "tfjs") await tf.setBackend(WORKS[work].images ? "wasm" : "cpu");
  if (!made.has(key)) made.set(key, MAKE[peer](WORKS[work]));
  const begin = performance.now();
  made.get(key)(steps);
  process.stdout.write(`${JSON.stringify({ us: (1000 * (performance.now() - begin)) / steps })}\n`);
}
