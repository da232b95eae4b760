/** Roads that were cut by hand on this page, so that they can be put back where they were. */
import { asked } from "../stores/asked";
import { run } from "../stores/run.svelte";
import { type Cut, cut, missing, putBack } from "./roads";

class Cuts {
  private all = $state.raw<readonly (Cut & { run: string })[]>([]);

  /** The cut roads of that addition. */
  of(junction: string): Cut[] {
    const network = run.info?.experiment.network;
    const mine = this.all.filter((one) => one.run === run.info?.id && one.edge.target === junction);
    return network ? mine.filter((one) => missing(network, one)) : [];
  }

  make(junction: string, arrives: string, formula: string): void {
    const { info } = run;
    const done = info && cut(info.experiment.network, junction, arrives);
    if (!done || !asked.edit(`Cut ${formula}`, done[0], [junction])) return;
    const others = this.all.filter(({ edge }) => edge.source !== arrives || edge.target !== junction);
    this.all = [...others, { ...done[1], formula, run: info.id }];
  }

  mend(one: Cut): void {
    const network = run.info?.experiment.network;
    if (network) asked.edit(`Put ${one.formula} back`, putBack(network, one), [one.edge.target]);
  }
}

export const cuts = new Cuts();
