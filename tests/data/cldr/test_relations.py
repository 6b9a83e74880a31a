from src.data.cldr import relations
from src.data.cldr.relations import RELATIONS, canonical


def test_states_what_is_known_of_the_world():
    assert relations.currencies()["JP"] == "JPY"
    assert relations.currencies()["HR"] == "EUR"
    assert relations.official_languages()["KE"] == "sw"
    assert relations.continents()["EG"] == "002"
    assert relations.continents()["NZ"] == "009"
    assert relations.standard_times()["GR"] == "Europe_Eastern"
    assert relations.zone_places()["PK"] == "Asia/Karachi"
    assert relations.first_weekdays()["US"] == "6"
    assert relations.first_weekdays()["DE"] == "0"
    assert relations.scripts()["hi"] == "Deva"
    assert relations.directions()["fa"] == "rtl"


def test_former_currencies_do_not_count():
    assert relations.currencies()["DE"] == "EUR"  # CLDR lists the mark as well


def test_a_territory_with_several_legal_tenders_has_no_currency_fact():
    assert not {"BT", "HT", "PA", "PS"} & set(relations.currencies())


def test_what_the_data_has_behind_the_world_is_left_out():
    assert "BG" not in relations.currencies()
    assert not {"BF", "ME", "ML", "NE"} & set(relations.official_languages())


def test_rivalling_official_languages_are_no_fact():
    assert not {"BE", "LU", "SG", "KZ", "ZA"} & set(relations.official_languages())


def test_a_language_official_in_fact_does_not_beat_one_official_by_law():
    assert "SN" not in relations.official_languages()  # more speak Wolof, the law says French
    assert relations.official_languages()["US"] == "en"  # no law says


def test_one_language_in_two_scripts_is_not_its_own_rival():
    assert relations.official_languages()["RS"] == "sr"
    assert relations.official_languages()["UZ"] == "uz"


def test_continents_that_zones_leave_open_are_no_fact():
    assert not {"ES", "RU", "TR"} & set(relations.continents())  # on two
    assert not {"IS", "MG", "BM"} & set(relations.continents())  # in an ocean


def test_an_ocean_beside_a_continent_does_not_count():
    assert relations.continents()["PT"] == "150"  # and the Azores
    assert relations.continents()["US"] == "019"  # and Hawaii


def test_countries_with_several_zones_have_no_zone_facts():
    for several in ("US", "BR", "RU"):
        assert several not in relations.zone_places()
        assert several not in relations.standard_times()
    assert "AR" in relations.standard_times()  # twelve zones, one time
    assert "AR" not in relations.zone_places()


def test_zones_with_two_ids_keep_their_time():
    assert canonical("Asia/Calcutta") == canonical("Asia/Kolkata")
    assert relations.standard_times()["IN"] == "India"


def test_only_listed_first_weekdays_are_facts():
    assert "BO" not in relations.first_weekdays()  # left to CLDR's default for the world


def test_languages_in_several_scripts_have_no_script_fact():
    assert not {"sr", "az", "pa", "uz"} & set(relations.scripts())
    assert relations.scripts()["zh"] == "Hani"  # simplified and traditional are both Han


def test_languages_also_written_vertically_have_no_direction_fact():
    assert not {"ja", "ko", "zh", "mn"} & set(relations.directions())


def test_territories_without_a_language_are_in_no_relation():
    territories = set().union(*(relation.codes() for relation in RELATIONS.values() if relation.entity == "territory"))
    assert not {"AQ", "CP", "HM", "ZZ", "001"} & territories
