"""The sandbox's music is what was asked, pleasant at its edges, and the same for the same seed."""

import numpy as np
import pytest
from scipy import signal

from inference.sandbox.instruments import Timbre, play
from inference.sandbox.synthesiser import render
from inference.sandbox.vocabulary import ATTRIBUTES, parse

RATE = 16_000
PLAIN = {
    "instrument": "piano", "tempo": "moderate", "register": "middle", "loudness": "loud", "tone": "bright",
    "articulation": "smooth", "harmony": "harmonious", "space": "dry", "drums": "none", "ambience": "none",
}  # fmt: skip


def sound(seed=1, **attributes):
    return render({**PLAIN, **attributes}, seed, 3.0)[0].astype(np.float64)


def level(samples):
    """Root mean square in dBFS."""
    return 20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-12)


def centroid(samples):
    """Energy-weighted mean frequency in Hz."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    return (power * np.fft.rfftfreq(len(samples), 1 / RATE)).sum() / power.sum()


def band(samples, low, high):
    """Energy between two frequencies in dB."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    f = np.fft.rfftfreq(len(samples), 1 / RATE)
    return 10 * np.log10(power[(f >= low) & (f < high)].sum() + 1e-12)


def loudness_curve(samples, window=400):
    return np.sqrt(np.convolve(samples**2, np.ones(window) / window, "same"))


def onsets(samples):
    """How many times the loudness curve rises to more than twice what it was 40 ms before."""
    curve = loudness_curve(samples, 160)[::80]
    rising = curve[8:] > 2 * curve[:-8] + 0.02 * curve.max()
    return int((np.diff(rising.astype(int)) == 1).sum())


def seeds(measure, **attributes):
    return np.mean([measure(sound(seed, **attributes)) for seed in range(6)])


def test_gives_the_same_bytes_for_the_same_seed():
    first, second = (render({"instrument": "violin"}, 5, 3.0) for _ in range(2))
    assert first[0].tobytes() == second[0].tobytes()
    assert first[1] == second[1]


def test_gives_other_music_for_another_seed():
    assert not np.allclose(render(PLAIN, 1, 1.0)[0], render(PLAIN, 2, 1.0)[0])


@pytest.mark.parametrize(
    ("seconds", "rate"), [(3.0, 16_000), (0.5, 16_000), (7.3, 16_000), (2.0, 22_050), (1.00003, 8_000)]
)
def test_is_exactly_as_long_as_asked(seconds, rate):
    samples, _ = render({}, 3, seconds, rate)
    assert samples.shape == (round(seconds * rate),)
    assert samples.dtype == np.float32


def test_naming_one_attribute_leaves_the_other_draws_as_they_were():
    _, drawn = render({}, 77, 0.5)
    for attribute, values in ATTRIBUTES.items():
        for value in values:
            _, truth = render({attribute: value}, 77, 0.5)
            assert truth == {**drawn, attribute: value}


def test_naming_what_would_be_drawn_changes_nothing():
    samples, drawn = render({}, 12, 2.0)
    assert render(drawn, 12, 2.0)[0].tobytes() == samples.tobytes()


def test_every_value_is_drawn_about_evenly():
    truths = [render({}, seed, 0.06)[1] for seed in range(400)]
    for attribute, values in ATTRIBUTES.items():
        shares = [np.mean([t[attribute] == v for t in truths]) * len(values) for v in values]
        assert min(shares) > 0.5, (attribute, shares)


def test_swapping_the_place_keeps_the_tune_itself():
    dry, rain = sound(ambience="none"), sound(ambience="rain")
    assert np.corrcoef(dry, rain)[0, 1] > 0.9


def test_rejects_a_value_that_the_world_lacks():
    with pytest.raises(ValueError, match="no instrument 'kazoo'"):
        render({"instrument": "kazoo"}, 0, 1.0)


def test_is_finite_below_full_scale_and_without_direct_current():
    for seed in range(60):
        samples, truth = render({}, seed, 3.0)
        assert np.isfinite(samples).all()
        assert np.abs(samples).max() <= 10 ** (-1 / 20), truth
        assert abs(samples.mean()) < 1e-3, truth


def test_begins_and_ends_in_silence():
    for seed in range(20):
        samples, _ = render({}, seed, 3.0)
        assert np.abs(samples[:4]).max() < 1e-3
        assert np.abs(samples[-4:]).max() < 1e-3


def test_quiet_is_audible_and_loud_is_louder():
    quiet, loud = seeds(level, loudness="quiet"), seeds(level, loudness="loud")
    assert -40 < quiet < -28
    assert loud - quiet > 12


def clicks(samples):
    """Steps between neighbours that stand far out of their surroundings, where no sharp onset explains them."""
    jumps = np.abs(np.diff(samples, 2))
    usual = signal.medfilt(jumps, 63) + 1e-3 * np.abs(samples).max()
    return int((jumps > 15 * usual).sum())


def test_the_click_detector_hears_a_click():
    samples = sound(instrument="organ", articulation="smooth", tone="dark")
    samples[30_000:] *= -1
    assert clicks(samples) > 0


@pytest.mark.parametrize("instrument", ATTRIBUTES["instrument"])
def test_makes_no_clicks(instrument):
    for seed in range(3):
        for articulation in ATTRIBUTES["articulation"]:
            samples = sound(seed, instrument=instrument, articulation=articulation, tempo="fast", tone="dark")
            assert clicks(samples) == 0


def test_a_faster_tempo_has_more_notes():
    counts = [seeds(onsets, tempo=tempo, articulation="choppy") for tempo in ("slow", "moderate", "fast")]
    assert counts[0] + 2 < counts[1] < counts[2] - 4


def test_registers_lie_an_octave_and_more_apart():
    low, middle, high = (seeds(centroid, register=r, tone="dark", instrument="flute") for r in ATTRIBUTES["register"])
    assert 1.6 * low < middle < high / 1.6


@pytest.mark.parametrize("instrument", ATTRIBUTES["instrument"])
def test_a_bright_tone_has_higher_partials(instrument):
    bright, dark = (seeds(centroid, tone=tone, instrument=instrument) for tone in ("bright", "dark"))
    assert bright > 1.25 * dark


def test_choppy_notes_leave_gaps():
    def gap(samples):
        curve = loudness_curve(samples)[2000:-2000]
        return np.mean(curve < 0.1 * curve.max())

    assert seeds(gap, articulation="choppy", instrument="organ") > 0.3
    assert seeds(gap, articulation="smooth", instrument="organ") < 0.05


def test_clashing_chords_beat():
    def roughness(samples):
        """How far the loudness curve moves between 8 and 25 Hz, relative to its mean."""
        curve = loudness_curve(samples, 160)[4000:-4000]
        sos = signal.butter(2, (8, 25), "bandpass", fs=RATE, output="sos")
        return signal.sosfilt(sos, curve).std() / curve.mean()

    dissonant, harmonious = (
        seeds(roughness, harmony=h, instrument="organ", tone="dark") for h in ("dissonant", "harmonious")
    )
    assert dissonant > 2 * harmonious


def test_a_hall_goes_on_when_the_note_has_ended():
    def floor(samples):
        curve = loudness_curve(samples)[4000:-2000]
        return np.percentile(curve, 10) / np.percentile(curve, 95)

    dry, echoing = (
        seeds(floor, space=s, articulation="choppy", tempo="slow", instrument="organ") for s in ("dry", "echoing")
    )
    assert echoing > 0.1 > 4 * dry


def test_drums_add_hats_and_a_kick():
    none, light, driving = (seeds(lambda x: band(x, 6500, 8000), drums=d, tone="dark") for d in ATTRIBUTES["drums"])
    assert none + 5 < light < driving - 1
    kick = {d: seeds(lambda x: band(x, 45, 90), drums=d) for d in ("light", "driving")}
    assert kick["driving"] > kick["light"] + 10


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("rain", 2000, 6000), ("wind", 150, 600), ("birds", 2500, 6000), ("crackle", 3000, 7000)]
)
def test_each_place_fills_its_own_band(kind, low, high):
    def strength(samples):
        return band(samples, low, high)

    scene = {"instrument": "flute", "register": "high", "tone": "dark", "loudness": "quiet"}
    assert seeds(strength, ambience=kind, **scene) > seeds(strength, ambience="none", **scene) + 3


def test_instruments_sound_different_from_each_other():
    def fingerprint(instrument):
        frames = np.abs(signal.stft(sound(3, instrument=instrument), RATE, nperseg=512)[2])
        return np.log(frames + 1e-4)

    prints = {i: fingerprint(i) for i in ATTRIBUTES["instrument"]}
    for one in prints:
        for other in prints:
            if one != other:
                assert np.abs(prints[one] - prints[other]).mean() > 0.15, (one, other)


def test_understands_what_a_text_names():
    _, truth = render(parse("slow church organ, no drums, rain in the background"), 4, 0.5)
    assert (truth["tempo"], truth["instrument"], truth["drums"], truth["ambience"]) == ("slow", "organ", "none", "rain")


def test_no_partial_folds_back_from_beyond_half_the_sample_rate():
    timbre = Timbre(ratios=(1.0, 3.0), levels=(1.0, 1.0), decay=np.inf)
    both = play(timbre, np.array([2000.0, 5000.0]), np.array([1.0, 1.0]), RATE, RATE, np.zeros(16))
    spectrum = np.abs(np.fft.rfft(both)) / len(both)
    assert {f for f in range(100, 8000) if spectrum[f] > 0.1} == {2000, 5000, 6000}  # 15 kHz would fold to 1 kHz
