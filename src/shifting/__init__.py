"""How results change from one domain to others, and how much of that is the language's."""
