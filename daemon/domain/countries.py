"""Countries as people write them in French and English → ISO 3166-1; those that customers of a French chain live in."""

from typing import Final

from daemon.domain.folding import fold
from daemon.errors import OperatorMistake

_NAMES: Final = {
    "FR": "france|france métropolitaine|fra",
    "GP": "guadeloupe",
    "MQ": "martinique",
    "GF": "guyane|guyane française|french guiana",
    "RE": "réunion|la réunion",
    "YT": "mayotte",
    "PM": "saint-pierre-et-miquelon|saint pierre and miquelon",
    "BL": "saint-barthélemy|saint barthelemy",
    "MF": "saint-martin|saint martin",
    "NC": "nouvelle-calédonie|new caledonia",
    "PF": "polynésie française|french polynesia|tahiti",
    "WF": "wallis-et-futuna|wallis and futuna",
    "MC": "monaco",
    "AD": "andorre|andorra",
    "AT": "autriche|austria",
    "BE": "belgique|belgium|belgië",
    "CA": "canada",
    "CH": "suisse|switzerland|schweiz",
    "DE": "allemagne|germany|deutschland",
    "DK": "danemark|denmark",
    "DZ": "algérie|algeria",
    "ES": "espagne|spain|españa",
    "FI": "finlande|finland",
    "GB": "royaume-uni|united kingdom|grande-bretagne|great britain|angleterre|england|uk",
    "IE": "irlande|ireland",
    "IT": "italie|italy|italia",
    "JP": "japon|japan",
    "LU": "luxembourg",
    "MA": "maroc|morocco",
    "NL": "pays-bas|netherlands|hollande",
    "NO": "norvège|norway",
    "PL": "pologne|poland",
    "PT": "portugal",
    "RO": "roumanie|romania",
    "SE": "suède|sweden",
    "SN": "sénégal|senegal",
    "TN": "tunisie|tunisia",
    "US": "états-unis|united states|usa|united states of america",
}
_CODES: Final = {fold(name): code for code, names in _NAMES.items() for name in names.split("|")}


def country_code(text: str, *, field: str = "address.country") -> str:
    """The two letters of a country written by its name or by them; raises OperatorMistake."""
    typed = text.strip()
    if len(typed) == 2 and typed.isascii() and typed.isalpha() and typed.upper() != "UK":
        return typed.upper()
    code = _CODES.get(fold(typed))
    if code is None:
        raise OperatorMistake(f"{field}: write the country with its two letters", field=field)
    return code


def country_name(code: str) -> str:
    """The French name of a country, as the French post reads it; the two letters of one that is not in the list."""
    return _NAMES.get(code.upper(), code).split("|")[0]
