"""How many runs failed, and which share of them."""

from benchagent.facts.fact import Fact
from benchagent.verification.binding.binding import Binding
from benchagent.verification.claims import Source, Verdict, contradicted, supported, unsupported
from benchagent.verification.evidence.failed_runs import Failures
from benchagent.verification.judging.counts import is_about
from benchagent.verification.judging.values import judge_value
from benchagent.verification.question import Knowledge
from benchagent.verification.text.figures import Figure


def judge_succeeded(figure: Figure, binding: Binding, knowledge: Knowledge) -> Verdict:
    """A number of runs that gave numbers."""
    found = _find(binding, knowledge)
    for each in found:
        if each.runs - each.failed == figure.value:
            return supported(_tell(each))
    return unsupported(f"so many did not: {'; '.join(map(_tell, found[:3]))}")


def judge_failed(figure: Figure, binding: Binding, knowledge: Knowledge) -> Verdict:
    """A number of failed runs: of all, of a subject or a file, or of those that a fact counts."""
    for fact in knowledge.corpus.counted:
        counts_failed = fact.unit == "runs" and (fact.statistic or "").startswith("failed-")
        if not counts_failed or fact.value != figure.value:
            continue
        if is_about(fact.label, binding) and not _is_elsewhere(fact, binding, knowledge):
            return supported(f"{fact.label}: {fact.value:g}", Source(fact=fact.id))
    found = _find(binding, knowledge)
    for each in found:
        if each.failed == figure.value:
            return supported(_tell(each))
    if binding.settings:
        told = judge_value(figure, binding, knowledge)
        asked = "how many failed under these settings is not known"
        return told if told.ruling == "supported" else unsupported(asked)
    if not any(each.failed for each in found):
        return unsupported("the data tell of no failed run there")
    return contradicted("; ".join(map(_tell, found[:3])))


def _is_elsewhere(fact: Fact, binding: Binding, knowledge: Knowledge) -> bool:
    """Whether none of the runs counted stands in the files that the text names."""
    failed_runs = knowledge.corpus.failed_runs
    named = {path for path in _paths(binding, knowledge) if failed_runs.holds(path)}
    counted_in = {fact.of, *(run.partition("#")[0] for run in fact.sources)}
    return bool(named) and named.isdisjoint(counted_in)


def judge_failure_rate(figure: Figure, binding: Binding, knowledge: Knowledge) -> Verdict:
    """A share of runs that failed, in percent."""
    slack = max(0.501 * figure.step, 0.05 * figure.value if figure.hedged else 0.0)
    found = _find(binding, knowledge)
    for each in found:
        if each.runs and abs(100 * each.failed / each.runs - figure.value) <= slack:
            return supported(_tell(each))
    return unsupported(f"no such share: {'; '.join(map(_tell, found[:3]))}")


def _find(binding: Binding, knowledge: Knowledge) -> list[Failures]:
    failed_runs, paths = knowledge.corpus.failed_runs, _paths(binding, knowledge)
    found = list(failed_runs.find(binding.subjects, paths))
    # "3 of all 60 failed" after a sentence about one of the models
    return [*found, *failed_runs.find(None, paths)] if binding.far else found


def _paths(binding: Binding, knowledge: Knowledge) -> list[str]:
    return [path for name in binding.paths for path in knowledge.corpus.find_files(name)]


def _tell(each: Failures) -> str:
    return f"{each.failed} of {each.runs} runs failed {each.told}"
