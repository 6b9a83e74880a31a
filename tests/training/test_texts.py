from dataclasses import replace

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf, open_dict

from src.errors import InputError
from src.training.assembly import assemble
from src.training.texts import build_augmentation, build_prompts
from tests.command import ROOT, SMALL
from tests.toy import toy_data, toy_encoder


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    data = toy_data(tmp_path_factory.mktemp("toy"))
    return data, toy_encoder(data)


def config(**settings):
    template = {"instruction_template": "Instruct: {instruction}\nQuery: {text}", "seed": 1}
    return OmegaConf.create({**template, **settings})


def test_texts_stay_as_they_are_unless_asked_otherwise(toy):
    data, encoder = toy
    assert build_augmentation(config(augmentation=None), data, encoder) is None
    assert build_prompts(config(instructions={}), data, data, encoder, others=False) is None


def test_code_switching_is_made_for_the_datas_languages_and_the_runs_seed(toy, tmp_path):
    data, encoder = toy
    (tmp_path / "fr-de.txt").write_text("passage absatz\n")
    section = OmegaConf.load(ROOT / "conf/augmentation/code_switching.yaml")
    section.folder = str(tmp_path)
    made = build_augmentation(config(augmentation=section), data, encoder)
    assert (made.switching.languages, made.switching.seed) == (data.train.languages, 1)
    assert (made.queries.texts, made.passages.texts) == (data.questions, data.passages)
    section.folder = str(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no folder"):
        build_augmentation(config(augmentation=section), data, encoder)


def test_datasets_held_out_may_be_instructed_too(toy):
    data, encoder = toy
    other = replace(data, validation=replace(data.validation, datasets=("held",)))
    prompts = build_prompts(config(instructions={"toy": "a", "held": "b"}), data, other, encoder, others=False)
    assert prompts.of == {"toy": 0, "held": 1}
    with pytest.raises(InputError, match="no dataset 'held'"):
        build_prompts(config(instructions={"held": "b"}), data, None, encoder, others=False)
    with pytest.raises(InputError, match="needs two"):
        build_prompts(config(instructions=None), data, None, encoder, others=True)


INSTRUCTED = "instructions={cldr_facts: answer it}"  # as it is typed


def test_training_texts_are_switched_and_instructed_and_held_out_ones_only_instructed(tmp_path):
    (tmp_path / "en-de.txt").write_text("the die\n")
    section = OmegaConf.load(ROOT / "conf/augmentation/code_switching.yaml")
    section.folder = str(tmp_path)
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        whole = compose("train", overrides=[*SMALL, f"cache_dir={tmp_path}/cache", INSTRUCTED])
    with open_dict(whole):
        whole.model.query_prompt = "Q: "
        whole.update(config(augmentation=section))
    parts = assemble(whole)
    assert all(text.startswith("Instruct: answer it\nQuery: ") for text in parts.validation.queries.texts)
    training, validation = parts.datamodule.make_training(), parts.datamodule.make_validation()
    assert training.augmentation.switching.files == {("en", "de"): tmp_path / "en-de.txt"}
    assert validation.augmentation is None
    assert training.questions.prompts.texts == ("Q: Instruct: answer it\nQuery: ",)
    assert validation.questions.prompts == training.questions.prompts
    assert {training.other_instruction, validation.other_instruction} == {False}
