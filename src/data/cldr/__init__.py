"""The embedded default: facts of Unicode CLDR as parallel questions and answers in eleven languages."""
