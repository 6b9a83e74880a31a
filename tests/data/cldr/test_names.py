import pytest
from babel import Locale

from src.data.cldr.names import names, place_name


def test_names_every_kind_of_code():
    german = names("de")
    assert german["territory"]("GR") == "Griechenland"
    assert german["language"]("hi") == "Hindi"
    assert german["currency"]("JPY") == "Japanischer Yen"
    assert german["script"]("Cyrl") == "Kyrillisch"
    assert german["metazone"]("Europe_Central") == "Mitteleuropäische Normalzeit"
    assert german["zone"]("Africa/Cairo") == "Kairo"
    assert german["weekday"]("0") == "Montag"
    assert german["direction"]("rtl") == "von rechts nach links"


def test_unknown_codes_have_no_name():
    assert names("en")["territory"]("QX") is None
    assert names("en")["metazone"]("Nowhere") is None


def test_a_place_not_listed_is_spelled_as_in_the_id():
    assert "Europe/Copenhagen" not in Locale.parse("en").time_zones
    assert names("en")["zone"]("Europe/Copenhagen") == "Copenhagen"
    assert place_name({}, "America/Port_of_Spain") == "Port of Spain"
    assert place_name({"America/Port_of_Spain": {"long": {}}}, "America/Port_of_Spain") == "Port of Spain"


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Calcutta"])
def test_a_place_listed_under_another_id_is_found(zone):
    assert names("de")["zone"](zone) == "Kalkutta"
    assert names("es")["zone"](zone) == "Calcuta"
