"""Ideas that playbooks label in many ways and visitors say in many more.

``said`` are phrases of visitors, ``hints`` those that only suggest the idea and are asked back;
``labels`` are beginnings of words that mark a choice as standing for the idea. Whoever wants more
gives the choice synonyms in the playbook.
"""

from dataclasses import dataclass
from typing import NamedTuple

from webapp.core.understanding.pieces import Certainty
from webapp.core.understanding.words import Phrases, fold


@dataclass(frozen=True, slots=True)
class Concept:
    said: tuple[str, ...]
    labels: tuple[str, ...]
    hints: tuple[str, ...]


class Idea(NamedTuple):
    """An idea somebody spoke of, and how surely they did."""

    name: str
    certainty: Certainty


def _concept(said: str, labels: str, *, hints: str = "") -> Concept:
    return Concept(_phrases(said), tuple(fold(w) for w in labels.split()), _phrases(hints))


def _phrases(written: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in written.split("|") if each)


ROLES = {
    "finance": _concept(
        "cfo|finance|finance team|finance department|head of finance|finance director|controller|"
        "controlling|accounting|accountant|accounts|treasurer|Finanzen|Finanzabteilung|"
        "Finanzchef|Finanzchefin|Finanzleitung|Buchhaltung|Controllerin",
        "finan cfo accounting controlling buchhalt",
    ),
    "it": _concept(
        "IT|cio|cto|ciso|IT department|IT team|IT guys|IT people|IT folks|"
        "IT-Abteilung|IT-Leitung|IT-Leiter|EDV|"
        "head of it|sysadmin|security team|infosec|tech team|our developers|engineering",
        "it cio cto edv tech engineering",
    ),
    "board": _concept(
        "board|the board|board of directors|board members|supervisory board|trustees|Vorstand|"
        "Aufsichtsrat|Beirat|shareholders|Gesellschafter|investors",
        "board vorstand aufsichtsrat",
    ),
    "procurement": _concept(
        "procurement|purchasing|procurement team|purchasing department|buyer|buyers|sourcing|"
        "Einkauf|Einkaufsabteilung|Beschaffung|Einkäufer|Einkäuferin",
        "procure purchas einkauf beschaff sourcing buying",
    ),
    "executive": _concept(
        "ceo|coo|managing director|founder|founders|co-founder|cofounder|owner|president|"
        "executive team|executives|leadership|leadership team|management team|upper management|"
        "Geschäftsführung|Geschäftsführer|Geschäftsführerin|Geschäftsleitung|Inhaber|Inhaberin",
        "executive ceo leadership geschaeftsfuehr geschaeftsleit founder owner management c-level",
    ),
    "legal": _concept(
        "legal|legal team|legal department|lawyer|lawyers|general counsel|counsel|compliance|dpo|"
        "data protection officer|Rechtsabteilung|Datenschutz|Datenschutzbeauftragter|Jurist",
        "legal compliance recht",
    ),
    "marketing": _concept(
        "cmo|marketing|marketing team|head of marketing|Marketingabteilung", "marketing cmo"
    ),
    "sales": _concept(
        "cro|sales|sales team|head of sales|sales director|Vertrieb|Vertriebsleiter|"
        "Vertriebsleiterin|Vertriebsleitung",
        "sales cro vertrieb",
    ),
    "operations": _concept("operations|ops|operations team|head of operations", "operation ops"),
    "hr": _concept(
        "hr|human resources|people team|chro|head of hr|Personalabteilung|HR-Abteilung",
        "hr human people personal",
    ),
    "manager": _concept(
        "my boss|boss|my manager|my line manager|my supervisor|mein Chef|meine Chefin|Chef|"
        "mein Vorgesetzter|meine Vorgesetzte",
        "boss manager supervisor vorgesetzt chef",
    ),
}

ALONE = _concept(
    "on my own|by myself|I run it alone|one-person business|"
    "just me|only me|nobody|no one|niemand|me alone|myself|just myself|nobody else|no one else|"
    "noone else|"
    "I decide|I decide alone|I decide this myself|I make the decision|I make the decisions|"
    "it's my decision|the final say|it is my decision|my call|I am the decision maker|"
    "I'm the decision maker|"
    "I am the only one|I'm the only one|sole decision maker|nur ich|ich allein|ich alleine|"
    "ich entscheide|ich entscheide allein|ich entscheide alleine|niemand sonst|sonst niemand",
    "me myself alone ich allein",
)

OTHERS = {
    "exploring": _concept(
        "just looking|just looking around|only looking|looking around|just exploring|exploring|"
        "just look around|look around|"
        "still exploring|just browsing|browsing|just researching|researching|just curious|"
        "no rush|not in a rush|no hurry|not in a hurry|no timeline|no deadline|no plans|"
        "no plans yet|no concrete plans|just gathering information|early days|"
        "not urgent|kein Zeitdruck|keine Eile|nicht eilig|eilt nicht|hat Zeit|nicht dringend|"
        "nur mal schauen|nur schauen|nur informieren|"
        "wir informieren uns nur|erst mal informieren|unverbindlich|noch keine Pläne|"
        "noch am Sondieren|noch in der Orientierung",
        "explor looking research brows curious gather sondier orientier informier",
        hints="whenever|any time|anytime|we have time|we've got time|have time|plenty of time|"
        "no stress|no pressure|window shopping|kein Stress|wir haben Zeit|mal sehen",
    ),
    "later": _concept(
        "",
        "later spaeter someday",
        hints="later|someday|eventually|some day|at some point|not soon|no time soon|"
        "not any time soon|irgendwann|später|in ferner Zukunft|nicht so bald|not now|nicht jetzt",
    ),
    "approved": _concept(
        "approved|allocated|is approved|got approval|signed off|set aside|earmarked|secured|"
        "confirmed|budgeted|in place|green light|have the money|freigegeben|genehmigt|bewilligt|"
        "eingeplant und freigegeben|reserviert|steht bereit|ist da|vorhanden|is there",
        "allocat approv secured confirm freigegeben genehmigt bewilligt",
    ),
    "planned": _concept(
        "planned|is planned|planning it|in planning|budgeted for next year|requested|applied for|"
        "in the plan|pending approval|awaiting approval|waiting for approval|not yet approved|"
        "not approved yet|"
        "geplant|eingeplant|beantragt|in Planung|noch nicht freigegeben|noch nicht genehmigt",
        "plan geplant pending request beantragt",
        hints="has to approve|have to approve|must approve|needs approval|needs to approve|"
        "has to sign off|needs sign off|muss noch freigeben|muss es freigeben|muss genehmigen",
    ),
    "no_budget": _concept(
        "no budget|no budget yet|don't have a budget|do not have a budget|don't have budget|"
        "there is no budget|there's no budget|without a budget|no money|kein Budget|"
        "noch kein Budget|keine Mittel|haben kein Budget",
        "none keins",
    ),
    "unsure": _concept(
        "not sure|not sure yet|I'm not sure|unsure|I don't know|don't know|dunno|idk|no idea|"
        "no clue|undecided|not decided|not decided yet|haven't decided|have not decided|"
        "hard to say|don't have a number|no number yet|don't have one|don't have one yet|"
        "haven't thought about it|can't say yet|tbd|to be determined|to be decided|open|"
        "weiß nicht|"
        "weiß ich nicht|weiß ich noch nicht|weiß noch nicht|ich weiß es nicht|keine Ahnung|"
        "unsicher|nicht sicher|noch nicht sicher|noch offen|noch unklar|noch nicht entschieden|"
        "schwer zu sagen|unklar",
        "unsure undecided unclear unklar unsicher tbd",
    ),
    "undisclosed": _concept(
        "prefer not to say|prefer not|rather not|lieber nicht|rather not say|I'd rather not say|"
        "I'd prefer not to say|"
        "would rather not say|don't want to say|not telling|confidential|can't disclose|"
        "none of your business|no comment|keine Angabe|möchte ich nicht sagen|"
        "will ich nicht sagen|sage ich nicht|vertraulich",
        "undisclosed confidential vertraulich",
    ),
    "yes": _concept("", "yes ja"),
    "no": _concept("", "no nein"),
    "save_time": _concept(
        "",
        "manual automat efficien handarbeit",
        hints="save time|saving time|save us time|less typing|typing|less work|by hand|manually|"
        "copy paste|copy and paste|copying|repetitive|tedious|takes too long|takes forever|"
        "too slow|waste of time|wasting time|time consuming|automate|automated|automatic|"
        "Zeit sparen|Zeit zu sparen|weniger tippen|abtippen|weniger Arbeit|von Hand|per Hand|"
        "dauert zu lange|dauert ewig|Zeitverschwendung|automatisch",
    ),
    "grow": _concept(
        "",
        "grow scal wachs skalier",
        hints="grow|growing|growth|scaling|expand|expanding|more customers|more clients|"
        "more orders|we're hiring|wachsen|wächst|mehr Kunden|mehr Aufträge",
    ),
    "replace": _concept(
        "",
        "replac switch migrat outgrown wechsel abloes ersetz",
        hints="replace|replacing|switch|switching|migrate|migrating|move away from|move off|"
        "get rid of|fed up|sick of|tired of|outgrown|is killing us|are killing us|kills us|"
        "killing me|sucks|is terrible|is awful|hate our|outdated|out of excel|nervt|nerven|"
        "loswerden|weg von|umsteigen|veraltet|bringt uns um",
    ),
    "numbers": _concept(
        "",
        "report numbers analytics figures metric insight dashboard zahlen auswert bericht",
        hints="numbers|figures|metrics|reports|dashboard|dashboards|visibility|insight|insights|"
        "overview|Zahlen|Auswertung|Auswertungen|Überblick|Kennzahlen",
    ),
    "comply": _concept(
        "",
        "complian legal regulat audit vorgabe",
        hints="auditor|auditors|regulator|regulators|regulation|the law|legally|by law|certified|"
        "certification|iso 27001|soc 2|Prüfer|Gesetz|gesetzlich|Zertifizierung",
    ),
    "in_charge": _concept(
        "",
        "executive founder owner ceo geschaeftsleit",
        hints="boss|the boss|big boss|owner|founder|co-founder|management|the management|"
        "I run the company|I run the place|I run the business|I own the company|I own it|I own|"
        "I run my own company|it's my company|my own company|my own business|"
        "Chef|Chefin|der Chef|die Chefin|Inhaber|Inhaberin",
    ),
    # Who speaks of their boss says who else there is, and not who they are.
    "their_boss": _concept("", "", hints="my boss|our boss|mein Chef|meine Chefin|unser Chef"),
    "heads": _concept(
        "",
        "director vp abteilungsleit bereichsleit",
        hints="I run|I head|I'm in charge of|I am in charge of|in charge of|I'm responsible for|"
        "I am responsible for|ich leite|ich verantworte",
    ),
    "leads_team": _concept(
        "",
        "manager teamleit",
        hints="I lead|I manage|lead a team|manage a team|I have a team|ich führe ein Team|"
        "leite ein Team|ich leite ein Team",
    ),
    "staff": _concept(
        "",
        "specialist fachkraft sachbearbeit",
        hints="intern|trainee|apprentice|working student|assistant|one of the team|"
        "Praktikant|Praktikantin|Azubi|Werkstudent|Werkstudentin",
    ),
}

# Of two ideas in one label, the first named here is the one it stands for: "Not sure yet" is
# unsure, "No budget yet" no budget, "Planned, not approved" planned.
LABEL_PHRASES = (
    (
        "unsure",
        ("not sure", "not decided", "don't know", "weiss nicht", "noch offen", "nicht sicher"),
    ),
    ("undisclosed", ("prefer not", "rather not", "keine angabe", "not to say")),
    ("no_budget", ("no budget", "kein budget", "not budgeted", "none yet", "none")),
    ("planned", ("not approved", "not yet approved", "noch nicht freigegeben")),
    ("exploring", ("no rush", "no timeline", "no plans", "no date", "kein zeitplan")),
)

PEOPLE_SAID: Phrases[str] = Phrases(
    (phrase, role) for role, concept in ROLES.items() for phrase in concept.said
)
ALONE_SAID: Phrases[str] = Phrases((phrase, "alone") for phrase in ALONE.said)
OTHERS_SAID: Phrases[Idea] = Phrases(
    [(phrase, Idea(name, "sure")) for name, concept in OTHERS.items() for phrase in concept.said]
    + [
        (phrase, Idea(name, "likely"))
        for name, concept in OTHERS.items()
        for phrase in concept.hints
    ]
)
SOON: Phrases[str] = Phrases(
    (phrase, phrase)
    for phrase in (
        "soon|soonish|pretty soon|quite soon|shortly|in the near future|before long|bald|demnächst|"
        "in Kürze|zeitnah|in nächster Zeit"
    ).split("|")
)
