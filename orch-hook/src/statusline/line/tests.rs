//! The line over recorded payloads, and over figures of every kind.

use shared::plan_limits::PlanLimits;
use shared::status_line::{Figures, Spent};

use super::*;

/// 2026-11-22T09:10:00Z.
const NOW: Micros = 1_795_338_600_000_000;
const MINUTE: Micros = 60_000_000;
const PLAIN: Look = Look { colours: false, columns: 100 };
const RECORDED: &str = "89372dd0-80f1-44c7-a4aa-ded306e264d9";

fn usd(cost_nano_usd: i64, unknown_cost_requests: i64) -> Spent {
    Spent { cost_nano_usd, unknown_cost_requests }
}

fn figures() -> Figures {
    Figures {
        written_at: NOW - 5_000_000,
        today: usd(8_904_000_000, 0),
        day_ends_at: NOW + 60 * MINUTE,
        sessions: vec![(RECORDED.into(), usd(1_240_000_000, 0))],
        ..Figures::default()
    }
}

fn plan() -> PlanLimits {
    let window = |used_basis_points, left| {
        let resets_at = Some(NOW + left * MINUTE);
        Some(LimitWindow { used_basis_points, resets_at })
    };
    PlanLimits { five_hour: window(4_240, 72), seven_day: window(8_100, 76 * 60) }
}

fn seen(limits: PlanLimits) -> Seen {
    Seen { session_id: Some(RECORDED.into()), cost_nano_usd: Some(86_104_000), limits }
}

fn shown(seen: &Seen, figures: &Figures, look: Look) -> String {
    let bytes = figures.encode();
    line(seen, FiguresFile::decode(&bytes).as_ref(), NOW, look)
}

#[test]
fn recorded_payloads_give_these_lines() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/statusline");
    let mut files: Vec<_> =
        std::fs::read_dir(fixtures).expect("fixtures").flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    let bytes = figures().encode();
    let mut lines = Vec::new();
    for file in files {
        let seen = Seen::of(&std::fs::read(&file).expect("a fixture"));
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        lines.push(format!("{name}: {}", line(&seen, FiguresFile::decode(&bytes).as_ref(), NOW, PLAIN)));
        lines.push(format!("{name}, no daemon: {}", line(&seen, None, NOW, PLAIN)));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn limits_come_first_and_say_what_costs_are() {
    let line = shown(&seen(plan()), &figures(), PLAIN);
    assert_eq!(line, "5h 42% (1h12m) | 7d 81% (3d4h) | API-eq. session $1.24 | today $8.90");
    let none = Seen { limits: plan(), ..Seen::default() };
    assert_eq!(shown(&none, &figures(), PLAIN), "5h 42% (1h12m) | 7d 81% (3d4h) | API-eq. today $8.90");
}

#[test]
fn what_only_later_daemons_know_is_shown_once_they_do() {
    let figures = Figures {
        saved_nano_usd: Some(310_000_000),
        local_model: Some("deepseek-r1 ready".into()),
        warning: Some("80% of today's budget".into()),
        ..figures()
    };
    assert_eq!(
        shown(&seen(PlanLimits::default()), &figures, PLAIN),
        "80% of today's budget | session $1.24 | today $8.90 | saved $0.31 | local deepseek-r1 ready"
    );
}

#[test]
fn unknown_costs_are_shown_as_unknown() {
    let sessions = |cost| vec![(RECORDED.to_owned(), cost)];
    let figures = Figures { today: usd(1_200_000_000, 3), sessions: sessions(usd(0, 3)), ..figures() };
    assert_eq!(shown(&seen(PlanLimits::default()), &figures, PLAIN), "session $? | today $1.20+?");
    let nothing = Seen { session_id: None, cost_nano_usd: None, limits: PlanLimits::default() };
    assert_eq!(line(&nothing, None, NOW, PLAIN), "orchd off");
}

#[test]
fn old_figures_are_left_out() {
    let seen = seen(PlanLimits::default());
    for (figures, expected) in [
        (Figures { written_at: NOW - MINUTE, ..figures() }, "session $1.24 | today $8.90"),
        (Figures { written_at: NOW - MINUTE - 1, ..figures() }, "session $0.09 | orchd off"),
        (Figures { written_at: NOW + 2 * MINUTE, ..figures() }, "session $0.09 | orchd off"),
        (Figures { day_ends_at: NOW, ..figures() }, "session $1.24"),
        (Figures { sessions: Vec::new(), ..figures() }, "session $0.09 | today $8.90"),
    ] {
        assert_eq!(shown(&seen, &figures, PLAIN), expected);
    }
}

#[test]
fn a_limit_that_started_anew_is_not_known() {
    let over = |resets_at| Some(LimitWindow { used_basis_points: 9_900, resets_at });
    let limits = PlanLimits { five_hour: over(Some(NOW)), seven_day: over(None) };
    assert_eq!(line(&seen(limits), None, NOW, PLAIN), "7d 99% | API-eq. session $0.09 | orchd off");
}

#[test]
fn spans_are_short() {
    for (left, text) in [
        (1, "1m"),
        (59 * MINUTE, "59m"),
        (60 * MINUTE, "1h00m"),
        (24 * 60 * MINUTE - 1, "1d0h"),
        (76 * 60 * MINUTE, "3d4h"),
    ] {
        assert_eq!(span(left), text, "{left}");
    }
    assert!(span(Micros::MAX).ends_with('h'));
}

#[test]
fn colours_are_few_and_can_be_turned_off() {
    let coloured = shown(&seen(plan()), &figures(), Look { colours: true, ..PLAIN });
    assert!(coloured.contains("\x1b[33m7d 81% (3d4h)\x1b[0m") && coloured.starts_with("5h 42%"), "{coloured:?}");
    let full =
        PlanLimits { five_hour: Some(LimitWindow { used_basis_points: 9_500, resets_at: None }), seven_day: None };
    assert!(line(&seen(full), None, NOW, Look { colours: true, ..PLAIN }).starts_with("\x1b[31m5h 95%\x1b[0m"));
    assert!(!shown(&seen(plan()), &figures(), PLAIN).contains('\x1b'));
}

#[test]
fn a_narrow_terminal_keeps_what_matters() {
    for (columns, expected) in [
        (60, "5h 42% (1h12m) | 7d 81% (3d4h) | API-eq. session $1.24"),
        (40, "5h 42% (1h12m) | 7d 81% (3d4h)"),
        (20, "5h 42% (1h12m)"),
        (1, "5h 42% (1h12m)"),
    ] {
        let line = shown(&seen(plan()), &figures(), Look { columns, ..PLAIN });
        assert_eq!(line, expected, "{columns}");
    }
}

#[test]
fn texts_of_the_file_cannot_steer_the_terminal() {
    let warning = Some("\x1b]0;x\x07\u{202e}\u{9b}2J\n\u{200b}é".to_owned());
    let line = shown(&seen(PlanLimits::default()), &Figures { warning, ..figures() }, PLAIN);
    assert!(line.starts_with("?]0;x???2J??é | session"), "{line:?}");
    let warning = Some("字".repeat(400));
    let line = shown(&seen(PlanLimits::default()), &Figures { warning, ..figures() }, PLAIN);
    assert!(width(&line) <= 100, "{line}");
}
