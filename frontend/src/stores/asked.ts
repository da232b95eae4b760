/** Edits of the network that panels ask for. The editor carries them out: it checks, sends and undoes them. */
import type { Experiment } from "../protocol/types";

type Network = Experiment["network"];
/** `label` names the step in the history; true if something changed. */
type Carry = (label: string, network: Network, select: readonly string[]) => boolean;

let carry: Carry = () => false;

export const asked = {
  /** The editor says that it carries edits out. */
  by(editor: Carry): void {
    carry = editor;
  },
  edit: (label: string, network: Network, select: readonly string[] = []): boolean => carry(label, network, select),
};
