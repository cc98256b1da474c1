"""The judge sees each kind of broken promise, and none where there is none."""
import unittest

from judge import judge

DONE = {"done": ("done", "")}


def problems(outcomes, log, promise="exactly-once", records=3):
    return judge({**outcomes, **DONE}, log, records, promise)[1]


def acked(*offsets):
    return {number: ("acked", offset) for number, offset in enumerate(offsets, 1)}


class JudgeTest(unittest.TestCase):
    def test_a_log_of_what_was_acked_is_fine(self):
        self.assertEqual(problems(acked("0", "1", "2"), [(0, 1), (1, 2), (2, 3)]), [])

    def test_an_acked_record_that_is_missing_is_lost(self):
        self.assertIn("not in the log: r-000002", problems(acked("0", "-", "1"), [(0, 1), (1, 3)])[0])

    def test_what_a_power_loss_took_is_only_told(self):
        self.assertEqual(problems(acked("0", "1", "2"), [(0, 1)], "power-loss"), [])

    def test_a_failed_record_in_the_log_is_a_lie(self):
        self.assertIn("yet in the log: r-000003", problems({**acked("0", "1"), 3: ("failed", "x")}, [(0, 1), (1, 2), (2, 3)])[0])

    def test_an_unknown_record_may_be_there_or_not(self):
        for log in [(0, 1), (1, 2)], [(0, 1), (1, 2), (2, 3)]:
            self.assertEqual(problems({**acked("0", "1"), 3: ("unknown", "x")}, log), [])

    def test_a_wrong_offset_is_seen(self):
        self.assertIn("holds something else: r-000001", problems(acked("1", "1", "2"), [(0, 1), (1, 2), (2, 3)])[0])

    def test_duplicates_and_disorder_break_idempotence_only(self):
        doubled = [(0, 1), (1, 2), (2, 3), (3, 2)]
        self.assertIn("more than once: r-000002", problems(acked("0", "1", "2"), doubled)[0])
        self.assertEqual(problems(acked("0", "1", "2"), doubled, "at-least-once"), [])
        swapped = [(0, 1), (1, 3), (2, 2)]
        self.assertIn("1 behind a later one", problems(acked("0", "2", "1"), swapped)[0])
        self.assertEqual(problems(acked("0", "2", "1"), swapped, "at-least-once"), [])

    def test_silence_is_no_success(self):
        self.assertIn("never told: r-000003", problems(acked("0", "1"), [(0, 1), (1, 2)])[0])
        self.assertIn("did not end", judge(acked("0", "1", "2"), [(0, 1), (1, 2), (2, 3)], 3, "at-least-once")[1][0])
        self.assertIn("nothing was acknowledged", problems({n: ("unknown", "x") for n in (1, 2, 3)}, [])[0])


if __name__ == "__main__":
    unittest.main()
