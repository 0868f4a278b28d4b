"""Words that make a sentence claim something: numbers, directions, causes, negations."""

import re

NUMBER_WORDS = frozenset(
    "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million billion dozen half third quarter twice thrice double triple halve "
    "halved halves doubled doubles doubling tripled triples tripling quadruple quadrupled quintuple "
    "percent percentage pct majority minority nil nought naught zillion trillion score gross "
    "quarters thirds halves fifths tenth tenths hundredth thousandth googol couple myriad "
    "squared cubed".split()
)
# Compounds: "ninefold", "two-thirds" is found by its parts, "neunhundert" by what it is made of.
NUMBER_PARTS = re.compile(
    r"\w+fold|\w*(?:hundert|tausend|zwanzig|drei(?:ß|ss)ig|vierzig|f(?:ü|ue)nfzig|sechzig|siebzig|"
    r"achtzig|neunzig|zehn|honderd|duizend|twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|"
    r"negentig|cento|mila|cientos|ciento|centos|hundra|tusen|tysi[aą]c\w*)"
)
FOREIGN_NUMBERS = frozenset(
    "null eins zwei drei vier fünf fuenf sechs sieben acht neun elf zwölf million millionen "
    "zéro deux trois quatre cinq sept huit neuf dix onze douze vingt trente quarante cinquante "
    "soixante cent cents mille milliers cero uno tres cuatro cinco seis siete ocho nueve diez "
    "doce veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien mil due tre "
    "quattro cinque sei sette otto nove dieci venti trenta quaranta cinquanta sessanta settanta "
    "ottanta novanta um dois três sete oito dez vinte quarenta cinquenta oitenta cem "
    "een twee drie vijf zes zeven acht negen tien ett två fyra fem sju åtta nio tio".split()
)
# Words that say how many without a number; true only where the finding says so itself.
QUANTIFIERS = frozenset(
    "all every each only always most mostly many few several some rarely seldom nearly almost "
    "entire entirely whole once plenty numerous countless dozens hundreds thousands millions "
    "magnitude magnitudes".split()
)
# Words right before a figure that make it a bound, and right after it that make it another number.
BOUNDS = (
    "up to", "at least", "at most", "more than", "less than", "fewer than", "greater than",
    "no more than", "no less than", "over", "under", "above", "below", "beyond", "within", "until",
    "nearly", "almost", "barely", "just", "minus", "negative", "plus", "times", "per", "exceeding",
    "exceeds", "about", "around", "roughly", "approximately", "some", "to", "from",
)  # fmt: skip
SCALES = frozenset(
    "hundred thousand million billion trillion dozen k m g kilo mega giga squared cubed percent "
    "percentage points fold times plus minus".split()
)
UNITS = frozenset(
    "tokens token tok second seconds sec secs millisecond milliseconds microseconds nanoseconds "
    "minute minutes hour hours day days ms ns us kb mb gb tb kib mib gib byte bytes kilobytes "
    "megabytes gigabytes hertz watts watt joules degrees words characters files runs calls".split()
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
