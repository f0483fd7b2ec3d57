"""Who judges a step: the one seam between the rollout and its gates."""

from dataclasses import dataclass

from ops.messages import UserError
from ops.project import Place
from rollout.gates.verdict import Verdict, together
from rollout.pauses import judge_pause
from rollout.tick import Judge, Question
from settings.refusal import Refused


@dataclass(frozen=True, slots=True)
class PlanJudge:
    """Judges by the plan: its gates, where it has some, and its pauses; judging goes on during every pause."""

    place: Place

    def judge(self, question: Question) -> Verdict:
        """The verdict of now."""
        try:
            place = self.place.fresh()
            stack = place.settings()
            plan = stack.endpoints[question.endpoint].rollout
            if plan is None or plan.gates is None:
                return judge_pause(question.step, question.seconds, question.endpoint)
            from ops.gates.run import judge_now  # Azure's clients take their time to import

            found = judge_now(place, stack, question.endpoint, candidate=question.candidate).verdict
        except (UserError, Refused, OSError) as error:
            return Verdict("error", str(error))
        paused = judge_pause(question.step, question.seconds, question.endpoint, gated=True)
        return together([found, paused])


def judge_of(place: Place) -> Judge:
    """The judge of a stack's rollouts."""
    return PlanJudge(place)
