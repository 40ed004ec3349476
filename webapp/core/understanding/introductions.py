"""Who somebody says they are: name, company and job title."""

from webapp.core.understanding.countries import country_words
from webapp.core.understanding.lead_ins import STOPS, LeadIns
from webapp.core.understanding.pieces import Piece, piece
from webapp.core.understanding.words import Said

_I_AM = LeadIns(
    "i'm|i am|im|ich bin|this is|here is|hier ist|it's|its|it is|das ist|hi|hello|hallo|hey"
)
_MY_NAME = LeadIns(
    "my name is|my name's|name is|the name is|call me|you can call me|i'm called|ich heisse|"
    "mein name ist|name"
)
_MY_COMPANY = LeadIns(
    "i work for|i work at|i work with|i'm with|i am with|i'm from|i am from|we are|we're|"
    "we're called|we are called|"
    "our company is|our company is called|the company is|company is|company name is|it's called|"
    "it is called|it's|i'm at|i am at|i run|my company is|ich arbeite bei|ich arbeite für|wir sind|"
    "die firma heisst|unsere firma heisst|unsere firma ist|die firma ist|ich bin von|ich bin bei|"
    "bei|at|@|wir heissen|unsere firma|von der|der firma"
)
_MY_TITLE = LeadIns(
    "i'm the|i'm a|i'm an|i'm our|i'm|i am the|i am a|i am an|i am|i work as the|i work as a|"
    "i work as an|i work as|my title is|my job title is|my role is|my position is|title is|role is|"
    "ich bin der|ich bin die|ich bin ein|ich bin eine|ich bin|ich arbeite als|meine position ist|"
    "meine rolle ist|as the|as a|als|it's|im the|im a|im"
)
_SMALL_WORDS = frozenset("and und & of the der die das von van de del la le y".split())
_NO_NAMES = frozenset(
    """
    interested happy looking trying just not still currently sure here from with at the a an our
    your very really also only afraid sorry ready new working responsible based german english
    american british french swiss austrian in on curious open done ok okay fine good well using
    aware keen unsure available busy back glad able thinking considering evaluating
    nicht auch noch nur aus bei der die das ein eine interessiert leider gerade sehr zustaendig
    """.split()
)
_LEGAL_FORMS = frozenset(
    "gmbh ag inc ltd llc llp plc corp se kg ohg ug bv nv sa sas sarl srl spa ab oy as aps kft "
    "gbr ev eg limited incorporated corporation kgaa pty pte".split()
)
_WRITTEN_WITH_A_DOT = frozenset({"ltd", "inc", "co", "corp", "llc"})
_AT_COMPANY = frozenset({"at", "@", "bei", "von", "from", "for", "with", "of"})
_NO_PART_OF_A_COMPANY = _AT_COMPANY | {"we", "wir", "i", "ich", "die", "the", "firma"}
_SPEAKING = frozenset("i'm i im ich my mein meine don't none no not kein keine why what".split())
_ENDS_A_COMPANY = frozenset({",", ";", "!", "?", "\n", "("})
_TITLES = frozenset(
    """
    ceo cfo cto coo cmo cio ciso cro chro cpo cdo cso chief founder cofounder owner president vp svp
    evp director head manager lead leader partner principal engineer developer analyst consultant
    buyer controller accountant bookkeeper administrator admin specialist coordinator assistant
    officer architect executive supervisor strategist designer student freelancer recruiter marketer
    geschaeftsfuehrer geschaeftsfuehrerin inhaber inhaberin leiter leiterin vorstand vorstaendin
    prokurist prokuristin referent referentin berater beraterin entwickler entwicklerin
    sachbearbeiter sachbearbeiterin einkaeufer einkaeuferin gruender gruenderin teamleiter
    teamleiterin abteilungsleiter abteilungsleiterin assistentin assistenz controllerin buchhalter
    buchhalterin projektleiter projektleiterin chef chefin
    """.split()
)
_TITLE_ENDINGS = ("leiter", "leiterin", "leitung", "manager", "managerin", "direktor", "direktorin")
_TITLE_JOINTS = frozenset("of for the and und & fuer im der des - /".split())
_TITLE_PARTS = frozenset(
    "vice senior junior general managing global regional co interim acting deputy assistant "
    "stellvertretender stellvertretende sales marketing finance it hr operations product "
    "technology procurement purchasing business development account customer success revenue "
    "people engineering software data digital information security demand generation growth "
    "project program office legal chief vertrieb einkauf".split()
)
_ENDS_A_TITLE = frozenset({",", ".", ";", "!", "?", "\n", "(", "at", "@", "bei", "from", "|"})


def name_in(said: Said, *, asked: bool) -> Piece | None:
    """What somebody is called. Asked for it, any short text that is no sentence will do."""
    start, named = _MY_NAME.after(said)
    introduced = named
    if not named:
        start, introduced = _I_AM.after(said)
    if start is None or not (asked or introduced):
        return None
    end = start
    while end < min(len(said), start + 6) and _may_be_in_a_name(said, end):
        end += 1
    while end > start and said.words[end - 1] in _SMALL_WORDS:
        end -= 1
    words = said.words[start:end]
    if not words or words[0] in _NO_NAMES or any(_is_title(w) or w in _LEGAL_FORMS for w in words):
        return None
    if not introduced:
        rest = said.words[end:]
        if said.asks or len(words) > 5 or (rest and rest[0] not in STOPS):
            return None
        return piece(said, start, end, "likely" if _NO_NAMES & set(words) else "sure")
    if asked:
        return piece(said, start, end, "sure")
    capitals = 0
    while capitals < len(words) and said.tokens[start + capitals].text[0].isupper():
        capitals += 1
    if not capitals or words[0] in country_words():
        return None
    sure = named or capitals > 1
    return piece(said, start, start + capitals, "sure" if sure else "likely")


def _may_be_in_a_name(said: Said, place: int) -> bool:
    token = said.tokens[place]
    if token.word in STOPS or token.is_number:
        return False
    return token.is_word or (token.text in "-'’." and said.adjoins(place))


def company_in(said: Said, *, asked: bool) -> Piece | None:
    """The company: whatever stands before GmbH or Ltd., or after "at"."""
    found = _with_legal_form(said, asked=asked)
    if found:
        return found
    return _company_asked_for(said) if asked else _company_after_at(said)


def _with_legal_form(said: Said, *, asked: bool) -> Piece | None:
    for place, token in enumerate(said.tokens):
        if token.word not in _LEGAL_FORMS or not token.text[0].isupper():
            continue
        start, end = place, place + 1
        while start > max(0, place - 5) and _names_a_company(said, start - 1, place):
            start -= 1
        if start == place:
            continue
        while said.word(end) in ("&", "co", "kg", "kgaa") and end < place + 4:
            end += 1
        cue = asked or said.word(start - 1) in _AT_COMPANY or _MY_COMPANY.before(said, start)
        found = piece(said, start, end, "sure" if cue else "likely")
        dotted = said.words[end - 1] in _WRITTEN_WITH_A_DOT and said.text[found.end :][:1] == "."
        if dotted:
            return found._replace(value=found.value + ".", end=found.end + 1)
        return found
    return None


def _company_asked_for(said: Said) -> Piece | None:
    start, introduced = _MY_COMPANY.after(said)
    if start is None or said.asks or (not introduced and said.words[start] in _SPEAKING):
        return None
    end = start
    while end < len(said) and said.words[end] not in _ENDS_A_COMPANY:
        if said.words[end] == "." and not said.adjoins(end + 1):
            break
        end += 1
    talking = sum(place >= end for place in said.plain) > 12
    if talking or not start < end <= start + 6:
        return None
    return piece(said, start, end, "sure")


def _company_after_at(said: Said) -> Piece | None:
    for place in range(len(said) - 1):
        start = end = place + 1
        if said.words[place] not in ("at", "@", "bei") or said.words[start] in country_words():
            continue
        while end < len(said) and said.tokens[end].is_word and said.tokens[end].text[0].isupper():
            end += 1
        if end > start:
            return piece(said, start, end, "likely")
    return None


def _names_a_company(said: Said, place: int, legal_form: int) -> bool:
    token = said.tokens[place]
    if token.word in _NO_PART_OF_A_COMPANY:
        return False
    if token.is_word:
        return token.text[0].isupper() or place == legal_form - 1
    return token.is_number or token.text in "&-'’+" or (token.text == "." and said.adjoins(place))


def title_in(said: Said, *, asked: bool) -> Piece | None:
    """A job title. Asked for one, any short text; else one that holds a word such as director."""
    return _title_asked_for(said) if asked else _title_mentioned(said)


def _title_asked_for(said: Said) -> Piece | None:
    start, introduced = _MY_TITLE.after(said)
    if start is None or said.asks:
        return None
    end = start
    while end < min(len(said), start + 9) and said.words[end] not in _ENDS_A_TITLE:
        end += 1
    short = end - start <= 5
    titled = any(map(_is_title, said.words[start:end]))
    if end == start or not (titled or introduced or short):
        return None
    return piece(said, start, end, "sure" if titled or short else "likely")


def _title_mentioned(said: Said) -> Piece | None:
    for place, word in enumerate(said.words):
        if not _is_title(word):
            continue
        start, end = place, place + 1
        while start > 0 and said.words[start - 1] in _TITLE_PARTS:
            start -= 1
        while end < len(said) and (
            said.words[end] in _TITLE_JOINTS or said.words[end] in _TITLE_PARTS
        ):
            end += 1
        while end > place + 1 and said.words[end - 1] in _TITLE_JOINTS:
            end -= 1
        signed = said.word(end) in ("at", "@", "bei") and said.word(start - 1) == ","
        if signed or _MY_TITLE.before(said, start):
            return piece(said, start, end, "sure")
    return None


def _is_title(word: str) -> bool:
    return word in _TITLES or word.endswith(_TITLE_ENDINGS)
