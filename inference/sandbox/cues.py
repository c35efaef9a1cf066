"""Everyday words and the sounds they make people expect; scenes made of them. Data only.

A line reads "words that mean it: values it leans to". Alternatives of one attribute are joined by "/". An attribute
that a line does not name is open. "drumless" and "clean" stand for no drums and no ambience.
"""

LEANS: tuple[str, ...] = (
    # moods
    "sad, sorrowful, heartbroken: slow low quiet dark smooth piano/violin drumless",
    "happy, cheerful, joyful: fast high bright harmonious choppy light",
    "calm, relaxing, soothing: slow quiet smooth harmonious drumless",
    "angry, rage, furious: fast loud low dissonant choppy driving",
    "scary, spooky, creepy: slow low dark dissonant echoing wind",
    "romantic, love, valentine: slow quiet smooth harmonious violin/piano",
    "epic, heroic, cinematic: loud low echoing driving organ/violin",
    "dreamy, dream, floating: slow high smooth echoing bells/synth drumless",
    "tense, suspense, nervous: low dark choppy dissonant quiet",
    "lonely, alone, isolated: slow quiet middle echoing wind drumless",
    "hopeful, inspiring, uplifting: moderate bright harmonious piano light middle",
    "nostalgic, memories, bittersweet: slow quiet dark piano crackle",
    "playful, silly, funny: fast high choppy bright dry marimba",
    "mysterious, mystery, secret: slow low dark dissonant echoing flute/bells",
    "triumphant, victory, winner: fast loud high bright harmonious driving",
    "sleepy, sleep, bedtime: slow quiet low smooth drumless clean",
    "energetic, hype, pumped: fast loud bright driving",
    "peaceful, serene, zen: slow quiet harmonious flute birds drumless",
    "weird, strange, trippy: dissonant synth echoing moderate",
    "elegant, classy, fancy: moderate smooth harmonious piano/violin middle clean",
    # places
    "church, chapel, cathedral: slow organ echoing harmonious drumless",
    "cafe, café, coffee: moderate quiet guitar/piano harmonious light",
    "forest, woods, woodland: moderate flute birds echoing middle",
    "beach, tropical, island: moderate bright guitar/marimba light harmonious",
    "city, downtown, traffic: moderate synth loud dry driving",
    "galaxy, cosmic, astronaut: slow high synth echoing smooth",
    "desert, western, cowboy: slow guitar dry wind middle",
    "mountain, mountains, hiking: moderate high flute wind echoing bright",
    "castle, medieval, knight: moderate flute/organ echoing harmonious light",
    "temple, monastery, shrine: slow bells echoing low drumless",
    "circus, carnival, clown: fast loud high choppy bright organ",
    "haunted, ghost, graveyard: slow dark dissonant echoing organ/bells wind",
    "elevator, lobby, waiting room: moderate quiet smooth dry synth/marimba light",
    "garden, park, picnic: moderate bright birds flute/guitar harmonious",
    "club, nightclub, party: fast loud low synth driving",
    "kitchen, cooking, recipe: moderate bright dry guitar/marimba light",
    "library, reading, book: slow quiet piano middle drumless clean",
    "spa, massage, bath: slow quiet smooth flute/bells echoing",
    "cave, dungeon, underground: slow low dark echoing drumless",
    "pub, tavern, irish: fast violin choppy bright light",
    # activities
    "workout, gym, exercise: fast loud low synth driving dry",
    "study, homework, focus: moderate quiet piano/synth smooth light",
    "yoga, meditation, mindfulness: slow quiet smooth flute/bells drumless",
    "running, jogging, marathon: fast bright synth driving middle",
    "lullaby, baby, nursery: slow quiet high smooth bells/piano drumless",
    "wedding, bride, ceremony: moderate bright harmonious organ/violin smooth",
    "funeral, mourning, grief: slow low quiet dark organ/violin drumless",
    "road trip, highway, driving home: fast bright guitar driving harmonious",
    "dinner, restaurant, date night: moderate quiet piano/violin light smooth",
    "chase, escape, pursuit: fast loud low choppy dissonant driving",
    "battle, war, fight: fast loud low dissonant driving echoing",
    "birthday, celebration, congratulations: fast high bright harmonious bells light",
    "video game, arcade, 8 bit: fast high choppy synth dry",
    "corporate, startup, business: moderate bright harmonious piano/marimba light clean",
    "cartoon, kids, children: fast high choppy bright marimba",
    # genres
    "horror, zombie, nightmare: slow low dark dissonant echoing loud",
    "lofi, lo-fi, chillhop: slow dark piano crackle light",
    "ambient, drone, soundscape: slow smooth synth echoing drumless",
    "techno, rave, edm: fast loud choppy synth driving dry",
    "jazz, swing, speakeasy: moderate piano light smooth crackle",
    "folk, campfire, country: moderate guitar crackle dry middle",
    "classical, baroque, chamber: moderate violin/piano harmonious drumless clean",
    "sci-fi, robot, futuristic: choppy dissonant high synth dry",
    "fantasy, fairy, magical: high bright flute/bells echoing harmonious",
    "christmas, santa, xmas: moderate high bright bells harmonious",
    # weather and times
    "rainy, drizzle, raining: slow quiet dark rain piano",
    "winter, snow, snowy: slow high bells wind quiet",
    "summer, sunny, sunshine: fast bright guitar harmonious light",
    "autumn, november, leaves: slow dark guitar wind middle",
    "morning, sunrise, wake up: moderate high bright birds flute",
    "night, midnight, late night: slow quiet dark low",
    "storm, stormy, thunder: loud low rain dissonant driving",
    "spring, blossom, flowers: moderate high birds flute harmonious",
    "vintage, retro, grandma: moderate crackle piano dry middle",
)

# scene: (cues by their first word, the one split it belongs to)
SCENES: dict[str, tuple[frozenset[str], str]] = {
    f"{'-'.join(cues)}".replace(" ", "-"): (frozenset(cues), split)
    for split, scenes in {
        "train": (
            ("happy", "birthday"), ("rainy", "cafe"), ("epic", "battle"), ("energetic", "workout"),
            ("calm", "yoga"), ("scary", "forest"), ("lofi", "study"), ("romantic", "dinner"),
            ("summer", "road trip"), ("playful", "cartoon"),
        ),
        "validation": (
            ("lonely", "winter"), ("summer", "club"), ("mysterious", "cave"), ("elegant", "wedding"),
            ("sci-fi", "chase"), ("nostalgic", "vintage"), ("morning", "mountain"), ("lullaby", "night"),
        ),
        "test": (
            ("sad", "church"), ("angry", "workout"), ("scary", "circus"), ("dreamy", "galaxy"),
            ("tense", "desert"), ("hopeful", "corporate"), ("peaceful", "forest"), ("christmas", "cafe"),
            ("fantasy", "castle"), ("rainy", "spa"), ("triumphant", "video game"), ("playful", "kitchen"),
        ),
    }.items()
    for cues in scenes
}  # fmt: skip
