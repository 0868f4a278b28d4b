"""Words that make a sentence claim something: numbers, directions, causes, negations."""

NUMBER_WORDS = frozenset(
    "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million billion dozen half third quarter twice thrice double triple halve "
    "halved halves doubled doubles tripled triples quadruple percent percentage majority "
    "minority tenfold twofold threefold".split()
)
UP = frozenset(
    "faster higher more increase increases increased improve improves improved better rise rises "
    "rose grow grows grew greater gain gains gained above exceeds exceed exceeded longer larger "
    "best fastest highest most longest largest outperform outperforms outperformed".split()
)
DOWN = frozenset(
    "slower lower less fewer decrease decreases decreased worse decline declines declined fall "
    "falls fell drop drops dropped reduce reduces reduced below shorter smaller worst slowest "
    "lowest least shortest smallest lag lags lagged underperform underperforms".split()
)
# Words that say which side is better, whichever way the metric counts.
JUDGES = frozenset(
    "faster slower better worse improve improves improved outperform outperforms lag lags "
    "best worst fastest slowest underperform underperforms".split()
)
CAUSES = frozenset(
    "because causes caused causing cause due leads led leading owing thanks therefore thus hence "
    "consequently explains explained drives driven results resulting".split()
)
# Words that turn a sentence round; one that the finding does not use may turn it wrong.
NEGATIONS = frozenset("no not never none nothing neither without cannot n't hardly".split())
