"""Names that French people bear, most frequent first: what a search box must cope with."""

from typing import Final


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split("|"))


LAST_NAMES: Final = _listed(
    "Martin|Bernard|Thomas|Petit|Robert|Richard|Durand|Dubois|Moreau|Laurent|Simon|Michel|Lefebvre|Leroy|Roux"
    "|David|Bertrand|Morel|Fournier|Girard|Bonnet|Dupont|Lambert|Fontaine|Rousseau|Vincent|Muller|Lefèvre"
    "|Faure|André|Mercier|Blanc|Guérin|Boyer|Garnier|Chevalier|François|Legrand|Gauthier|Garcia|Perrin|Robin"
    "|Clément|Morin|Nicolas|Henry|Roussel|Mathieu|Gautier|Masson|Marchand|Duval|Denis|Dumont|Marie|Lemaire"
    "|Noël|Meyer|Dufour|Meunier|Brun|Blanchard|Giraud|Joly|Rivière|Lucas|Brunet|Gaillard|Barbier|Arnaud"
    "|Martinez|Gérard|Roche|Renard|Schmitt|Roy|Leroux|Colin|Vidal|Caron|Picard|Roger|Fabre|Aubert|Lemoine"
    "|Renaud|Dumas|Lacroix|Olivier|Philippe|Bourgeois|Pierre|Benoît|Rey|Leclerc|Payet|Rolland|Leclercq"
    "|Guillaume|Lecomte|Lopez|Jean|Dupuy|Guillot|Hubert|Berger|Carpentier|Sanchez|Dupuis|Moulin|Louis"
    "|Deschamps|Huet|Vasseur|Perez|Boucher|Fleury|Royer|Klein|Jacquet|Adam|Paris|Poirier|Marty|Aubry|Guyot"
    "|Carré|Charles|Renault|Charpentier|Ménard|Maillard|Baron|Bertin|Bailly|Hervé|Schneider|Fernandez|Collet"
    "|Léger|Bouvier|Julien|Prévost|Millet|Perrot|Daniel|Cousin|Germain|Breton|Besson|Langlois|Rémy|Pelletier"
    "|Lévêque|Perrier|Leblanc|Barré|Lebrun|Marchal|Weber|Mallet|Hamon|Boulanger|Jacob|Monnier|Michaud"
    "|Rodriguez|Guichard|Gillet|Étienne|Grondin|Poulain|Tessier|Chevallier|Collin|Chauvin|Bouchet|Gay"
    "|Lemaître|Bénard|Maréchal|Humbert|Reynaud|Antoine|Hoarau|Perret|Barthélemy|Cordier|Pichon|Lejeune"
    "|Gilbert|Lamy|Delaunay|Pasquier|Carlier|Laporte|Munier|Lefevre|Maufrais|Cœuret|Bœuf|Ségalen"
    "|Hélary"
)
BRETON_NAMES: Final = _listed(
    "Le Gall|Le Goff|Le Roux|Morvan|Le Corre|Tanguy|Riou|Guéguen|Kerleau|Kermarrec|Le Guen|Quéré|Le Bris"
    "|Cadiou|Salaün|Le Floch|Prigent|Guillou|Nédélec|Abgrall|Le Meur|Jézéquel|Le Berre|Kervella|Floc'h"
    "|Cloarec|Le Bihan|Le Roy|Toullec|Corre|Bozec|Hascoët|Le Dréau|Pennec|Troadec|Guivarc'h|Le Saint|Kerbrat"
    "|Madec|L'Hostis|Le Moal|Bothorel|Gourvennec|Kersaudy|Le Dû|Caroff|Penven|Le Pape|Quéméneur|Rivoal"
    "|L'Helgouac'h|Saliou|Stéphan|Kerhervé|Le Cléac'h|Marrec"
)
OTHER_NAMES: Final = _listed(
    "Nguyen|Da Silva|Benali|Diallo|Traoré|Ferreira|Haddad|Kowalski|Rossi|Dos Santos|Ben Amar|N'Diaye|O'Connor"
    "|Van den Berg|De Sousa|El Khoury|Nguyễn|Łukasik|Müller|Groß|İpek|Tran|Camara|Bouzid|Öztürk|Sørensen"
    "|MacLeod|Bălan|Żukowska|Coulibaly"
)
NOBLE_NAMES: Final = _listed(
    "de La Tour|du Plessis|d'Artagnan|de Rohan|de Kersauson|Le Roy de Kerdaniel|d'Aboville"
    "|de La Rochefoucauld|du Bois de La Villerabel|d'Estienne d'Orves|de Saint-Exupéry|d'Hérouville"
    "|de Kergariou|des Essarts"
)
COMPOUND_STARTS: Final = _listed(
    "Beau|Bel|Bon|Grand|Mont|Roche|Ville|Cham|Font|Mal|Fleur|Long|Vert|Clair|Franc|Haut|Bois|Val"
)
COMPOUND_ENDS: Final = _listed(
    "mont|fort|champ|vallet|court|lieu|bois|pré|fils|temps|fontaine|regard|repos|val|rieux|teau"
)
KER_ENDS: Final = _listed("guelen|drel|morvan|ven|goat|oual|anguen|bellec|jean|louan|mabon|autret|saint|avel|dreux")

FIRST_NAMES: Final = {
    ("f", 1950): _listed(
        "Marie|Monique|Françoise|Catherine|Nicole|Jacqueline|Anne|Christiane|Annie|Denise|Chantal|Yvette|Brigitte"
        "|Michèle|Danielle|Josiane|Martine|Éliane|Odile|Bernadette|Soizic|Marie-Thérèse|Anne-Marie|Yvonne|Gisèle"
        "|Ginette|Hélène"
    ),
    ("m", 1950): _listed(
        "Jean|Michel|Pierre|André|Philippe|Alain|Bernard|Jacques|Daniel|Gérard|Christian|Claude|René|Yves|Patrick"
        "|Marcel|Roger|Serge|Joël|Jean-Claude|Jean-Pierre|Yannick|Hervé|Loïc|François|Étienne|Noël|Raymond|Guy"
        "|Denis"
    ),
    ("f", 1980): _listed(
        "Nathalie|Isabelle|Sylvie|Céline|Sandrine|Stéphanie|Sophie|Valérie|Aurélie|Virginie|Émilie|Julie|Élodie"
        "|Laëtitia|Gwenaëlle|Nolwenn|Karine|Delphine|Cécile|Hélène|Audrey|Katell|Maëlle|Anne-Laure|Marie-Ève"
        "|Fatima|Sonia|Zoé"
    ),
    ("m", 1980): _listed(
        "Nicolas|Christophe|Sébastien|Laurent|Frédéric|David|Julien|Stéphane|Olivier|Thierry|Éric|Vincent"
        "|Guillaume|Yann|Erwan|Gwénaël|Ronan|Mickaël|Cédric|Jérôme|Ludovic|Karim|Mathieu|Benoît|Jean-François"
        "|Pierre-Yves|Tanguy|Fabrice"
    ),
    ("f", 2000): _listed(
        "Léa|Manon|Chloé|Camille|Emma|Inès|Louise|Jade|Lola|Océane|Sarah|Clara|Maëlys|Anaïs|Lucie|Pauline"
        "|Mathilde|Enora|Nolwenn|Maïwenn|Élise|Margaux|Romane|Ambre|Aïcha|Juliette|Zélie|Agathe|Jeanne|Noémie"
    ),
    ("m", 2000): _listed(
        "Lucas|Théo|Hugo|Enzo|Mathis|Léo|Nathan|Louis|Gabriel|Raphaël|Arthur|Jules|Maël|Malo|Titouan|Ewen|Killian"
        "|Noé|Gaël|Evan|Clément|Antoine|Maxime|Mehdi|Mohamed|Baptiste|Thomas|Romain|Alexis|Corentin"
    ),
}
"""By the letter of the civility and the middle of the generation."""

COMPANY_FORMS: Final = _listed(
    "Boulangerie {}|Garage {}|Menuiserie {}|SARL {}|{} et Fils|Atelier {}|Pharmacie {}|Cabinet {}"
    "|Transports {}|Hôtel {}|Crêperie {}|Maçonnerie {} Frères|Société d'exploitation {}|École Sainte-{}"
    "|L'Œuvre de {}|{} & Associés"
)

SPELLED_ALMOST: Final = {
    "Lefèvre": "Lefebvre",
    "Lefebvre": "Lefèvre",
    "Meunier": "Munier",
    "Munier": "Meunier",
    "Gauthier": "Gautier",
    "Gautier": "Gauthier",
    "Chevalier": "Chevallier",
    "Leclerc": "Leclercq",
    "Dupont": "Dupond",
    "Leroy": "Le Roy",
    "Henry": "Henri",
    "Rémy": "Rémi",
    "Michaud": "Michaux",
    "Quéré": "Kéré",
}
ALMOST: Final = (
    ("th", "t"),
    ("ll", "l"),
    ("nn", "n"),
    ("tt", "t"),
    ("ph", "f"),
    ("eau", "au"),
    ("y", "i"),
    ("ss", "s"),
    ("é", "e"),
)
