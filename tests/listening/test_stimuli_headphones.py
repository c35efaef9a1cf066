"""Headphone checks: what each ear gets, and what is left of it over loudspeakers."""

from collections import Counter

import numpy as np
import pytest

from listening.stimuli import antiphase, huggins

RATE = 16_000
CHECKS = [antiphase, huggins]


def intervals(sound: np.ndarray) -> list[np.ndarray]:
    """The three of a trial without their fades, [n, 2] each."""
    starts = [round(place * 1.5 * RATE) for place in range(3)]
    return [sound[start + RATE // 10 : start + RATE - RATE // 10] for start in starts]


def level(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(samples**2) + 1e-12)


@pytest.mark.parametrize("check", CHECKS)
def test_the_answer_stands_twice_in_each_place_and_differently_in_every_check(check):
    seen = [tuple(check.answers(seed)) for seed in range(100)]

    assert all(Counter(answers) == {0: 2, 1: 2, 2: 2} for answers in seen)
    assert len(set(seen)) > 50
    assert check.answers(7) == check.answers(7)


@pytest.mark.parametrize("check", CHECKS)
def test_a_trial_is_four_seconds_of_stereo_that_fade_in_and_out(check):
    sound = check.render(3, 0, RATE)

    assert sound.shape == (4 * RATE, 2)
    assert np.abs(sound).max() < 1
    assert np.abs(sound[:8]).max() < 1e-3 and np.abs(sound[-8:]).max() < 1e-3


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("trial", [-1, 6])
def test_a_check_has_six_trials(check, trial):
    with pytest.raises(IndexError, match="trials 0 to 5"):
        check.render(1, trial)


def test_over_headphones_the_quiet_tone_is_quietest_and_over_loudspeakers_the_one_in_antiphase():
    for trial, order in enumerate(antiphase.orders(11)):
        heard = intervals(antiphase.render(11, trial, RATE))
        ears = [level(one[:, 0]) for one in heard]
        room = [level(one.sum(axis=1)) for one in heard]  # both channels reach both ears

        assert int(np.argmin(ears)) == order.quiet
        assert sorted(ears)[1] - sorted(ears)[0] == pytest.approx(6, abs=0.01)
        assert int(np.argmin(room)) == order.antiphase != order.quiet


def test_one_ear_alone_hears_nothing_of_a_huggins_pitch():
    """The level of the band, to that of all intervals, differs between ears and intervals by chance alone."""
    lead = []
    for seed in range(20):
        for trial, pitch in enumerate(huggins.answers(seed)):
            heard = intervals(huggins.render(seed, trial, RATE))
            band = [level(within(one[:, 1])) for one in heard]
            lead.append(band[pitch] - np.mean(np.delete(band, pitch)))

    assert abs(np.mean(lead)) < 3 * np.std(lead) / np.sqrt(len(lead))


def test_between_the_ears_a_huggins_pitch_differs_within_its_band_alone():
    seed = 4
    for trial, pitch in enumerate(huggins.answers(seed)):
        for place, one in enumerate(intervals(huggins.render(seed, trial, RATE))):
            difference = one[:, 0] - one[:, 1]
            if place != pitch:
                assert np.abs(difference).max() < 1e-9
                continue
            assert level(within(difference)) > level(within(one[:, 0])) - 3
            assert level(difference - within(difference)) < level(one[:, 0]) - 25


def within(samples: np.ndarray) -> np.ndarray:
    """The part within 600 Hz ± 8 %."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum[(frequency < 600 * 0.92) | (frequency > 600 * 1.08)] = 0
    return np.fft.irfft(spectrum, len(samples))
