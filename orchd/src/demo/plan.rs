//! Which sessions there were, and how the live ones go on.

use std::collections::VecDeque;

use shared::event::Micros;

use super::project::{MODELS, PROJECTS};
use super::random::Random;
use super::turn::{Speaker, moments};
use super::{Moment, SECOND};

const HOUR: Micros = 3600 * SECOND;
const DAY: Micros = 24 * HOUR;

/// How far back the sessions reach.
const PAST_DAYS: i64 = 21;

/// What past sessions are made of; the more often a turn stands here, the more often it is taken.
const PAST_TURNS: [&str; 14] = [
    "fix",
    "read",
    "read",
    "read",
    "quick",
    "quick",
    "quick",
    "parallel",
    "agents",
    "agents",
    "agents",
    "background",
    "ask",
    "denied",
];

/// Turns of a working live session, each with some motion in it.
const LIVE_TURNS: [&str; 4] = ["fix", "parallel", "agents", "quick"];

/// Returns the events of `sessions` past sessions, oldest first: spread evenly over three weeks.
pub(crate) fn past(seed: u64, sessions: u32, now: Micros) -> Vec<Moment> {
    let count = i64::from(sessions);
    let mut all: Vec<_> = (0..count).flat_map(|number| session(seed, number, count, now)).collect();
    all.sort_by_key(|moment| moment.occurred_at);
    all
}

fn session(seed: u64, number: i64, count: i64, now: Micros) -> Vec<Moment> {
    let mut random = Random::new(seed, u64::try_from(number).unwrap_or_default());
    let speaker = new_speaker(&mut random);
    let age = PAST_DAYS * DAY / count * number;
    let mut at = now - age - random.between(1, 5) * HOUR;
    let mut all = moments("start", &speaker, at, &mut random);
    let turns = random.between(2, 7);
    for turn in 0..turns {
        at += random.between(15, 400) * SECOND;
        let name = if turn == 3 && number % 5 == 0 { "compact" } else { *random.pick(&PAST_TURNS) };
        all.extend(moments(name, &speaker, at, &mut random));
        at = all.last().map_or(at, |moment| moment.occurred_at);
    }
    // Some clients are killed: their sessions never say that they ended.
    if number % 11 != 7 {
        all.extend(moments("end", &speaker, at + random.between(5, 90) * SECOND, &mut random));
    }
    // Nothing of the past reaches into the live feed.
    let overrun = all.last().map_or(0, |last| last.occurred_at - (now - 20 * 60 * SECOND)).max(0);
    for moment in &mut all {
        moment.occurred_at -= overrun;
    }
    all
}

fn new_speaker(random: &mut Random) -> Speaker {
    let (project, model) = (random.pick(&PROJECTS), random.pick(&MODELS));
    Speaker { session_id: random.uuid(), project, model }
}

/// What a live session shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// One turn after the other.
    Working,
    /// Asks for permission, over and over.
    Asking,
    /// Has an agent in the background most of the time.
    Delegating,
    /// Answers a question now and then.
    Resting,
}

/// The sessions that go on while the demo runs.
#[derive(Debug)]
pub(crate) struct Live {
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    part: Part,
    random: Random,
    speaker: Speaker,
    turns_left: i64,
    next: VecDeque<Moment>,
}

impl Live {
    /// Returns live sessions that began a while before `now` and are in the middle of something.
    pub(crate) fn new(seed: u64, now: Micros) -> Self {
        let parts = [Part::Working, Part::Asking, Part::Delegating, Part::Resting];
        let slots = (1_u64 << 32..).zip(parts).zip(&PROJECTS).map(|((stream, part), project)| {
            let mut random = Random::new(seed, stream);
            // Each in a project of its own, so that the page shows some variety at once.
            let speaker = Speaker { project, ..new_speaker(&mut random) };
            Slot::new(part, speaker, random, now)
        });
        Self { slots: slots.collect() }
    }

    /// Returns when the next event is due.
    pub(crate) fn next_at(&self) -> Option<Micros> {
        self.slots.iter().filter_map(|slot| slot.next.front()).map(|moment| moment.occurred_at).min()
    }

    /// Takes the events that are due at `now`, oldest first, and plans on.
    pub(crate) fn take_due(&mut self, now: Micros) -> Vec<Moment> {
        let mut due: Vec<_> = self.slots.iter_mut().flat_map(|slot| slot.take_due(now)).collect();
        due.sort_by_key(|moment| moment.occurred_at);
        due
    }
}

impl Slot {
    fn new(part: Part, speaker: Speaker, random: Random, now: Micros) -> Self {
        let mut slot = Self { part, random, speaker, turns_left: 6, next: VecDeque::new() };
        let begun = now - slot.random.between(8, 16) * 60 * SECOND;
        slot.add("start", begun);
        slot.add("quick", begun + 20 * SECOND);
        // The turn now under way stands at its most telling place.
        let turn = moments(slot.turn(), &slot.speaker.clone(), 0, &mut slot.random);
        let name = |moment: &Moment| moment.payload["hook_event_name"].as_str().unwrap_or_default().to_owned();
        let place = match part {
            Part::Working => turn.first(),
            Part::Asking => turn.iter().find(|moment| name(moment) == "Notification"),
            Part::Delegating => turn.iter().find(|moment| name(moment) == "Stop"),
            Part::Resting => turn.last(),
        };
        let shift = now - 2 * SECOND - place.map_or(0, |moment| moment.occurred_at);
        slot.next.extend(turn.into_iter().map(|moment| Moment { occurred_at: moment.occurred_at + shift, ..moment }));
        slot
    }

    fn turn(&mut self) -> &'static str {
        match self.part {
            Part::Working => self.random.pick::<&'static str>(&LIVE_TURNS),
            Part::Asking => "ask",
            Part::Delegating => "background",
            Part::Resting => "read",
        }
    }

    fn add(&mut self, name: &str, at: Micros) {
        let added = moments(name, &self.speaker.clone(), at, &mut self.random);
        self.next.extend(added);
    }

    fn take_due(&mut self, now: Micros) -> Vec<Moment> {
        let count = self.next.iter().take_while(|moment| moment.occurred_at <= now).count();
        let due: Vec<_> = self.next.drain(..count).collect();
        if self.next.is_empty() {
            self.go_on(due.last().map_or(now, |moment| moment.occurred_at).max(now));
        }
        due
    }

    /// Plans the next turn; after some, this session ends and another begins.
    fn go_on(&mut self, now: Micros) {
        let rest = if self.part == Part::Resting { 120 } else { 12 };
        let at = now + self.random.between(rest / 4, rest) * SECOND;
        if self.turns_left > 0 {
            self.turns_left -= 1;
            let turn = self.turn();
            self.add(turn, at);
            return;
        }
        self.add("end", at);
        self.speaker = new_speaker(&mut self.random);
        self.turns_left = self.random.between(3, 8);
        self.add("start", at + 8 * SECOND);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NOW: Micros = 1_800_000_000 * SECOND;

    fn sessions(moments: &[Moment]) -> BTreeSet<String> {
        moments.iter().map(|moment| moment.payload["session_id"].to_string()).collect()
    }

    #[test]
    fn the_past_is_spread_over_three_weeks_and_is_over() {
        for seed in 0..5 {
            let all = past(seed, 25, NOW);
            assert_eq!(sessions(&all).len(), 25);
            assert!(all.is_sorted_by_key(|moment| moment.occurred_at));
            assert!(all.last().is_some_and(|last| last.occurred_at <= NOW - 20 * 60 * SECOND));
            assert!(all[0].occurred_at < NOW - 20 * DAY && all[0].occurred_at > NOW - 23 * DAY);
            let days: BTreeSet<_> = all.iter().map(|moment| (NOW - moment.occurred_at) / DAY).collect();
            assert!(days.contains(&0) && days.len() > 10, "{days:?}");
        }
        assert_eq!(past(4, 25, NOW), past(4, 25, NOW));
        assert_eq!(past(1, 0, NOW), []);
    }

    #[test]
    fn calls_of_different_turns_have_different_ids() {
        let all = past(1, 60, NOW);
        let begun = all.iter().filter(|moment| moment.payload["hook_event_name"] == "PreToolUse");
        let ids: Vec<_> = begun.map(|moment| moment.payload["tool_use_id"].to_string()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    }

    #[test]
    fn live_sessions_are_under_way_at_once_and_never_run_dry() {
        let mut live = Live::new(1, NOW);
        let begun = live.take_due(NOW);
        assert_eq!(sessions(&begun).len(), 4);
        assert!(begun.iter().all(|moment| moment.occurred_at <= NOW));
        assert!(begun.iter().any(|moment| moment.payload["hook_event_name"] == "Notification"));
        let (mut clock, mut seen) = (NOW, begun);
        while clock < NOW + 4 * HOUR {
            clock = live.next_at().expect("there is always a next event").max(clock);
            let due = live.take_due(clock);
            assert!(!due.is_empty(), "an event was due");
            seen.extend(due);
        }
        assert!(sessions(&seen).len() > 8, "ended sessions are followed by others");
    }
}
