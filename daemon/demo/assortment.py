"""What the chain of the demo sells, and to whom at which terms."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Article:
    """One product: code, label, cents with taxes, family."""

    code: str
    label: str
    cents: int
    family: str


def _family(name: str, first: int, *named: tuple[str, int]) -> tuple[Article, ...]:
    return tuple(Article(f"{first + at}", label, cents, name) for at, (label, cents) in enumerate(named))


ARTICLES: Final = (
    *_family(
        "jardin", 410001, ("Sécateur Okatsune 103", 4990), ("Gants cuir taille 8", 1890), ("Terreau 40 l", 980),
        ("Arrosoir zinc 9 l", 3950), ("Rosier Pierre de Ronsard", 2450), ("Graines de capucine", 390),
        ("Bac cèdre 60 cm", 7900), ("Tuyau 25 m", 4500), ("Lanterne chêne", 3400), ("Chaise pliante acier", 5900),
    ),
    *_family(
        "cuisine", 420001, ("Cocotte fonte 24 cm", 18900), ("Couteau d’office", 1450), ("Torchon lin", 1290),
        ("Bocal 1 l", 490), ("Planche noyer", 4200), ("Moulin à poivre", 3950), ("Plat à gratin grès", 3600),
        ("Théière fonte", 5400),
    ),
    *_family(
        "maison", 430001, ("Housse de coussin lin", 2900), ("Plaid mohair", 8900), ("Bougie figuier", 2000),
        ("Vase grès bleu", 3850), ("Drap plat percale", 6900), ("Serviette éponge 70 × 140", 2400),
        ("Lampe à poser laiton", 11900), ("Panier osier", 3200), ("Miroir rond 60 cm", 9900), ("Savon d’Alep", 650),
    ),
    *_family("service", 490001, ("Livraison à domicile", 1500), ("Confection de rideaux, l’heure", 4200)),
)  # fmt: skip

LABOUR: Final = "490002"

NOTES: Final = (
    "Vient le samedi matin",
    "Préfère être appelée après 18 h",
    "Allergique aux lys",
    "Facture au nom de l’entreprise",
    "A fait un stage de taille en mars",
    "Cadeaux emballés sans ruban",
)
TO_DO: Final = (
    "Housse à remettre, réserve étagère 3",
    "Rosier arrivé : le lui montrer",
    "Demander si la cocotte convient",
)
RETURNED: Final = ("Retour Miroir rond", "Retour Lampe à poser", "Geste commercial")
