"""Texts of a batch as lists of tokens."""


def rows_of(chunks):
    """Tokens of each text in the order of the rows, padding cut."""
    in_chunks = [
        ids[mask.bool()].tolist()
        for each, masks in zip(chunks.input_ids, chunks.attention_mask, strict=True)
        for ids, mask in zip(each, masks, strict=True)
    ]
    return [in_chunks[place] for place in chunks.restore]
