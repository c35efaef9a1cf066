"""Audionese: the attributes of a sound and the wordings that name them. Data only.

The last wording of each value is *reserved*: no training sampler uses it, held-out expert captions may. It is made
of words the models know, in an order they have not met.
"""

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "instrument": ("piano", "guitar", "violin", "flute", "organ", "bells", "synth", "marimba"),
    "tempo": ("slow", "moderate", "fast"),
    "register": ("low", "middle", "high"),
    "loudness": ("quiet", "loud"),
    "tone": ("bright", "dark"),
    "articulation": ("smooth", "choppy"),
    "harmony": ("harmonious", "dissonant"),
    "space": ("dry", "echoing"),
    "drums": ("none", "light", "driving"),
    "ambience": ("none", "rain", "wind", "birds", "crackle"),
}

PHRASES: dict[tuple[str, str], tuple[str, ...]] = {
    ("instrument", "piano"): ("piano", "grand piano", "piano melody", "melody on the piano"),
    ("instrument", "guitar"): ("guitar", "acoustic guitar", "guitar melody", "melody on the guitar"),
    ("instrument", "violin"): ("violin", "fiddle", "violin melody", "melody on the violin"),
    ("instrument", "flute"): ("flute", "wooden flute", "flute melody", "melody on the flute"),
    ("instrument", "organ"): ("organ", "pipe organ", "organ melody", "melody on the organ"),
    ("instrument", "bells"): ("bells", "chimes", "bell melody", "melody on the bells"),
    ("instrument", "synth"): ("synth", "synthesizer", "synth melody", "melody on the synth"),
    ("instrument", "marimba"): ("marimba", "wooden marimba", "marimba melody", "melody on the marimba"),
    ("tempo", "slow"): ("slow tempo", "slow", "unhurried", "slow pace", "unhurried pace"),
    ("tempo", "moderate"): ("moderate tempo", "medium tempo", "medium pace", "moderate pace"),
    ("tempo", "fast"): ("fast tempo", "fast", "rapid", "fast pace", "rapid pace"),
    ("register", "low"): ("low register", "low notes", "deep notes", "deep register"),
    ("register", "middle"): ("middle register", "mid register", "middle notes", "mid notes"),
    ("register", "high"): ("high register", "high notes", "high pitched", "high pitched notes"),
    ("loudness", "quiet"): ("quiet", "played quietly", "soft volume", "hushed", "hushed volume"),
    ("loudness", "loud"): ("loud", "played loudly", "full volume", "loud volume"),
    ("tone", "bright"): ("bright tone", "bright", "brilliant tone", "bright timbre", "brilliant timbre"),
    ("tone", "dark"): ("dark tone", "dark", "muted tone", "dark timbre", "muted timbre"),
    ("articulation", "smooth"): ("smooth notes", "smooth", "legato", "legato notes"),
    ("articulation", "choppy"): ("choppy notes", "choppy", "staccato", "staccato notes"),
    ("harmony", "harmonious"): ("harmonious chords", "harmonious", "consonant chords", "consonant harmony"),
    ("harmony", "dissonant"): ("dissonant chords", "dissonant", "clashing chords", "clashing harmony"),
    ("space", "dry"): ("dry sound", "dry", "dry room", "no reverb", "dry recording"),
    ("space", "echoing"): ("echoing hall", "echoing", "long reverb", "reverberant", "reverberant hall"),
    ("drums", "none"): ("no drums", "without drums", "drumless", "no percussion"),
    ("drums", "light"): ("light drums", "soft drums", "light percussion", "soft percussion"),
    ("drums", "driving"): ("driving drums", "heavy drums", "pounding drums", "heavy percussion"),
    ("ambience", "none"): ("clean background", "no ambience", "silent background", "no background"),
    ("ambience", "rain"): ("rain sounds", "rain", "falling rain", "rain in the background"),
    ("ambience", "wind"): ("wind sounds", "wind", "howling wind", "wind in the background"),
    ("ambience", "birds"): ("bird sounds", "birds", "birdsong", "birds in the background"),
    ("ambience", "crackle"): ("vinyl crackle", "crackle", "crackling", "crackle in the background"),
}

# What else people write for the same thing; parsed, but no caption sampler writes it.
ALSO: dict[tuple[str, str], tuple[str, ...]] = {
    ("instrument", "violin"): ("violins",),
    ("instrument", "bells"): ("bell",),
    ("instrument", "synth"): ("synths", "synthesiser"),
    ("instrument", "guitar"): ("guitars",),
    ("instrument", "flute"): ("flutes",),
    ("tempo", "slow"): ("slowly", "not too fast"),
    ("tempo", "fast"): ("quick tempo",),
    ("loudness", "quiet"): ("quietly", "not too loud"),
    ("loudness", "loud"): ("loudly",),
    ("space", "echoing"): ("echo", "echoes", "reverb"),
    ("drums", "driving"): ("driving beat", "heavy beat"),
    ("drums", "light"): ("light beat", "soft beat"),
    ("ambience", "none"): ("no background noise",),
    ("ambience", "wind"): ("winds",),
}
