//! The quality score: the weighted mean of the parts that are known. orchd/docs/decisions/0011-outcomes.md says why these weights.

use super::signs::{End, Signs};
use super::{Answer, Verdict};

/// One part of the score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    /// Its name in `quality_parts`.
    pub(super) name: &'static str,
    /// 0 to 1.
    pub(super) value: f64,
    /// What it counts.
    pub(super) weight: f64,
}

const COMPLETION: f64 = 1.0;
const TOOLS: f64 = 1.0;
const CHECKS: f64 = 3.0;
const NEXT_PROMPT: f64 = 3.0;
const FEEDBACK: f64 = 8.0;
/// What is left of the tools' part where the last call failed.
const LAST_FAILED: f64 = 0.5;

/// Returns the parts that are known.
pub(super) fn parts(signs: &Signs) -> Vec<Part> {
    let yes = |yes: bool| if yes { 1.0 } else { 0.0 };
    let part = |name, weight, value: Option<f64>| value.map(|value| Part { name, value, weight });
    let tools = (signs.calls > 0).then(|| {
        let share = 1.0 - f64::from(signs.failed_calls.min(signs.calls)) / f64::from(signs.calls);
        if signs.last_call_failed { share * LAST_FAILED } else { share }
    });
    [
        part("completion", COMPLETION, Some(yes(signs.end == End::Completed))),
        part("tools", TOOLS, tools),
        part("checks", CHECKS, signs.check.map(|check| yes(check.passed))),
        part("next_prompt", NEXT_PROMPT, signs.answer.map(|answer| yes(answer == Answer::Approved))),
        part("feedback", FEEDBACK, signs.feedback.map(|verdict| yes(verdict == Verdict::Good))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns their weighted mean, to four places; None where nothing speaks but that it came to its end.
pub(super) fn score(parts: &[Part]) -> Option<f64> {
    let says_something = parts.iter().any(|part| part.name != "completion" || part.value < 1.0);
    let weight: f64 = parts.iter().map(|part| part.weight).sum();
    let sum: f64 = parts.iter().map(|part| part.value * part.weight).sum();
    (says_something && weight > 0.0).then(|| (sum / weight * 1e4).round() / 1e4)
}

/// Returns the parts as they are stored.
pub(super) fn json(parts: &[Part]) -> String {
    let each = |part: &Part| {
        let value = (part.value * 1e4).round() / 1e4;
        (part.name.to_owned(), serde_json::json!({ "value": value, "weight": part.weight }))
    };
    serde_json::Value::Object(parts.iter().map(each).collect()).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::check::Checked;
    use super::super::judge::{Label, label};
    use super::*;

    fn verdict() -> impl Strategy<Value = Option<Verdict>> {
        prop_oneof![Just(None), Just(Some(Verdict::Good)), Just(Some(Verdict::Bad))]
    }

    prop_compose! {
        fn signs()(
            end in prop_oneof![
                Just(End::Completed), Just(End::StopFailure), Just(End::AgentFailed), Just(End::Interrupted), Just(End::Lost), Just(End::Denied),
            ],
            calls in 0..20_u32, failed in 0..20_u32, last in any::<bool>(), denied_calls in 0..3_u32, failed_agents in 0..3_u32,
            check in prop_oneof![Just(None), any::<bool>().prop_map(Some)],
            answer in prop_oneof![Just(None), Just(Some(Answer::Approved)), Just(Some(Answer::Rejected))],
            feedback in verdict(),
        ) -> Signs {
            let failed_calls = failed.min(calls);
            let check = check.map(|passed| Checked { name: "make", passed, exit_code: Some(i64::from(!passed)) });
            Signs { end, calls, failed_calls, last_call_failed: last && failed_calls > 0, denied_calls, failed_agents, check, answer, feedback }
        }
    }

    fn of(signs: &Signs) -> f64 {
        score(&parts(signs)).expect("more than completion")
    }

    proptest! {
        #[test]
        fn a_score_lies_between_0_and_1(signs in signs()) {
            if let Some(score) = score(&parts(&signs)) {
                prop_assert!((0.0..=1.0).contains(&score));
            }
        }

        #[test]
        fn a_score_rises_with_each_part(signs in signs(), name in 0..5_usize, lower in 0.0..=1.0_f64, higher in 0.0..=1.0_f64) {
            let name = ["completion", "tools", "checks", "next_prompt", "feedback"][name];
            let (lower, higher) = (lower.min(higher), lower.max(higher));
            let with = |value: f64| {
                let mut parts = parts(&signs);
                parts.iter_mut().filter(|part| part.name == name).for_each(|part| part.value = value);
                parts.push(Part { name: "tools", value: 0.5, weight: 0.0 });
                score(&parts).expect("a part beside completion")
            };
            prop_assert!(with(lower) <= with(higher));
        }

        #[test]
        fn worse_signs_never_score_higher(signs in signs()) {
            let base = Signs { calls: signs.calls + 1, ..signs };
            let one_more = Signs { failed_calls: base.failed_calls + 1, ..base.clone() };
            prop_assert!(of(&one_more) <= of(&base));
            let last = Signs { failed_calls: base.failed_calls.max(1), last_call_failed: true, ..base.clone() };
            let not_last = Signs { last_call_failed: false, ..last.clone() };
            prop_assert!(of(&last) <= of(&not_last));
        }

        #[test]
        fn no_success_with_a_sign_of_failure_unless_the_user_says_so(signs in signs()) {
            let fails = signs.end != End::Completed || signs.check.is_some_and(|check| !check.passed)
                || signs.answer == Some(Answer::Rejected) || signs.feedback == Some(Verdict::Bad);
            if fails && signs.feedback != Some(Verdict::Good) {
                prop_assert_ne!(label(&signs), Label::Success);
            }
            if signs.feedback.is_some() {
                prop_assert_eq!(label(&signs) == Label::Success, signs.feedback == Some(Verdict::Good));
            }
        }
    }

    #[test]
    fn plain_completion_says_nothing_of_quality() {
        assert_eq!(score(&parts(&Signs::default())), None);
        assert_eq!(score(&parts(&Signs { end: End::Interrupted, ..Signs::default() })), Some(0.0));
        let half = Signs { calls: 4, failed_calls: 2, ..Signs::default() };
        assert_eq!(score(&parts(&half)), Some(0.75));
        assert_eq!(json(&parts(&Signs::default())), r#"{"completion":{"value":1.0,"weight":1.0}}"#);
    }
}
