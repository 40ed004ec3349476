"""Short replies that mean the same whatever was asked: yes, no, rather not, a person please."""

from collections.abc import Iterable
from typing import Literal

from webapp.core.understanding.concepts import OTHERS_SAID
from webapp.core.understanding.words import Phrases, Said, key


def _set(phrases: str) -> frozenset[tuple[str, ...]]:
    return frozenset(key(phrase) for phrase in phrases.split("|"))


_YES = _set(
    "yes|yeah|yep|yup|ya|sure|of course|certainly|absolutely|definitely|correct|right|"
    "that's right|that is right|true|ok|okay|exactly|indeed|affirmative|we do|we have|i do|"
    "i agree|agreed|it is|y|ja|jo|jep|jawohl|klar|na klar|natürlich|genau|stimmt|richtig|sicher|"
    "gerne|gern|selbstverständlich|auf jeden fall|einverstanden"
)
_NO = _set(
    "god no|hell no|oh no|absolutely not|"
    "no|nope|nah|not yet|not really|no way|never|negative|false|wrong|incorrect|not at all|"
    "we don't|we do not|i don't|we haven't|it isn't|n|nein|nö|nee|ne|noch nicht|gar nicht|"
    "auf keinen fall|keinesfalls|stimmt nicht|falsch|leider nein|leider nicht"
)
_PERHAPS_YES = _set(
    "i think so|think so|probably|most likely|i guess|i guess so|i believe so|should be|"
    "wahrscheinlich|vermutlich|ich glaube schon|glaube schon|ich denke schon|denke schon"
)
_PERHAPS_NO = _set(
    "i don't think so|don't think so|probably not|i guess not|not that i know|"
    "not that i know of|ich glaube nicht|glaube nicht|eher nicht|wahrscheinlich nicht|eher nein"
)
_SKIP = _set(
    "skip|skip it|skip this|skip that|pass|next|next question|n/a|na|none|nothing|no answer|"
    "not applicable|does not apply|doesn't apply|doesn't matter|no comment|no preference|"
    "whatever|don't care|i don't care|who cares|"
    "überspringen|weiter|nächste frage|keine angabe|entfällt|egal|nichts"
)
_FILLERS = frozenset(
    """
    please thanks thank you bitte danke well hmm hm um uh er eh so oh actually honestly really yet
    currently now still just sorry also just it's its it is that's this the a an for of we we're
    are i'm i am our my us have has got would like need want to be ok okay hi hello hey und and
    eigentlich ehrlich gesagt also noch gerade momentan derzeit aktuell leider wir ich sind ist das
    der die den dem ein eine unser unsere es haben brauchen at moment the in on with maybe sure yes
    yeah ja no nein i'd say vielleicht wohl
    """.split()
)
_PERSON: Phrases[bool] = Phrases(
    (phrase, True)
    for phrase in (
        "talk to a person|talk to a human|talk to a real person|talk to someone|talk to somebody|"
        "talk to sales|talk to your sales|talk to an agent|talk to a representative|"
        "speak to a person|speak to a human|speak to someone|speak to somebody|speak to sales|"
        "speak with a person|speak with a human|speak with someone|speak with somebody|"
        "speak with sales|talk with a person|talk with a human|talk with someone|"
        "chat with a person|chat with a human|human please|real person|real human|"
        "can someone call me|have someone call me|get a human|give me a human|want a human|"
        "need a human|want a person|need a person|actual person|actual human|anybody real|"
        "anyone real|somebody real|someone real|talk to a real|live agent|live person|"
        "call me back|give me a call|can you call me|could you call me|mit jemand sprechen|"
        "mit jemand reden|rufen Sie mich an|rufen Sie mich zurück|rufen Sie mich bitte an|"
        "rufen Sie mich bitte zurück|ruft mich an|"
        "mit einem Menschen sprechen|mit einem Menschen reden|mit jemandem sprechen|"
        "mit jemandem reden|mit einer Person sprechen|echter Mensch|echten Menschen|"
        "mit einem Mitarbeiter sprechen|mit dem Vertrieb sprechen|"
        "Mitarbeiter sprechen"
    ).split("|")
)
_ALONE_MEANS_PERSON = _set(
    "human|person|agent|representative|a human|a person|operator|mensch|mitarbeiter|berater"
)


_LAUGHTER = frozenset("haha hahaha hehe lol hm hmm um uh well oh ach naja tja".split())
_A_FEW_WORDS = 5
_AFTER_YES_OR_NO = frozenset(
    "thanks thank please we i that's it's but sorry danke bitte wir ich aber leider das".split()
)


def core_words(said: Said) -> tuple[str, ...]:
    """The words of a text that say something, politeness and filling left out."""
    return tuple(w for w in (said.words[i] for i in said.plain) if w not in _FILLERS)


def all_words(said: Said) -> tuple[str, ...]:
    return tuple(said.words[i] for i in said.plain)


def yes_or_no(said: Said) -> tuple[str, Literal["sure", "likely"], int] | None:
    """``yes`` or ``no``, how surely, and the token before which it ends."""
    words = all_words(said)
    first = next((i for i, word in enumerate(words) if word not in _LAUGHTER), 0)
    words = words[first:]
    for phrases, answer in ((_PERHAPS_NO, "no"), (_PERHAPS_YES, "yes")):
        if length := _begins_with(words, phrases):
            return answer, "likely", said.plain[first + length - 1] + 1
    for phrases, answer in ((_NO, "no"), (_YES, "yes")):
        length = _begins_with(words, phrases)
        if not length:
            continue
        end = said.plain[first + length - 1] + 1
        hedged = any(w in ("maybe", "perhaps", "vielleicht", "if", "wenn") for w in words)
        # "No idea" begins with no; what follows without a pause belongs to it.
        follows = words[length] if length < len(words) else ""
        paused = length > 1 or not said.tokens[end:] or not said.tokens[end].is_word
        paused = paused or follows in _AFTER_YES_OR_NO or (follows,) in phrases
        sure = paused and not hedged and not said.asks
        return (answer, "sure" if sure else "likely", end) if paused else None
    return None


def agrees(said: Said) -> tuple[bool, Literal["sure", "likely"], int] | None:
    """Whether a text is a yes or a no and nothing else ("yeah, no" is neither); how surely, and
    where it ends."""
    if (reply := yes_or_no(said)) is None:
        return None
    answer, certainty, end = reply
    same, opposite = (_YES, _NO) if answer == "yes" else (_NO, _YES)
    rest = [said.words[i] for i in said.plain if i >= end]
    only = all((word,) in same or (word in _FILLERS and (word,) not in opposite) for word in rest)
    return (answer == "yes", certainty, end) if only else None


def skips(said: Said) -> bool:
    """Whether the whole text asks to go on without an answer."""
    words = all_words(said)
    return words in _SKIP or core_words(said) in _SKIP or (not words and bool(said.tokens))


def is_unsure(said: Said) -> bool:
    """Whether a text says that they do not know, or would rather not say, and little else."""
    rest = set(said.plain)
    begins = unsure = False
    for start, end, idea in OTHERS_SAID.find(said):
        if idea.name in ("unsure", "undisclosed"):
            begins = begins or all(said.words[i] in _FILLERS for i in said.plain if i < start)
            unsure = True
            rest -= set(range(start, end))
    only = all(said.words[i] in _FILLERS for i in rest)
    return unsure and (only or (begins and len(rest) <= _A_FEW_WORDS))


def wants_person(said: Said) -> bool:
    """Whether somebody asks to speak with a person."""
    if all_words(said) in _ALONE_MEANS_PERSON or core_words(said) in _ALONE_MEANS_PERSON:
        return True
    return any(not said.denied(start, end) for start, end, _ in _PERSON.find(said))


def _begins_with(words: tuple[str, ...], phrases: Iterable[tuple[str, ...]]) -> int:
    """How many words the longest of the phrases that stands in front takes, or 0."""
    lengths = (len(phrase) for phrase in phrases if words[: len(phrase)] == phrase)
    return max(lengths, default=0)
