/** The curves of a race on one scale of losses by powers of ten. Pure. */
import { linear, type Scale } from "../../math/scales";
import type { Curve } from "../../stores/metrics";
import type { Lane } from "../lanes";

export interface LaneCurve {
  lane: Lane;
  points: { step: number; loss: number }[];
}

export interface RaceBox {
  x: Scale;
  /** Of the loss itself. */
  y: (loss: number) => number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Powers of ten in sight. */
  powers: number[];
}

/** Nothing is better than this; exact zeros have no logarithm. */
const LEAST = 1e-8;
const MOST = 400;

/** Test losses where there are any, else those of the batches; at most some hundred points each. */
export function laneCurves(lanes: readonly Lane[], curves: ReadonlyMap<string, Curve>): LaneCurve[] {
  return lanes.map((lane) => {
    const test = curves.get(`test.${lane.id}_loss`);
    const curve = test && test.steps.length > 1 ? test : (curves.get(`train.${lane.id}_loss`) ?? test);
    const stride = Math.max(1, Math.ceil((curve?.steps.length ?? 0) / MOST));
    const points = (curve?.steps ?? []).flatMap((step, i) => {
      const loss = curve?.values[i] ?? NaN;
      const last = i === (curve?.steps.length ?? 0) - 1;
      return (i % stride === 0 || last) && Number.isFinite(loss) ? [{ step, loss: Math.max(LEAST, loss) }] : [];
    });
    return { lane, points };
  });
}

export function raceBox(width: number, height: number, curves: readonly LaneCurve[]): RaceBox {
  const losses = curves.flatMap(({ points }) => points.map(({ loss }) => loss));
  const end = Math.max(1, ...curves.map(({ points }) => points.at(-1)?.step ?? 0));
  const low = Math.floor(Math.log10(Math.min(1, ...losses)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.min(1e3, Math.max(LEAST, ...losses)))));
  const [left, right, top, bottom] = [38, Math.max(60, width - 8), 8, Math.max(40, height - 22)];
  const up = linear([low, high], [bottom, top]);
  return {
    x: linear([0, end], [left, right]),
    y: (loss) => Math.max(top, up(Math.log10(Math.max(LEAST, loss)))),
    left,
    right,
    top,
    bottom,
    powers: Array.from({ length: high - low + 1 }, (_, i) => low + i),
  };
}
