//! The small file of figures that the daemon keeps for the status line ([`crate::sealed`]).

use serde_json::{Map, Value, json};

use crate::event::Micros;
use crate::payload::Scan;
use crate::sealed::{self, MAX_BYTES};

const SCHEMA: i64 = 1;
/// Longest text that is kept, in characters.
const MAX_TEXT: usize = 120;

/// What requests cost at list prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Of the requests whose price is known, nano-dollars.
    pub cost_nano_usd: i64,
    /// Requests beside these whose price nobody knows.
    pub unknown_cost_requests: i64,
}

/// What the daemon knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// When the file is written.
    pub written_at: Micros,
    /// All sessions, the day so far in the configured zone.
    pub today: Spent,
    /// When that day ends.
    pub day_ends_at: Micros,
    /// The recently active sessions, newest first; the last of them are left out where they do not fit.
    pub sessions: Vec<(String, Spent)>,
    /// What the local model saved today, nano-dollars; None until that is known.
    pub saved_nano_usd: Option<i64>,
    /// The local model and how it is; None until that is known.
    pub local_model: Option<String>,
    /// What the user is to be warned of about a budget.
    pub warning: Option<String>,
}

impl Figures {
    /// Returns the file's bytes, at most [`MAX_BYTES`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut kept = self.sessions.len();
        loop {
            let bytes = self.with_sessions(kept);
            if bytes.len() <= MAX_BYTES || kept == 0 {
                return bytes;
            }
            kept -= 1;
        }
    }

    fn with_sessions(&self, kept: usize) -> Vec<u8> {
        let spent = |spent: &Spent| {
            json!({
                "cost_nano_usd": spent.cost_nano_usd,
                "unknown_cost_requests": spent.unknown_cost_requests,
            })
        };
        let sessions: Map<String, Value> =
            self.sessions[..kept].iter().map(|(id, cost)| (id.clone(), spent(cost))).collect();
        let mut figures = json!({
            "schema": SCHEMA,
            "written_at": self.written_at,
            "today": spent(&self.today),
            "day_ends_at": self.day_ends_at,
            "sessions": sessions,
        });
        if let Some(saved) = self.saved_nano_usd {
            figures["saved_nano_usd"] = saved.into();
        }
        for (name, text) in [("local_model", &self.local_model), ("warning", &self.warning)] {
            if let Some(text) = text {
                figures[name] = text.chars().take(MAX_TEXT).collect::<String>().into();
            }
        }
        sealed::seal(&figures.to_string())
    }
}

/// The file as the status line reads it.
#[derive(Debug, Clone)]
pub struct FiguresFile<'a>(Scan<'a>);

impl<'a> FiguresFile<'a> {
    /// Returns the file if it is whole and of a schema known here.
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        sealed::open(bytes, SCHEMA).map(Self)
    }

    /// Whether a running daemon wrote it just now. A clock that was set back makes it stale, not young for ever.
    #[must_use]
    pub fn is_fresh(&self, now_at: Micros) -> bool {
        sealed::is_fresh(&self.0, now_at)
    }

    /// Returns the day so far, unless that day is over.
    #[must_use]
    pub fn today(&self, now_at: Micros) -> Option<Spent> {
        self.0.number("day_ends_at").filter(|&end| now_at < end)?;
        spent(&self.0.nested("today")?)
    }

    /// Returns a session's cost, if it is among the recently active.
    #[must_use]
    pub fn session(&self, id: &str) -> Option<Spent> {
        spent(&self.0.nested("sessions")?.nested(id)?)
    }

    /// Returns what the local model saved today.
    #[must_use]
    pub fn saved_nano_usd(&self) -> Option<i64> {
        self.0.number("saved_nano_usd")
    }

    /// Returns the local model and how it is.
    #[must_use]
    pub fn local_model(&self) -> Option<String> {
        self.0.text("local_model").map(std::borrow::Cow::into_owned)
    }

    /// Returns what to warn of.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.0.text("warning").map(std::borrow::Cow::into_owned)
    }
}

fn spent(scan: &Scan<'_>) -> Option<Spent> {
    let cost_nano_usd = scan.number("cost_nano_usd").filter(|&cost| cost >= 0)?;
    let unknown_cost_requests = scan.number("unknown_cost_requests").filter(|&count| count >= 0)?;
    Some(Spent { cost_nano_usd, unknown_cost_requests })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::STALE_AFTER;

    const NOW: Micros = 1_795_338_600_000_000;

    fn figures() -> Figures {
        let cost = |cost_nano_usd, unknown_cost_requests| Spent { cost_nano_usd, unknown_cost_requests };
        Figures {
            written_at: NOW,
            today: cost(8_900_000_000, 2),
            day_ends_at: NOW + 1_000_000,
            sessions: vec![("s-1".into(), cost(1, 0)), ("../\"odd\"\u{e9}".into(), cost(0, 3))],
            saved_nano_usd: Some(5),
            local_model: Some("deepseek-r1 ready".into()),
            warning: Some("80 % of \"day\"".into()),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let (figures, bytes) = (figures(), figures().encode());
        let file = FiguresFile::decode(&bytes).expect("whole");
        assert_eq!(file.today(NOW), Some(figures.today));
        for (id, cost) in &figures.sessions {
            assert_eq!(file.session(id), Some(*cost), "{id}");
        }
        assert_eq!(file.session("s-2"), None);
        assert_eq!((file.saved_nano_usd(), file.local_model()), (figures.saved_nano_usd, figures.local_model));
        assert_eq!(file.warning(), figures.warning);
    }

    #[test]
    fn what_is_not_known_is_absent_and_not_0() {
        let bytes = Figures { saved_nano_usd: None, local_model: None, warning: None, ..figures() }.encode();
        let file = FiguresFile::decode(&bytes).expect("whole");
        assert_eq!((file.saved_nano_usd(), file.local_model(), file.warning()), (None, None, None));
    }

    #[test]
    fn half_a_file_a_changed_one_and_a_foreign_one_are_none() {
        let bytes = figures().encode();
        for end in 0..bytes.len() {
            assert!(FiguresFile::decode(&bytes[..end]).is_none(), "{end} bytes");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x11;
            assert!(FiguresFile::decode(&changed).is_none(), "byte {at}");
        }
        let later = r#"{"schema":2,"written_at":1}"#;
        let later = sealed::seal(later);
        for foreign in ["".as_bytes(), b"00000000\n", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}".as_bytes(), &later] {
            assert!(FiguresFile::decode(foreign).is_none(), "{foreign:?}");
        }
    }

    #[test]
    fn age_and_the_end_of_the_day_take_figures_away() {
        let bytes = figures().encode();
        let file = FiguresFile::decode(&bytes).expect("whole");
        for (later, fresh) in [(0, true), (STALE_AFTER, true), (STALE_AFTER + 1, false), (-STALE_AFTER - 1, false)] {
            assert_eq!(file.is_fresh(NOW + later), fresh, "{later}");
        }
        assert!(!file.is_fresh(Micros::MIN) && !file.is_fresh(Micros::MAX));
        assert_eq!(file.today(NOW + 1_000_000), None);
    }

    #[test]
    fn it_stays_small_and_keeps_the_newest() {
        let sessions = (0..200).map(|n| (format!("{n:036}"), Spent { cost_nano_usd: i64::MAX, ..Spent::default() }));
        let long = Some("\u{1}".repeat(500));
        for (local_model, warning) in [(None, None), (long.clone(), long)] {
            let bytes =
                Figures { sessions: sessions.clone().collect(), local_model, warning, ..Figures::default() }.encode();
            assert!(bytes.len() <= MAX_BYTES, "{}", bytes.len());
            let file = FiguresFile::decode(&bytes).expect("whole");
            assert!(file.session(&format!("{:036}", 0)).is_some() && file.session(&format!("{:036}", 199)).is_none());
        }
    }
}
