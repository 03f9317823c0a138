"""Real towns with real postal codes, and street names: most customers of a chain of Nantes live around it."""

from typing import Final


def _listed(texts: str) -> tuple[str, ...]:
    return tuple(texts.split("|"))


TOWNS: Final = (
    ("Nantes", "44000 44100 44200 44300", 24),
    ("Saint-Herblain", "44800", 6),
    ("Rezé", "44400", 6),
    ("Saint-Sébastien-sur-Loire", "44230", 4),
    ("Orvault", "44700", 4),
    ("Vertou", "44120", 4),
    ("Couëron", "44220", 3),
    ("Carquefou", "44470", 3),
    ("Bouguenais", "44340", 3),
    ("La Chapelle-sur-Erdre", "44240", 3),
    ("Sainte-Luce-sur-Loire", "44980", 2),
    ("Basse-Goulaine", "44115", 2),
    ("Haute-Goulaine", "44115", 1),
    ("Clisson", "44190", 1),
    ("Vallet", "44330", 1),
    ("Savenay", "44260", 1),
    ("Blain", "44130", 1),
    ("Nort-sur-Erdre", "44390", 1),
    ("Saint-Nazaire", "44600", 4),
    ("Pornic", "44210", 2),
    ("Guérande", "44350", 2),
    ("Châteaubriant", "44110", 1),
    ("Ancenis-Saint-Géréon", "44150", 1),
    ("Angers", "49000 49100", 2),
    ("Cholet", "49300", 1),
    ("Laval", "53000", 1),
    ("Le Mans", "72000 72100", 1),
    ("La Roche-sur-Yon", "85000", 2),
    ("Les Sables-d'Olonne", "85100", 1),
    ("Rennes", "35000 35200 35700", 5),
    ("Saint-Malo", "35400", 1),
    ("Fougères", "35300", 1),
    ("Vitré", "35500", 1),
    ("Redon", "35600", 1),
    ("Vannes", "56000", 3),
    ("Lorient", "56100", 2),
    ("Auray", "56400", 1),
    ("Pontivy", "56300", 1),
    ("Quimper", "29000", 2),
    ("Brest", "29200", 3),
    ("Douarnenez", "29100", 1),
    ("Plougastel-Daoulas", "29470", 1),
    ("Lannion", "22300", 1),
    ("Saint-Brieuc", "22000", 1),
    ("Tours", "37000 37100 37200", 1),
    ("La Rochelle", "17000", 1),
    ("Caen", "14000", 1),
    ("Le Havre", "76600", 1),
    ("L'Haÿ-les-Roses", "94240", 1),
    ("Lille", "59000 59800", 1),
    ("Strasbourg", "67000 67100", 1),
    ("Dijon", "21000", 1),
    ("Bourg-en-Bresse", "01000", 1),
    ("Grenoble", "38000", 1),
    ("Nice", "06000", 1),
    ("Montpellier", "34000", 1),
    ("Toulouse", "31000 31400", 1),
    ("Bordeaux", "33000 33800", 1),
    ("Ajaccio", "20000", 1),
    ("Saint-Denis", "97400", 1),
    ("Fort-de-France", "97200", 1),
)
"""Name, its codes, how many customers of it there are beside the others."""

STREETS: Final = _listed(
    "rue Kervégan|rue Crébillon|quai de la Fosse|rue du Calvaire|boulevard Gabriel-Guist'hau"
    "|rue de Strasbourg|place Royale|rue Paul-Bellamy|avenue de la Gare|rue des Écoles|rue de l'Église"
    "|impasse des Lilas|chemin du Moulin|rue Victor-Hugo|rue Jean-Jaurès|allée des Chênes"
    "|rue du Général-de-Gaulle|rue de la Paix|route de Clisson|rue du Maréchal-Foch|rue des Hauts-Pavés"
    "|boulevard des Anglais|rue de Coulmiers|passage Pommeraye|quai Ernest-Renaud|rue Saint-Clément"
    "|rue de la Mairie|rue du Stade|venelle du Four|rue Anne-de-Bretagne|rue du 8-Mai-1945"
    "|rue Aristide-Briand|rue du Port|avenue de l'Océan|rue des Frères-Lumière|rue Marie-Curie|rue de Kerhuel"
    "|hent Kerango|rue du Sacré-Cœur|cours Cambronne"
)

SECOND_LINES: Final = _listed(
    "Bât. B|Appt 12|Résidence Les Embruns|Lieu-dit Kerhervé|3e étage|Chez Mme Le Goff|Esc. A, porte 4"
    "|BP 40218|La Ville aux Chênes"
)

FICTION_MOBILE: Final = "+3363998"
_FICTION_FIXED: Final = {1: "+3319900", 2: "+3326191", 3: "+3335301", 4: "+3346571", 5: "+3353649"}
"""What ARCEP keeps for films and books: nobody is ever called (decision 2018-0881, by zone of the numbering plan)."""
_ZONES: Final = {
    "94": 1,
    "59": 3,
    "67": 3,
    "21": 3,
    "01": 4,
    "38": 4,
    "06": 4,
    "34": 4,
    "20": 4,
    "31": 5,
    "33": 5,
    "17": 5,
}


def fixed_prefix(postal_code: str) -> str:
    """The first digits of a fixed line there, four are to follow; empty overseas, where no such range is known."""
    return "" if postal_code.startswith("97") else _FICTION_FIXED[_ZONES.get(postal_code[:2], 2)]
