"""Who judges a step: the one seam between the rollout and its gates."""

from dataclasses import dataclass

from rollout.gates.verdict import Verdict
from rollout.pauses import judge_pause
from rollout.tick import Judge, Question


@dataclass(frozen=True, slots=True)
class PauseJudge:
    """Judges by the plan's pauses alone."""

    def judge(self, question: Question) -> Verdict:
        """The verdict of now."""
        return judge_pause(question.step, question.seconds, question.endpoint)


def judge_of() -> Judge:
    """The judge of a stack's rollouts."""
    return PauseJudge()
