"""Which marks of a run make it an edited one, said in the note of its exported script."""

from torchglass.protocol.run import Mark
from torchglass.sessions.exports import edits_of


def test_a_weight_set_by_hand_counts_even_before_the_first_step() -> None:
    by_hand = "network.nodes.conv1.weight[0, 0, 1, 2]"
    rate = "training.optimizers.model.config.lr"
    marks = [
        Mark(step=0, kind="set", label="learning rate 0.1 → 0.2", path=rate),
        Mark(step=0, kind="set", label="Conv 1 weight 0.1 → 2", path=by_hand),
        Mark(step=7, kind="set", label="learning rate 0.2 → 0.3", path=rate),
        Mark(step=1200, kind="set", label="Conv 1 weight 2 → 0", path=by_hand),
    ]
    assert edits_of(marks) == [
        "Conv 1 weight 0.1 → 2 (step 0)",
        "learning rate 0.2 → 0.3 (step 7)",
        "Conv 1 weight 2 → 0 (step 1,200)",
    ]


def test_what_changes_no_number_is_no_edit() -> None:
    kinds = ("reset", "rewind", "restored", "diverged", "finished", "stepper")
    assert edits_of(Mark(step=5, kind=kind, label=kind) for kind in kinds) == []
