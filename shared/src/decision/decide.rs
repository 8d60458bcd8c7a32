//! The decision: first what the user laid down, then the heads' word against the threshold, then whether the local model could.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::estimate::{self, Tokens, Worth};
use super::settings::{Algorithm, Settings};
use super::{Reason, Route, Task};
use crate::classify::exact::sigmoid;
use crate::classify::{Classification, Features, Weights, keyword};
use crate::snapshot::LocalModel;

/// The state of a local model that nobody told of: no daemon runs, or it is stuck.
pub const NOT_KNOWN: &str = "unknown";

/// Log odds of being as good that the tasks have which the heads were fitted to: 0.430 to 0.930 as probabilities. Text beyond is of another
/// kind (a wall of one letter, say), and gets no surer a word than they do.
const KNOWN_LOGITS: RangeInclusive<f64> = -0.28..=2.59;

/// What was decided about a task, and why. Serialised it is part of an event's header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Where it should run.
    pub route: Route,
    /// How likely the route is the right one, calibrated: `as_good` for local, the rest of it for Claude. None by the keyword rule,
    /// which has no probabilities.
    pub confidence: Option<f64>,
    /// How likely the local model's answer is as good as Claude's, calibrated.
    pub as_good: f64,
    /// The log odds of that before the user's own outcomes were fitted: what the next fit starts from.
    pub as_good_logit: f64,
    /// Whether `as_good` was fitted to outcomes of this local model. Else it holds for the models of the rows that the heads were fitted to.
    pub is_calibrated: bool,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
    /// The weights and the fit; `keyword` for the keyword rule.
    pub router_version: String,
    /// small, medium or large.
    pub change_size: String,
    /// How likely it is a small change, calibrated.
    pub small: f64,
    /// How likely it is less than a large one, calibrated.
    pub not_large: f64,
    /// The kind of work.
    pub task_type: String,
    /// How likely that is it, calibrated.
    pub task_type_confidence: f64,
    /// The subagent it is for.
    pub agent: String,
    /// How likely that is it, calibrated.
    pub agent_confidence: f64,
    /// How many tokens it will probably take.
    pub estimated_tokens: Tokens,
    /// What the local model would save; None where no prices are known.
    pub expected_saving_usd: Option<f64>,
    /// What it would lose; None likewise.
    pub expected_loss_usd: Option<f64>,
    /// How the local model was.
    pub local_model_state: String,
    /// Which it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_model: Option<String>,
}

/// Decides about a task. Without `local` nobody knows how the local model is, and Claude does it.
#[must_use]
pub fn decide(task: &Task<'_>, settings: &Settings, local: Option<&LocalModel>) -> Decision {
    let weights = Weights::embedded();
    let said = Classification::of(&Features::of(task.text), &weights);
    let version = router_version();
    let fit = settings.fit.as_ref().filter(|fit| fit.weights == version);
    let logit = said.as_good.logit.clamp(*KNOWN_LOGITS.start(), *KNOWN_LOGITS.end());
    let as_good = sigmoid(fit.map_or(logit, |fit| fit.apply(logit, task.project)));
    let tokens = estimate::tokens(task.text, said.change_size());
    let worth = settings.money.map(|money| money.worth(tokens, as_good));
    let mut reasons = Vec::new();
    let wish = wished(task, settings, as_good, worth, &mut reasons);
    let route = match wish {
        // What must stay on this machine does not leave it because the local model is away.
        Wish::Must(route) => route,
        Wish::May(Route::Local) => allowed(task, local, &mut reasons),
        Wish::May(Route::Claude) => Route::Claude,
    };
    if settings.algorithm == Algorithm::Learned && fit.is_none() {
        reasons.push(Reason::new(
            "not_calibrated",
            "not yet calibrated for this local model: it rests on other models' outcomes",
        ));
    }
    let is_learned = settings.algorithm == Algorithm::Learned;
    if is_learned && !KNOWN_LOGITS.contains(&said.as_good.logit) {
        reasons.push(Reason::new(
            "unlike_known",
            "unlike the tasks that the heads were fitted to: no more is claimed than for those",
        ));
    }
    Decision {
        route,
        confidence: is_learned.then_some(short(if route == Route::Local { as_good } else { 1.0 - as_good })),
        as_good: short(as_good),
        as_good_logit: short(logit),
        is_calibrated: fit.is_some(),
        reasons,
        router_version: match (settings.algorithm, fit) {
            (Algorithm::Keyword, _) => "keyword".to_owned(),
            (Algorithm::Learned, Some(fit)) => format!("{version}+{}", fit.id),
            (Algorithm::Learned, None) => version,
        },
        change_size: said.change_size().name().to_owned(),
        small: short(said.small.probability),
        not_large: short(said.not_large.probability),
        task_type: said.task_type.value.name().to_owned(),
        task_type_confidence: short(said.task_type.confidence),
        agent: agent(task, settings, &said).to_owned(),
        agent_confidence: short(said.agent.confidence),
        estimated_tokens: tokens,
        expected_saving_usd: worth.map(|worth| short(worth.expected_saving_usd)),
        expected_loss_usd: worth.map(|worth| short(worth.expected_loss_usd)),
        local_model_state: local.map_or(NOT_KNOWN, |local| &local.state).to_owned(),
        local_model: local.and_then(|local| local.model.clone()),
    }
}

/// Returns a number to six places: more are noise, and few places come back from JSON as they were.
fn short(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// Returns the version of the weights in this build.
#[must_use]
pub fn router_version() -> String {
    format!("{:08x}", Weights::embedded().checksum())
}

fn agent(task: &Task<'_>, settings: &Settings, said: &Classification) -> &'static str {
    let by_phrase = (settings.algorithm == Algorithm::Keyword).then(|| keyword::agent(task.text)).flatten();
    by_phrase.unwrap_or(said.agent.value).name()
}

/// Where a task is to go if it can.
enum Wish {
    /// Whatever the state of the local model.
    Must(Route),
    /// As far as the local model can.
    May(Route),
}

fn wished(task: &Task<'_>, settings: &Settings, as_good: f64, worth: Option<Worth>, reasons: &mut Vec<Reason>) -> Wish {
    let mut say = |code, text: String| reasons.push(Reason::new(code, text));
    if let Some(path) = settings.sensitive_paths.iter().find(|path| path.holds(task, settings.home.as_deref())) {
        say("sensitive_path", format!("the path {} stays {}", path.path, place(path.route)));
        return Wish::Must(path.route);
    }
    if let Some(rule) = settings.rules.iter().find(|rule| rule.holds(task)) {
        say("rule", format!("your rule ({}): always {}", rule.words(), rule.route.as_str()));
        return Wish::May(rule.route);
    }
    if settings.algorithm == Algorithm::Keyword {
        let score = keyword::score(task.text);
        say("keyword_score", format!("the keyword rule counts {score:+}; above 0 is local"));
        return Wish::May(if score > 0 { Route::Local } else { Route::Claude });
    }
    let percent = |part: f64| part * 100.0;
    let chance = format!("as good as Claude's in {:.1} % of such tasks", percent(as_good));
    if as_good < settings.min_confidence {
        say("below_min_confidence", format!("{chance}; you ask for {:.1} %", percent(settings.min_confidence)));
        return Wish::May(Route::Claude);
    }
    if as_good < settings.threshold {
        say("below_threshold", format!("{chance}; tasks go local from {:.1} % on", percent(settings.threshold)));
        return Wish::May(Route::Claude);
    }
    if worth.is_some_and(|worth| worth.expected_saving_usd <= worth.expected_loss_usd) {
        say("not_worth_it", format!("{chance}, but doing it again would cost more than it saves"));
        return Wish::May(Route::Claude);
    }
    say("above_threshold", chance);
    Wish::May(Route::Local)
}

fn place(route: Route) -> &'static str {
    match route {
        Route::Local => "on this machine",
        Route::Claude => "with Claude",
    }
}

/// Returns local if the local model can, else Claude with why it cannot.
fn allowed(task: &Task<'_>, local: Option<&LocalModel>, reasons: &mut Vec<Reason>) -> Route {
    let mut refuse = |code, text: String| {
        reasons.insert(0, Reason::new(code, text));
        Route::Claude
    };
    let Some(local) = local else {
        return refuse("local_model_unknown", "nobody tells how the local model is: orchd does not run".to_owned());
    };
    if !local.available {
        return refuse("local_model_not_available", format!("the local model is {}", local.state.replace('_', " ")));
    }
    let own = estimate::own_tokens(task.text);
    match local.context_tokens.filter(|context| own > *context) {
        Some(context) => refuse("too_long", format!("about {own} tokens; the loaded context holds {context}")),
        None => Route::Local,
    }
}
