from tests.command import SMALL, type_in


def test_a_folder_may_be_named_after_the_choices_of_the_run(tmp_path):
    answer = type_in("src.train", f"hydra.run.dir={tmp_path}/${{name}}", "logger=csv", "sampler=mixed", *SMALL)
    assert answer.status == 0, answer.text
    assert (tmp_path / "mixed_tiny" / "record.json").is_file()
    assert "Warning" not in answer.err
