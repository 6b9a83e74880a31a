"""Questions put to any texts: what is indexed, what answers, and which languages a ranking favours."""
