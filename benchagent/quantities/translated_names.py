"""How the columns of tables are called where their writer speaks another language.

German, Dutch, French, Spanish, Italian, Portuguese and Russian. Words are put into English one by one; what several
of them mean together (`Temps de chargement`, `tiempo_primer_token`) does not depend on their order.
Accents are no part of a word: half of all headings are written without. So `й` is an `и` here.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from benchagent.quantities.unspaced_names import find_unspaced


def _alike(*pairs: tuple[str, str]) -> dict[str, str]:
    return {word: english for words, english in pairs for word in words.split()}


_WORDS: Final = _alike(
    ("modell modele modelo modello", "model"),
    ("kontext contexte contexto contesto", "context"),
    ("lange laenge longueur longitud lunghezza comprimento", "length"),
    ("quantisierung quantification cuantizacion quantizzazione quantizacao", "quant"),
    ("latenz latence latencia latenza", "latency"),
    ("durchsatz debit vazao", "throughput"),
    ("geschwindigkeit vitesse velocidad velocita velocidade", "speed"),
    ("zeit temps tiempo tempo", "time"),
    ("dauer duree duracion durata duracao", "duration"),
    ("1. 1er erstes ersten erster erste premier premiere primer primera primo prima", "first"),
    ("primeiro primeira", "first"),
    ("jeton jetons", "tokens"),
    ("laden chargement carga caricamento carregamento", "load"),
    ("erzeugung generierung generation generacion generazione geracao", "generation"),
    ("erzeugte generierte generes generados generadas generati gerados", "generated"),
    ("eingabe entree entrada ingresso", "input"),
    ("ausgabe sortie salida uscita saida", "output"),
    ("speicher memoire memoria", "memory"),
    ("grafikspeicher videospeicher", "vram"),
    ("arbeitsspeicher", "ram"),
    ("energie energia", "energy"),
    ("leistung leistungsaufnahme puissance potencia potenza", "power"),
    ("grosse groesse taille tamano tamanho dimensione", "size"),
    ("stapel lot lote lotto", "batch"),
    ("kontextlange kontextlaenge kontextgrosse", "context_length"),
    ("stapelgrosse stapelgroesse", "batch_size"),
    ("schichten couches capas strati camadas", "layers"),
    ("fils hilos", "threads"),
    ("nutzer benutzer utilisateurs usuarios utenti", "users"),
    ("clientes clienti", "clients"),
    ("parallele paralleles paralelas paralelos parallelo paralleli", "parallel"),
    ("gleichzeitige simultanes simultanees simultaneas", "concurrent"),
    ("anfragen requetes peticiones solicitudes richieste requisicoes", "requests"),
    ("anzahl nombre numero", "number"),
    ("genauigkeit exactitude exactitud accuratezza acuracia", "accuracy"),
    ("perplexitat perplexite perplejidad perplessita perplexidade", "perplexity"),
    ("mittelwert mittel durchschnitt schnitt moyenne promedio ø", "mean"),
    ("media medio", "mean"),
    ("mediane mediana", "median"),
    ("standardabweichung stdabw ecart ecarttype", "stddev"),
    ("summe gesamt somme suma somma totale", "total"),
    ("bemerkung bemerkungen anmerkung anmerkungen notiz kommentar", "note"),
    ("remarque remarques commentaire commentaires nota notas", "note"),
    ("observaciones observacoes osservazioni", "note"),
    ("fehler erreur errore erro", "error"),
    ("lauf durchlauf wiederholung repetition essai", "run"),
    ("intento repeticion prova ripetizione tentativa rodada repeticao", "run"),
    ("sekunde sekunden seconde secondes segundo segundos secondo secondi", "second"),
    ("eingabetoken eingabetokens", "input_tokens"),
    ("ausgabetoken ausgabetokens", "output_tokens"),
    ("gesamtdauer gesamtzeit", "total_time"),
    ("antwort reponse respuesta risposta resposta", "response"),
    ("antwortzeit antwortlatenz antwortdauer", "response_time"),
    ("frage vraag pregunta domanda pergunta", "question"),
    ("aufwarmen aufwaermen aufwarmlauf warmlauf opwarmen opwarming echauffement", "warmup"),
    ("prechauffage calentamiento riscaldamento aquecimento", "warmup"),
    ("ladezeit ladedauer laadtijd", "load_time"),
    ("vertraging", "latency"),
    ("snelheid", "speed"),
    ("tijd", "time"),
    ("duur", "duration"),
    ("lengte", "length"),
    ("geheugen", "memory"),
    ("vermogen", "power"),
    ("nauwkeurigheid", "accuracy"),
    ("gemiddelde gemiddeld", "mean"),
    ("totaal", "total"),
    ("opmerking opmerkingen", "note"),
    ("herhaling", "run"),
    ("draden", "threads"),
    ("gebruikers", "users"),
    ("aantal", "number"),
    ("kwantisatie", "quant"),
    ("invoer", "input"),
    ("uitvoer", "output"),
    ("модель модели", "model"),
    ("квантование квантизация", "quant"),
    ("контекст", "context"),
    ("длина", "length"),
    ("скорость", "speed"),
    ("задержка", "latency"),
    ("время", "time"),
    ("длительность", "duration"),
    ("первого первыи", "first"),
    ("токен токена токены токенов", "tokens"),
    ("загрузки", "load"),
    ("генерация генерации", "generation"),
    ("память памяти", "memory"),
    ("видеопамять", "vram"),
    ("точность", "accuracy"),
    ("потоки потоков", "threads"),
    ("пользователи пользователеи", "users"),
    ("число количество", "number"),
    ("среднее средняя среднии", "mean"),
    ("медиана", "median"),
    ("ответ ответа", "response"),
    ("прогон запуск попытка", "run"),
    ("ошибка", "error"),
    ("примечание примечания комментарии", "note"),
)
# Without an accent, they alone make no name a foreign one.
_ENGLISH_TOO: Final = frozenset(("repetition", "generation", "media", "1."))
_JOINING: Final = frozenset(
    "bis zum zur zu der die das des dem den von für fur de du la le les l' au aux a jusqu'au d' del "
    "el los en hasta al di il lo da do dos até ate ao o d'execution d'esecuzione до для".split()
)
_PER: Final = frozenset("pro par por per al a".split())
_TOGETHER: Final = {
    frozenset(words.split()): name
    for words, name in (
        ("time first token", "ttft"),
        ("time first tokens", "ttft"),
        ("latency first token", "ttft"),
        ("latency first tokens", "ttft"),
        ("time response", "response_time"),
        ("latency response", "response_time"),
        ("duration response", "response_time"),
        ("time load", "load_time"),
        ("duration load", "load_time"),
        ("time total", "total_time"),
        ("duration total", "total_time"),
        ("time generation", "generation_time"),
        ("duration generation", "generation_time"),
        ("speed generation", "generation_speed"),
        ("throughput generation", "generation_throughput"),
        ("speed prompt", "prompt_speed"),
        ("throughput prompt", "prompt_throughput"),
        ("tokens generated", "generated_tokens"),
        ("token generated", "generated_tokens"),
        ("number tokens generated", "generated_tokens"),
        ("number tokens input", "input_tokens"),
        ("number tokens output", "output_tokens"),
        ("tokens input", "input_tokens"),
        ("token input", "input_tokens"),
        ("tokens output", "output_tokens"),
        ("token output", "output_tokens"),
        ("tokens prompt", "prompt_tokens"),
        ("token prompt", "prompt_tokens"),
        ("memory gpu", "gpu_memory"),
        ("memory video", "vram"),
        ("layers gpu", "gpu_layers"),
        ("context length", "context_length"),
        ("context size", "context_size"),
        ("batch size", "batch_size"),
        ("model size", "model_size"),
        ("prompt length", "prompt_len"),
        ("number threads", "threads"),
        ("number users", "users"),
        ("number clients", "clients"),
        ("number layers", "layers"),
        ("stddev type", "stddev"),
        ("requests concurrent", "concurrent_requests"),
        ("requests parallel", "parallel_requests"),
        ("users concurrent", "concurrent_users"),
    )
}
_MOST_WORDS: Final = 12


def translate(words: str) -> str:
    """The words of a name, joined by `_` and in lower case, in English if any is of another language."""
    if unspaced := find_unspaced(words):
        return unspaced
    parts = words.split("_")
    if len(parts) > _MOST_WORDS:
        return words
    plain = [_drop_accents(part) for part in parts]
    if not any(
        word in _WORDS and (word not in _ENGLISH_TOO or word != part)
        for word, part in zip(plain, parts, strict=True)
    ):
        return words
    told = [
        _WORDS.get(word, part)
        for word, part in zip(plain, parts, strict=True)
        if word not in _JOINING or word in _PER
    ]
    return "_".join(_join_known([*_drop_prepositions(told)]))


def _drop_accents(word: str) -> str:
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFKD", word.replace("ß", "ss"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _drop_prepositions(words: Sequence[str]) -> Iterable[str]:
    """The words, with `per` in one language where a time follows it, and nowhere else."""
    for at, word in enumerate(words):
        if word not in _PER:
            yield word
        elif words[at + 1 : at + 2] in (["second"], ["s"]):
            yield "per"


def _join_known(words: list[str]) -> Iterable[str]:
    """The words, with those that mean something together as one name."""
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + 3), at + 1, -1)
        known = next((e for e in ends if frozenset(words[at:e]) in _TOGETHER), None)
        yield words[at] if known is None else _TOGETHER[frozenset(words[at:known])]
        at = known or at + 1
